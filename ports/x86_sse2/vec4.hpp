#pragma once
#include <immintrin.h>

#include "ports/shared/vec.hpp"
#include "ports/x86_sse2/soft_fma.hpp"

namespace hone {
namespace HONE_LEAF_NS {

/// Four lanes: one xmm register, with SSE2 alone or with FMA.
struct Vec4 {
  static constexpr std::size_t kWidth = 4;
  __m128 v;

  /// The first lanes of a vector, for memory that ends inside it.
  struct Part {
    std::size_t count;
  };
  struct Mask {
    __m128 m;
  };

  HONE_INLINE static Part part(std::size_t n) { return {n}; }
  HONE_INLINE static Vec4 load(const float* p) { return {_mm_loadu_ps(p)}; }
  HONE_INLINE static Vec4 load(const float* p, Part n) {
    if (n.count >= 4) return load(p);
    if (n.count == 1) return {_mm_load_ss(p)};
    const __m128 pair = load_two(p);
    return {n.count == 3 ? _mm_movelh_ps(pair, _mm_load_ss(p + 2)) : pair};
  }
  HONE_INLINE static Vec4 all(float x) { return {_mm_set1_ps(x)}; }
  HONE_INLINE static Vec4 zero() { return {_mm_setzero_ps()}; }
  HONE_INLINE void store(float* p) const { _mm_storeu_ps(p, v); }
  HONE_INLINE void store(float* p, Part n) const {
    if (n.count >= 4) return store(p);
    if (n.count == 1) return _mm_store_ss(p, v);
    _mm_storel_pi(reinterpret_cast<__m64*>(p), v);
    if (n.count == 3) _mm_store_ss(p + 2, _mm_movehl_ps(v, v));
  }

 private:
  HONE_INLINE static __m128 load_two(const float* p) {
    return _mm_loadl_pi(_mm_setzero_ps(), reinterpret_cast<const __m64*>(p));
  }
};

HONE_INLINE Vec4 operator+(Vec4 a, Vec4 b) { return {_mm_add_ps(a.v, b.v)}; }
HONE_INLINE Vec4 operator-(Vec4 a, Vec4 b) { return {_mm_sub_ps(a.v, b.v)}; }
HONE_INLINE Vec4 operator*(Vec4 a, Vec4 b) { return {_mm_mul_ps(a.v, b.v)}; }
HONE_INLINE Vec4 operator/(Vec4 a, Vec4 b) { return {_mm_div_ps(a.v, b.v)}; }
HONE_INLINE Vec4 fma(Vec4 a, Vec4 b, Vec4 c) {
#if defined(__FMA__)
  return {_mm_fmadd_ps(a.v, b.v, c.v)};
#else
  return {soft_fma(a.v, b.v, c.v)};
#endif
}

HONE_INLINE Vec4::Mask operator>(Vec4 a, Vec4 b) { return {_mm_cmpgt_ps(a.v, b.v)}; }
HONE_INLINE Vec4::Mask operator&(Vec4::Mask a, Vec4::Mask b) { return {_mm_and_ps(a.m, b.m)}; }
/// Lanes of a where the mask is set, else +0.
HONE_INLINE Vec4 keep(Vec4::Mask k, Vec4 a) { return {_mm_and_ps(k.m, a.v)}; }
HONE_INLINE Vec4 select(Vec4::Mask k, Vec4 a, Vec4 b) {
  return {_mm_or_ps(_mm_and_ps(k.m, a.v), _mm_andnot_ps(k.m, b.v))};
}
/// a > b ? a : b, and a < b ? a : b: b where one of them is NaN.
HONE_INLINE Vec4 larger(Vec4 a, Vec4 b) { return {_mm_max_ps(a.v, b.v)}; }
HONE_INLINE Vec4 smaller(Vec4 a, Vec4 b) { return {_mm_min_ps(a.v, b.v)}; }

HONE_INLINE std::uint32_t bits_of(Vec4::Mask k) {
  return static_cast<std::uint32_t>(_mm_movemask_ps(k.m));
}
HONE_INLINE Vec4::Mask mask_of(Vec4, std::uint32_t bits) {
  const __m128i lane = _mm_setr_epi32(1, 2, 4, 8);
  const __m128i set = _mm_and_si128(_mm_set1_epi32(static_cast<int>(bits)), lane);
  return {_mm_castsi128_ps(_mm_cmpeq_epi32(set, lane))};
}

/// Compares magnitudes as integers, so that NaN passes the floor.
HONE_INLINE Vec4 store_floor(Vec4 a) {
  const __m128i magnitude = _mm_and_si128(_mm_castps_si128(a.v), _mm_set1_epi32(0x7FFFFFFF));
  const __m128i passes = _mm_cmpgt_epi32(magnitude, _mm_set1_epi32(kBelowFloor));
  return {_mm_and_ps(a.v, _mm_castsi128_ps(passes))};
}

/// x - x is +0, or NaN where x is not finite. (SSE2 has no maximum of integers of 32 bits.)
HONE_INLINE void watch(Vec4& seen, Vec4 x) { seen.v = _mm_or_ps(seen.v, _mm_sub_ps(x.v, x.v)); }
HONE_INLINE std::uint32_t saw_not_finite(Vec4 seen) {
  return _mm_movemask_ps(_mm_cmpunord_ps(seen.v, seen.v)) != 0 ? 1u : 0u;
}

HONE_INLINE void transpose(Vec4 (&r)[4]) {
  const __m128 l0 = _mm_unpacklo_ps(r[0].v, r[1].v);
  const __m128 h0 = _mm_unpackhi_ps(r[0].v, r[1].v);
  const __m128 l1 = _mm_unpacklo_ps(r[2].v, r[3].v);
  const __m128 h1 = _mm_unpackhi_ps(r[2].v, r[3].v);
  r[0].v = _mm_movelh_ps(l0, l1);
  r[1].v = _mm_movehl_ps(l1, l0);
  r[2].v = _mm_movelh_ps(h0, h1);
  r[3].v = _mm_movehl_ps(h1, h0);
}

}  // namespace HONE_LEAF_NS
}  // namespace hone
