#pragma once
#include "leaves.hpp"

// exp and log of the float leaves: no branch, no table, no libm, so that loops over them become
// vector code. tests/kernels/test_elementary.cpp holds the error bounds against long double.
namespace hone {
namespace HONE_LEAF_NS {

static inline float float_of_bits(std::uint32_t u) {
  float x;
  std::memcpy(&x, &u, sizeof x);
  return x;
}
static inline std::uint32_t bits_of_float(float x) {
  std::uint32_t u;
  std::memcpy(&u, &x, sizeof u);
  return u;
}

/// exp(x) within 1.1 ulp, after the store floor: +0 below log(2^-40). exp(NaN) = NaN, exp(+inf) =
/// inf, and inf from 88.722839 on.
static inline float exp_floored(float x) {
  constexpr float kRound = 0x1.8p23f;  // adding it rounds to an integer, kept in the low bits
  // Outside the range the result is set at the end; NaN fails both tests and takes part as -28.
  const float low = x > -28.0f ? x : -28.0f;
  const float in = low < 88.75f ? low : 88.75f;
  const float shifted = fma(in, 0x1.715476p+0f, kRound);
  const float k = shifted - kRound;
  const float r = fma(k, -0x1.7f7d1cp-20f, fma(k, -0x1.62e4p-1f, in));
  // 1/7!, ..., 1/2!: for |r| <= log(2) / 2 the rest is below 2^-27.
  float p = 0x1.a01a02p-13f;
  p = fma(p, r, 0x1.6c16c2p-10f);
  p = fma(p, r, 0x1.111112p-7f);
  p = fma(p, r, 0x1.555556p-5f);
  p = fma(p, r, 0x1.555556p-3f);
  p = fma(p, r, 0x1p-1f);
  p = fma(p * r, r, r);
  // (1 + p) * 2^k in two exact steps, since 2^128 is no float. The low bits of `shifted` hold k.
  const float half = float_of_bits((bits_of_float(shifted) << 23) + (126u << 23));
  const float y = (1.0f + p) * half * 2.0f;
  const float bounded = x < 0x1.62e43p+6f ? y : float_of_bits(0x7F800000u);
  const float floored = y < kStoreFloor ? 0.0f : bounded;
  return x == x ? floored : x;
}

/// log(x) within 2 ulp for x in [2^-126, inf]; log(NaN) = NaN.
static inline float log_positive(float x) {
  // x = m * 2^e with m in [sqrt(1/2), sqrt(2)): the constant is the bits of sqrt(1/2).
  const std::uint32_t u = bits_of_float(x) - 0x3F3504F3u;
  const float e = static_cast<float>(static_cast<std::int32_t>(u & 0xFF800000u) / (1 << 23));
  const float m = float_of_bits((u & 0x007FFFFFu) + 0x3F3504F3u);
  const float r = m - 1.0f;
  const float z = r * r;
  // Polynomial of the Cephes library (S. Moshier), logf.c.
  float p = 0x1.204376p-4f;
  p = fma(p, r, -0x1.d7a37p-4f);
  p = fma(p, r, 0x1.de4a34p-4f);
  p = fma(p, r, -0x1.fcba9ep-4f);
  p = fma(p, r, 0x1.23d37ep-3f);
  p = fma(p, r, -0x1.555cap-3f);
  p = fma(p, r, 0x1.999d58p-3f);
  p = fma(p, r, -0x1.fffff8p-3f);
  p = fma(p, r, 0x1.555554p-2f);
  const float y = fma(z, fma(p, r, -0.5f), fma(e, -0x1.bd0106p-13f, r));
  const float result = fma(e, 0x1.63p-1f, y);
  return x - x == 0.0f ? result : x;
}

}  // namespace HONE_LEAF_NS
}  // namespace hone
