#include "hone/numeric.hpp"

namespace hone {

namespace {

constexpr std::uint32_t kSign = 0x80000000u, kInfinity = 0x7F800000u;

std::uint32_t bits_of(float x) {
  std::uint32_t u;
  std::memcpy(&u, &x, sizeof u);
  return u;
}
float float_of(std::uint32_t u) {
  float x;
  std::memcpy(&x, &u, sizeof x);
  return x;
}

/// magnitude = significand * 2^(exponent - 150), 2^23 <= significand < 2^24; 0 for 0.
struct Parts {
  std::uint32_t significand;
  int exponent;
};
Parts parts_of(std::uint32_t magnitude) {
  const int exponent = static_cast<int>(magnitude >> 23);
  const std::uint32_t fraction = magnitude & 0x007FFFFFu;
  if (exponent != 0) return {fraction | 0x00800000u, exponent};
  if (fraction == 0) return {0, 0};
  const int shift = __builtin_clz(fraction) - 8;
  return {fraction << shift, 1 - shift};
}

/// x * 2^-n; what is shifted out leaves its mark in the lowest bit.
std::uint64_t shift_down(std::uint64_t x, int n) {
  if (n >= 64) return x != 0 ? 1u : 0u;
  if (n == 0) return x;
  return x >> n | (x << (64 - n) != 0 ? 1u : 0u);
}

/// x * 2^(exponent - 190) to the nearest float, ties to even; 2^63 <= x.
std::uint32_t rounded(std::uint64_t x, int exponent) {
  if (exponent >= 255) return kInfinity;
  if (exponent < 1) {
    x = shift_down(x, 1 - exponent);
    exponent = 1;
  }
  const std::uint32_t high = static_cast<std::uint32_t>(x >> 32) | (x << 32 != 0 ? 1u : 0u);
  const std::uint32_t rest = high & 0xFFu;
  const std::uint32_t kept = high >> 8;
  const std::uint32_t up = rest > 0x80u || (rest == 0x80u && (kept & 1u)) ? 1u : 0u;
  // The leading one of `kept` counts as 1 in the exponent; a carry runs into it, up to infinity.
  return (static_cast<std::uint32_t>(exponent - 1) << 23) + kept + up;
}

}  // namespace

float soft_fma(float a, float b, float c) {
  const std::uint32_t ua = bits_of(a), ub = bits_of(b), uc = bits_of(c);
  const std::uint32_t ma = ua & ~kSign, mb = ub & ~kSign, mc = uc & ~kSign;
  if (ma >= kInfinity || mb >= kInfinity || ma == 0 || mb == 0) return a * b + c;
  if (mc >= kInfinity) return c;
  const Parts pa = parts_of(ma), pb = parts_of(mb), pc = parts_of(mc);

  // Both terms below 2^62. A term that is shifted by more than its zeros is so small beside the
  // other that the difference keeps 59 bits, and the mark in the lowest one decides ties.
  std::uint64_t product = static_cast<std::uint64_t>(pa.significand) * pb.significand << 14;
  std::uint64_t addend = static_cast<std::uint64_t>(pc.significand) << 38;
  const int product_exponent = pa.exponent + pb.exponent - 126;
  int exponent = product_exponent;
  if (mc != 0 && pc.exponent > exponent) exponent = pc.exponent;
  product = shift_down(product, exponent - product_exponent);
  if (mc != 0) addend = shift_down(addend, exponent - pc.exponent);

  std::uint32_t sign = (ua ^ ub) & kSign;
  std::uint64_t sum = product + addend;
  if (mc != 0 && sign != (uc & kSign)) {
    if (product == addend) return 0.0f;
    sum = product - addend;
    if (product < addend) {
      sum = addend - product;
      sign = uc & kSign;
    }
  }
  const int zeros = __builtin_clzll(sum);
  return float_of(sign | rounded(sum << zeros, exponent + 2 - zeros));
}

}  // namespace hone
