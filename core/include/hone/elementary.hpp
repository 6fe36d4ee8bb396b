#pragma once
#include <cstdint>

/// exp, log and cos in double precision with the same bits on every machine, for what is computed
/// once a step or at build time: learning rates, schedules. No libm, and no fused multiply-add:
/// plain IEEE operations, built with -ffp-contract=off. Usable in constant expressions.
/// tests/kernels/test_elementary.cpp holds the stated error bounds against long double.
namespace hone {
namespace elementary {

constexpr double kInfinity = __builtin_huge_val();
constexpr double kNaN = __builtin_nan("");
constexpr double kLn2High = 0x1.62e42feep-1;  // ends in zeros: exact times an exponent
constexpr double kLn2Low = 0x1.a39ef35793c76p-33;

/// x * 2^k in exact steps.
constexpr double scale(double x, int k) {
  for (; k >= 64; k -= 64) x *= 0x1p64;
  for (; k <= -64; k += 64) x *= 0x1p-64;
  for (; k > 0; --k) x *= 2.0;
  for (; k < 0; ++k) x *= 0.5;
  return x;
}

/// The nearest integer; x within the range of int32.
constexpr int nearest(double x) { return static_cast<int>(x < 0 ? x - 0.5 : x + 0.5); }

/// The Taylor series for |r| <= pi / 4.
constexpr double cos_near_zero(double r) {
  double p = 1.0;
  for (int n = 18; n >= 2; n -= 2) p = 1.0 - r * r / (n * (n - 1)) * p;
  return p;
}
constexpr double sin_near_zero(double r) {
  double p = 1.0;
  for (int n = 19; n >= 3; n -= 2) p = 1.0 - r * r / (n * (n - 1)) * p;
  return r * p;
}

}  // namespace elementary

/// e^x, relative error below 1e-15. +0 below -708, infinity above 709.78, NaN for NaN.
constexpr double exp(double x) {
  if (x != x) return x;
  if (x < -708.0) return 0.0;
  if (x > 709.78) return elementary::kInfinity;
  const int k = elementary::nearest(x * 0x1.71547652b82fep+0);
  const double r = (x - k * elementary::kLn2High) - k * elementary::kLn2Low;
  double p = 1.0;  // Taylor, |r| <= log(2) / 2
  for (int n = 15; n >= 1; --n) p = 1.0 + r / n * p;
  return elementary::scale(p, k);
}

/// The natural logarithm, relative error below 1e-15. -infinity at 0, NaN below it and for NaN.
constexpr double log(double x) {
  if (!(x > 0.0)) return x == 0.0 ? -elementary::kInfinity : elementary::kNaN;
  if (x > 0x1.fffffffffffffp1023) return x;
  int e = 0;
  for (; x >= 0x1p32; e += 32) x *= 0x1p-32;
  for (; x < 0x1p-32; e -= 32) x *= 0x1p32;
  for (; x >= 0x1.6a09e667f3bcdp+0; ++e) x *= 0.5;
  for (; x < 0x1.6a09e667f3bcdp-1; --e) x *= 2.0;
  // log x = 2 artanh f, |f| <= 0.172.
  const double f = (x - 1.0) / (x + 1.0);
  double p = 0.0;
  for (int n = 25; n >= 3; n -= 2) p = (p + 1.0 / n) * (f * f);
  return e * elementary::kLn2High + (2.0 * f + (2.0 * f * p + e * elementary::kLn2Low));
}

/// cos x for |x| <= 1e6, absolute error below 4e-16. NaN beyond, where the reduction would lose
/// digits.
constexpr double cos(double x) {
  if (!(x <= 1e6 && x >= -1e6)) return elementary::kNaN;
  const int k = elementary::nearest(x * 0x1.45f306dc9c883p-1);
  // pi / 2 in three parts (Cody and Waite); k times each of the first two is exact.
  const double high = x - k * 0x1.921fb544p+0;
  const double r = (high - k * 0x1.0b4611a6p-34) - k * 0x1.3198a2e037073p-69;
  switch (static_cast<unsigned>(k) & 3u) {
    case 0:
      return elementary::cos_near_zero(r);
    case 1:
      return -elementary::sin_near_zero(r);
    case 2:
      return -elementary::cos_near_zero(r);
    default:
      return elementary::sin_near_zero(r);
  }
}

}  // namespace hone
