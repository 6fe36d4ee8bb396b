#pragma once
#include <emmintrin.h>

#include "ports/shared/vec.hpp"

namespace hone {
namespace HONE_LEAF_NS {

/// fma() of hone/numeric.hpp for two lanes, without a branch: the sum of the exact product and c,
/// rounded to odd in double.
HONE_INLINE __m128d odd_fma(__m128d a, __m128d b, __m128d c) {
  const __m128d p = _mm_mul_pd(a, b);
  const __m128d s = _mm_add_pd(p, c);
  const __m128d t = _mm_sub_pd(s, p);
  const __m128d error = _mm_add_pd(_mm_sub_pd(p, _mm_sub_pd(s, t)), _mm_sub_pd(c, t));
  // Neither where s is exact nor where error is NaN, because s is infinite or NaN.
  const __m128d zero = _mm_setzero_pd();
  const __m128d inexact = _mm_or_pd(_mm_cmplt_pd(error, zero), _mm_cmpgt_pd(error, zero));
  // An inexact sum is not 0, so the signs say whether its magnitude is too small or too large.
  const __m128i signs = _mm_srai_epi32(_mm_castpd_si128(_mm_xor_pd(error, s)), 31);
  const __m128i too_large = _mm_shuffle_epi32(signs, _MM_SHUFFLE(3, 3, 1, 1));
  const __m128i bits = _mm_castpd_si128(s);
  const __m128i even = _mm_andnot_si128(bits, _mm_set_epi32(0, 1, 0, 1));
  const __m128i one = _mm_and_si128(even, _mm_castpd_si128(inexact));
  const __m128i step = _mm_sub_epi64(_mm_xor_si128(one, too_large), too_large);
  return _mm_castsi128_pd(_mm_add_epi64(bits, step));
}

/// A call: inlined, 60 instructions in each place of a tile, the code left the caches (steps took
/// half as long again) and gcc needed three times as long for it.
[[maybe_unused]] static HONE_APART __m128 soft_fma(__m128 a, __m128 b, __m128 c) {
  const __m128d low = odd_fma(_mm_cvtps_pd(a), _mm_cvtps_pd(b), _mm_cvtps_pd(c));
  const __m128d high = odd_fma(_mm_cvtps_pd(_mm_movehl_ps(a, a)), _mm_cvtps_pd(_mm_movehl_ps(b, b)),
                               _mm_cvtps_pd(_mm_movehl_ps(c, c)));
  return _mm_movelh_ps(_mm_cvtpd_ps(low), _mm_cvtpd_ps(high));
}

}  // namespace HONE_LEAF_NS
}  // namespace hone
