#pragma once
#include <immintrin.h>

#include "ports/shared/vec.hpp"

namespace hone {
namespace HONE_LEAF_NS {

/// Eight lanes: one ymm register.
struct Vec8 {
  static constexpr std::size_t kWidth = 8;
  __m256 v;

  struct Mask {
    __m256 m;
  };
  /// The first lanes of a vector, for memory that ends inside it.
  struct Part {
#if defined(__AVX512VL__)
    __mmask8 mask;
#else
    __m256i mask;
    std::uint32_t lanes;
#endif
  };

#if defined(__AVX512VL__)
  HONE_INLINE static Part part(std::size_t n) { return {static_cast<__mmask8>((1u << n) - 1u)}; }
  HONE_INLINE static Vec8 load(const float* p, Part n) {
    return {_mm256_maskz_loadu_ps(n.mask, p)};
  }
  HONE_INLINE void store(float* p, Part n) const { _mm256_mask_storeu_ps(p, n.mask, v); }
#else
  HONE_INLINE static Part part(std::size_t n) {
    const __m256i lane = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
    return {_mm256_cmpgt_epi32(_mm256_set1_epi32(static_cast<int>(n)), lane),
            static_cast<std::uint32_t>(n)};
  }
  HONE_INLINE static Vec8 load(const float* p, Part n) { return {_mm256_maskload_ps(p, n.mask)}; }
  /// By halves: a masked store of AVX2 takes tens of cycles on AMD, and forwards to no load.
  HONE_INLINE void store(float* p, Part n) const {
    if (n.lanes & 8) return store(p);
    __m128 rest = _mm256_castps256_ps128(v);
    if (n.lanes & 4) {
      _mm_storeu_ps(p, rest);
      p += 4;
      rest = _mm256_extractf128_ps(v, 1);
    }
    if (n.lanes & 2) {
      _mm_storel_pi(reinterpret_cast<__m64*>(p), rest);
      p += 2;
      rest = _mm_movehl_ps(rest, rest);
    }
    if (n.lanes & 1) _mm_store_ss(p, rest);
  }
#endif

