#include "core/kernels/elementary.hpp"

namespace hone {
namespace HONE_LEAF_NS {
namespace {

float largest(const float* z, std::size_t n) {
  float best = z[0];
  for (std::size_t i = 1; i < n; ++i) best = z[i] > best ? z[i] : best;
  return best;
}

// The sum of e = exp(z - peak) by lanes. Writes e[i] too, unless null; e may be z.
float sum_of_exp(float* e, const float* z, std::size_t n, float peak) {
  float lane[kLanes] = {};
  for (std::size_t i = 0; i < n; ++i) {
    const float power = exp_floored(z[i] - peak);
    lane[i % kLanes] += power;
    if (e) e[i] = power;
  }
  return sum_lanes(lane);
}

}  // namespace

void softmax(float* p, const float* z, std::size_t classes) {
  if (classes == 0) return;
  const float sum = sum_of_exp(p, z, classes, largest(z, classes));
  for (std::size_t i = 0; i < classes; ++i) p[i] = store_floor(p[i] / sum);
}

float cross_entropy(float* z, std::size_t classes, std::uint32_t label, float inv, bool train) {
  const float peak = largest(z, classes);
  const float of_label = z[label] - peak;
  const float sum = sum_of_exp(train ? z : nullptr, z, classes, peak);
  for (std::size_t i = 0; train && i < classes; ++i)
    z[i] = store_floor((z[i] / sum - (i == label ? 1.0f : 0.0f)) * inv);
  return log_positive(sum) - of_label;
}

float squared_error(float* y, const float* t, std::size_t n, float inv, bool train) {
  float lane[kLanes] = {};
  for (std::size_t i = 0; i < n; ++i) {
    const float difference = y[i] - t[i];
    float& sum = lane[i % kLanes];
    sum = fma(difference, difference, sum);
    if (train) y[i] = store_floor(2.0f * difference * inv);
  }
  return sum_lanes(lane);
}

std::uint32_t any_not_finite(const float* x, std::size_t n) {
  std::uint32_t any = 0;
  for (std::size_t i = 0; i < n; ++i) any |= is_not_finite(x[i]) ? 1u : 0u;
  return any;
}

std::uint32_t floor_all(float* x, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) x[i] = store_floor(x[i]);
  return any_not_finite(x, n);
}

}  // namespace HONE_LEAF_NS
}  // namespace hone
