#include "chain.hpp"

namespace hone {
namespace HONE_LEAF_NS {

float activated(float chain, Activation act, float slope) {
  if (act == Activation::none) return chain;
  if (act == Activation::relu6 && !(chain < 6.0f)) return chain > 0.0f ? 6.0f : 0.0f;
  if (chain > 0.0f) return chain;
  return act == Activation::leaky_relu ? store_floor(slope * chain) : 0.0f;
}

float finished(float d, float y, Activation act, float slope) {
  d = store_floor(d);
  if (act == Activation::none) return d;
  if (y > 0.0f) return act == Activation::relu6 && !(y < 6.0f) ? 0.0f : d;
  return act == Activation::leaky_relu ? store_floor(slope * d) : 0.0f;
}

float start_chain(const float* w, const float* sum, const Update& update) {
  if (!update.first) return *sum;
  return update.momentum ? fma(update.pull, *w, update.mu * *sum) : 0.0f;
}

std::uint32_t end_chain(float chain, float* w, float* sum, const Update& update) {
  if (!update.last) {
    *sum = chain;
    return 0;
  }
  if (update.momentum) *sum = chain = store_floor(chain);
  *w = store_floor(fma(-update.lr, chain, fma(-update.shrink, *w, *w)));
  return is_not_finite(*w) ? 1u : 0u;
}

void activate(float* y, const float* x, std::size_t n, Activation act, float slope) {
  for (std::size_t i = 0; i < n; ++i) y[i] = activated(x[i], act, slope);
}

void finish_gradient(float* d, const float* y, std::size_t n, Activation act, float slope) {
  for (std::size_t i = 0; i < n; ++i) d[i] = finished(d[i], y ? y[i] : 0.0f, act, slope);
}

}  // namespace HONE_LEAF_NS
}  // namespace hone