  HONE_INLINE static Vec8 load(const float* p) { return {_mm256_loadu_ps(p)}; }
  HONE_INLINE static Vec8 all(float x) { return {_mm256_set1_ps(x)}; }
  HONE_INLINE static Vec8 zero() { return {_mm256_setzero_ps()}; }
  HONE_INLINE void store(float* p) const { _mm256_storeu_ps(p, v); }
};

HONE_INLINE Vec8 operator+(Vec8 a, Vec8 b) { return {_mm256_add_ps(a.v, b.v)}; }
HONE_INLINE Vec8 operator-(Vec8 a, Vec8 b) { return {_mm256_sub_ps(a.v, b.v)}; }
HONE_INLINE Vec8 operator*(Vec8 a, Vec8 b) { return {_mm256_mul_ps(a.v, b.v)}; }
HONE_INLINE Vec8 operator/(Vec8 a, Vec8 b) { return {_mm256_div_ps(a.v, b.v)}; }
HONE_INLINE Vec8 fma(Vec8 a, Vec8 b, Vec8 c) { return {_mm256_fmadd_ps(a.v, b.v, c.v)}; }

HONE_INLINE Vec8::Mask operator>(Vec8 a, Vec8 b) { return {_mm256_cmp_ps(a.v, b.v, _CMP_GT_OQ)}; }
HONE_INLINE Vec8::Mask operator&(Vec8::Mask a, Vec8::Mask b) { return {_mm256_and_ps(a.m, b.m)}; }
/// Lanes of a where the mask is set, else +0.
HONE_INLINE Vec8 keep(Vec8::Mask k, Vec8 a) { return {_mm256_and_ps(k.m, a.v)}; }
HONE_INLINE Vec8 select(Vec8::Mask k, Vec8 a, Vec8 b) { return {_mm256_blendv_ps(b.v, a.v, k.m)}; }
/// a > b ? a : b, and a < b ? a : b: b where one of them is NaN.
HONE_INLINE Vec8 larger(Vec8 a, Vec8 b) { return {_mm256_max_ps(a.v, b.v)}; }
HONE_INLINE Vec8 smaller(Vec8 a, Vec8 b) { return {_mm256_min_ps(a.v, b.v)}; }

HONE_INLINE std::uint32_t bits_of(Vec8::Mask k) {
  return static_cast<std::uint32_t>(_mm256_movemask_ps(k.m));
}
HONE_INLINE Vec8::Mask mask_of(Vec8, std::uint32_t bits) {
  const __m256i lane = _mm256_setr_epi32(1, 2, 4, 8, 16, 32, 64, 128);
  const __m256i set = _mm256_and_si256(_mm256_set1_epi32(static_cast<int>(bits)), lane);
  return {_mm256_castsi256_ps(_mm256_cmpeq_epi32(set, lane))};
}

/// Compares magnitudes as integers, so that NaN passes the floor.
HONE_INLINE __m256i magnitude_of(Vec8 a) {
  return _mm256_and_si256(_mm256_castps_si256(a.v), _mm256_set1_epi32(0x7FFFFFFF));
}
HONE_INLINE Vec8 floored(Vec8 a, __m256i magnitude) {
  const __m256i passes = _mm256_cmpgt_epi32(magnitude, _mm256_set1_epi32(kBelowFloor));
  return {_mm256_and_ps(a.v, _mm256_castsi256_ps(passes))};
}
HONE_INLINE Vec8 store_floor(Vec8 a) { return floored(a, magnitude_of(a)); }

/// The largest magnitude so far, as an integer: infinity and NaN are above all others.
HONE_INLINE void watch_magnitude(Vec8& seen, __m256i magnitude) {
  seen.v = _mm256_castsi256_ps(_mm256_max_epi32(_mm256_castps_si256(seen.v), magnitude));
}
HONE_INLINE void watch(Vec8& seen, Vec8 x) { watch_magnitude(seen, magnitude_of(x)); }
HONE_INLINE Vec8 watched_floor(Vec8 x, Vec8& seen) {
  const __m256i magnitude = magnitude_of(x);
  watch_magnitude(seen, magnitude);
  return floored(x, magnitude);
}
HONE_INLINE std::uint32_t saw_not_finite(Vec8 seen) {
  const __m256i above =
      _mm256_cmpgt_epi32(_mm256_castps_si256(seen.v), _mm256_set1_epi32(0x7F7FFFFF));
  return _mm256_movemask_ps(_mm256_castsi256_ps(above)) != 0 ? 1u : 0u;
}

HONE_INLINE void transpose(Vec8 (&r)[8]) {
  __m256 t[8];
  for (int i = 0; i < 8; i += 4) {
    const __m256 l0 = _mm256_unpacklo_ps(r[i].v, r[i + 1].v);
    const __m256 h0 = _mm256_unpackhi_ps(r[i].v, r[i + 1].v);
    const __m256 l1 = _mm256_unpacklo_ps(r[i + 2].v, r[i + 3].v);
    const __m256 h1 = _mm256_unpackhi_ps(r[i + 2].v, r[i + 3].v);
    t[i] = _mm256_shuffle_ps(l0, l1, 0x44);
    t[i + 1] = _mm256_shuffle_ps(l0, l1, 0xEE);
    t[i + 2] = _mm256_shuffle_ps(h0, h1, 0x44);
    t[i + 3] = _mm256_shuffle_ps(h0, h1, 0xEE);
  }
  for (int i = 0; i < 4; ++i) {
    r[i].v = _mm256_permute2f128_ps(t[i], t[i + 4], 0x20);
    r[i + 4].v = _mm256_permute2f128_ps(t[i], t[i + 4], 0x31);
  }
}

}  // namespace HONE_LEAF_NS
}  // namespace hone
