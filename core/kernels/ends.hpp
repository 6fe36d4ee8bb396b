#pragma once
#include "leaves.hpp"

// The two ends of a pass over stored chains: struct OutputEnd and struct GradientEnd.
namespace hone {
namespace HONE_LEAF_NS {

/// n floored outputs in place.
static inline void apply(const OutputEnd& end, float* y, std::size_t n) {
  if (end.act != Activation::none) activate(y, y, n, end.act, end.slope);
}

/// Before chains continue in dx[n]; with finish() after them, dx is not the memory of end.y.
static inline void start(const GradientEnd& end, float* dx, std::size_t n) {
  if (!end.resumes) std::memset(dx, 0, n * sizeof(float));
}
/// dx[n] lies `at` elements behind the start of its tensor.
static inline void finish(const GradientEnd& end, float* dx, std::size_t at, std::size_t n) {
  if (!end.finishes) return;
  const bool masks = end.act != Activation::none;
  finish_gradient(dx, masks ? end.y + at : nullptr, n, end.act, end.slope);
}

}  // namespace HONE_LEAF_NS
}  // namespace hone
