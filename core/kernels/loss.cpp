#include "elementary.hpp"

namespace hone {
namespace HONE_LEAF_NS {
namespace {

constexpr std::size_t kSumLanes = kLanes;

float largest(const float* z, std::size_t n) {
  float best = z[0];
  for (std::size_t i = 1; i < n; ++i) best = z[i] > best ? z[i] : best;
  return best;
}

// The sum of e = exp(z - peak) by lanes. Writes e[i] too, unless null; e may be z.
float sum_of_exp(float* e, const float* z, std::size_t n, float peak) {
  float lane[kSumLanes] = {};
  for (std::size_t i = 0; i < n; i += kSumLanes) {
    const std::size_t count = n - i < kSumLanes ? n - i : kSumLanes;
    float block[kSumLanes];
    if (count == kSumLanes) {
      for (std::size_t j = 0; j < kSumLanes; ++j) block[j] = exp_floored(z[i + j] - peak);
      for (std::size_t j = 0; j < kSumLanes; ++j) lane[j] += block[j];
    } else {
      for (std::size_t j = 0; j < count; ++j) block[j] = exp_floored(z[i + j] - peak);
      for (std::size_t j = 0; j < count; ++j) lane[j] += block[j];
    }
    if (e) std::memcpy(e + i, block, count * sizeof(float));
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
  if (train) {
    for (std::size_t i = 0; i < classes; ++i) {
      const float target = i == label ? 1.0f : 0.0f;
      z[i] = store_floor((z[i] / sum - target) * inv);
    }
  }
  return log_positive(sum) - of_label;
}

float squared_error(float* y, const float* t, std::size_t n, float inv, bool train) {
  float lane[kSumLanes] = {};
  for (std::size_t i = 0; i < n; i += kSumLanes) {
    const std::size_t count = n - i < kSumLanes ? n - i : kSumLanes;
    for (std::size_t j = 0; j < count; ++j) {
      const float difference = y[i + j] - t[i + j];
      lane[j] = fma(difference, difference, lane[j]);
      if (train) y[i + j] = store_floor(2.0f * difference * inv);
    }
  }
  return sum_lanes(lane);
}

}  // namespace HONE_LEAF_NS
}  // namespace hone
