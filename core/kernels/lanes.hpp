#pragma once
#include "leaves.hpp"

namespace hone {
namespace HONE_LEAF_NS {

/// N neighbouring floats in registers. A struct and not a bare array: behind unrolled loops gcc 12
/// and clang 14 both keep it in one vector register, while gcc spills a plain float[R][16].
template <int N>
struct Lanes {
  float v[N];
};

template <int N>
static inline void load(Lanes<N>& to, const float* from) {
  for (int j = 0; j < N; ++j) to.v[j] = from[j];
}
template <int N>
static inline void store(float* to, const Lanes<N>& from) {
  for (int j = 0; j < N; ++j) to[j] = from.v[j];
}
template <int N>
static inline void floor_lanes(Lanes<N>& x) {
  for (int j = 0; j < N; ++j) x.v[j] = store_floor(x.v[j]);
}
/// sum += a * b.
template <int N>
static inline void add_product(Lanes<N>& sum, float a, const Lanes<N>& b) {
  for (int j = 0; j < N; ++j) sum.v[j] = fma(a, b.v[j], sum.v[j]);
}
template <int N>
static inline void add_products(Lanes<N>& sum, const Lanes<N>& a, const Lanes<N>& b) {
  for (int j = 0; j < N; ++j) sum.v[j] = fma(a.v[j], b.v[j], sum.v[j]);
}

}  // namespace HONE_LEAF_NS
}  // namespace hone
