#pragma once
#include <immintrin.h>

#include "ports/shared/vec.hpp"

namespace hone {
namespace HONE_LEAF_NS {

/// Sixteen lanes: one zmm register; masks live in mask registers.
struct Vec16 {
  static constexpr std::size_t kWidth = 16;
  __m512 v;

  struct Mask {
    __mmask16 m;
  };
  using Part = Mask;

  HONE_INLINE static Part part(std::size_t n) {
    return {static_cast<__mmask16>((n >= 16 ? 0x10000u : 1u << n) - 1u)};
  }
  HONE_INLINE static Vec16 load(const float* p) { return {_mm512_loadu_ps(p)}; }
  HONE_INLINE static Vec16 load(const float* p, Part n) { return {_mm512_maskz_loadu_ps(n.m, p)}; }
  HONE_INLINE static Vec16 all(float x) { return {_mm512_set1_ps(x)}; }
  HONE_INLINE static Vec16 zero() { return {_mm512_setzero_ps()}; }
  HONE_INLINE void store(float* p) const { _mm512_storeu_ps(p, v); }
  HONE_INLINE void store(float* p, Part n) const { _mm512_mask_storeu_ps(p, n.m, v); }
};

HONE_INLINE Vec16 operator+(Vec16 a, Vec16 b) { return {_mm512_add_ps(a.v, b.v)}; }
HONE_INLINE Vec16 operator-(Vec16 a, Vec16 b) { return {_mm512_sub_ps(a.v, b.v)}; }
HONE_INLINE Vec16 operator*(Vec16 a, Vec16 b) { return {_mm512_mul_ps(a.v, b.v)}; }
HONE_INLINE Vec16 operator/(Vec16 a, Vec16 b) { return {_mm512_div_ps(a.v, b.v)}; }
HONE_INLINE Vec16 fma(Vec16 a, Vec16 b, Vec16 c) { return {_mm512_fmadd_ps(a.v, b.v, c.v)}; }

HONE_INLINE Vec16::Mask operator>(Vec16 a, Vec16 b) {
  return {_mm512_cmp_ps_mask(a.v, b.v, _CMP_GT_OQ)};
}
HONE_INLINE Vec16::Mask operator&(Vec16::Mask a, Vec16::Mask b) {
  return {static_cast<__mmask16>(a.m & b.m)};
}
/// Lanes of a where the mask is set, else +0.
HONE_INLINE Vec16 keep(Vec16::Mask k, Vec16 a) { return {_mm512_maskz_mov_ps(k.m, a.v)}; }
HONE_INLINE Vec16 select(Vec16::Mask k, Vec16 a, Vec16 b) {
  return {_mm512_mask_blend_ps(k.m, b.v, a.v)};
}
/// a > b ? a : b, and a < b ? a : b: b where one of them is NaN.
HONE_INLINE Vec16 larger(Vec16 a, Vec16 b) { return {_mm512_max_ps(a.v, b.v)}; }
HONE_INLINE Vec16 smaller(Vec16 a, Vec16 b) { return {_mm512_min_ps(a.v, b.v)}; }

HONE_INLINE std::uint32_t bits_of(Vec16::Mask k) { return k.m; }
HONE_INLINE Vec16::Mask mask_of(Vec16, std::uint32_t bits) {
  return {static_cast<__mmask16>(bits)};
}

/// NaN passes the floor: "not less than" is true for it.
HONE_INLINE Vec16 floored(Vec16 a, __m512 magnitude) {
  const __mmask16 passes = _mm512_cmp_ps_mask(magnitude, _mm512_set1_ps(kStoreFloor), _CMP_NLT_UQ);
  return {_mm512_maskz_mov_ps(passes, a.v)};
}
HONE_INLINE Vec16 store_floor(Vec16 a) { return floored(a, _mm512_abs_ps(a.v)); }

/// The largest magnitude so far, as an integer: infinity and NaN are above all others.
HONE_INLINE void watch_magnitude(Vec16& seen, __m512 magnitude) {
  seen.v = _mm512_castsi512_ps(
      _mm512_max_epi32(_mm512_castps_si512(seen.v), _mm512_castps_si512(magnitude)));
}
HONE_INLINE void watch(Vec16& seen, Vec16 x) { watch_magnitude(seen, _mm512_abs_ps(x.v)); }
HONE_INLINE Vec16 watched_floor(Vec16 x, Vec16& seen) {
  const __m512 magnitude = _mm512_abs_ps(x.v);
  watch_magnitude(seen, magnitude);
  return floored(x, magnitude);
}
HONE_INLINE std::uint32_t saw_not_finite(Vec16 seen) {
  return _mm512_cmpgt_epi32_mask(_mm512_castps_si512(seen.v), _mm512_set1_epi32(0x7F7FFFFF)) ? 1u
                                                                                             : 0u;
}

HONE_INLINE void transpose(Vec16 (&r)[16]) {
  __m512 t[16];
  for (int i = 0; i < 16; i += 4) {
    const __m512 l0 = _mm512_unpacklo_ps(r[i].v, r[i + 1].v);
    const __m512 h0 = _mm512_unpackhi_ps(r[i].v, r[i + 1].v);
    const __m512 l1 = _mm512_unpacklo_ps(r[i + 2].v, r[i + 3].v);
    const __m512 h1 = _mm512_unpackhi_ps(r[i + 2].v, r[i + 3].v);
    t[i] = _mm512_shuffle_ps(l0, l1, 0x44);
    t[i + 1] = _mm512_shuffle_ps(l0, l1, 0xEE);
    t[i + 2] = _mm512_shuffle_ps(h0, h1, 0x44);
    t[i + 3] = _mm512_shuffle_ps(h0, h1, 0xEE);
  }
  // t[4 b + i] holds, of column i of each group of four columns, the rows 4 b .. 4 b + 3.
  for (int i = 0; i < 4; ++i) {
    const __m512 a = _mm512_shuffle_f32x4(t[i], t[4 + i], 0x44);
    const __m512 b = _mm512_shuffle_f32x4(t[i], t[4 + i], 0xEE);
    const __m512 c = _mm512_shuffle_f32x4(t[8 + i], t[12 + i], 0x44);
    const __m512 d = _mm512_shuffle_f32x4(t[8 + i], t[12 + i], 0xEE);
    r[i].v = _mm512_shuffle_f32x4(a, c, 0x88);
    r[4 + i].v = _mm512_shuffle_f32x4(a, c, 0xDD);
    r[8 + i].v = _mm512_shuffle_f32x4(b, d, 0x88);
    r[12 + i].v = _mm512_shuffle_f32x4(b, d, 0xDD);
  }
}

}  // namespace HONE_LEAF_NS
}  // namespace hone
