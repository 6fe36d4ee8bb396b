#pragma once
#include "leaves.hpp"

namespace hone {
namespace HONE_LEAF_NS {

// y[i] = op(x[i]) in blocks of 8 through a local array, so that no compiler needs a run-time test
// for overlap: clang's would take the scalar loop whenever y is x.
template <class Op>
static inline void each(float* y, const float* x, std::size_t n, Op op) {
  std::size_t i = 0;
  for (; i + 8 <= n; i += 8) {
    float t[8];
    for (std::size_t j = 0; j < 8; ++j) t[j] = op(x[i + j]);
    for (std::size_t j = 0; j < 8; ++j) y[i + j] = t[j];
  }
  for (; i < n; ++i) y[i] = op(x[i]);
}

// y[i] = op(a[i], b[i]), likewise.
template <class Op>
static inline void each_pair(float* y, const float* a, const float* b, std::size_t n, Op op) {
  std::size_t i = 0;
  for (; i + 8 <= n; i += 8) {
    float t[8];
    for (std::size_t j = 0; j < 8; ++j) t[j] = op(a[i + j], b[i + j]);
    for (std::size_t j = 0; j < 8; ++j) y[i + j] = t[j];
  }
  for (; i < n; ++i) y[i] = op(a[i], b[i]);
}

}  // namespace HONE_LEAF_NS
}  // namespace hone
