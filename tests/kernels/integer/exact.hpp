#pragma once
#include <cstdint>

#include "hone/integer_kernels.hpp"

// The arithmetic of docs/CONTRACT.md, "Integer", once more and in the plainest form: 128 bits,
// divisions that round down, no shifts. Shares nothing with core but the structs.
namespace hone_test {

__extension__ typedef __int128 Wide;

/// 2^n; beyond 2^120 no test needs to know more.
inline Wide two_to(int n) {
  Wide p = 1;
  for (int i = 0; i < (n < 120 ? n : 120); ++i) p *= 2;
  return p;
}
inline Wide limited(Wide x, Wide most) { return x < -most ? -most : x > most ? most : x; }
inline const Wide kExactMost = two_to(61);

/// x / 2^s to the nearest, ties upward, limited to 2^61; s < 0 multiplies.
inline Wide exact_nearest(Wide x, int s) {
  if (s <= 0)
    return x == 0 ? 0 : limited(limited(x, two_to(62)) * two_to(-s < 64 ? -s : 64), kExactMost);
  const Wide unit = two_to(s), sum = x + unit / 2, down = sum / unit;
  return sum % unit < 0 ? down - 1 : down;
}
inline std::int8_t exact_code(Wide x, int s) {
  return static_cast<std::int8_t>(limited(exact_nearest(x, s), 127));
}
/// x times a slope; sums above 2^46 are as good as infinite there.
inline Wide exact_scaled(Wide x, hone::Multiplier m) {
  return exact_nearest(limited(x, two_to(46)) * m.mantissa, m.shift);
}
/// Where a sum starts from: at most half of the largest one.
inline Wide exact_start(Wide x, int s) { return limited(exact_nearest(x, s), two_to(60)); }

inline Wide exact_activated(Wide v, hone::Activation act, hone::Multiplier slope, Wide six) {
  switch (act) {
    case hone::Activation::none:
      break;
    case hone::Activation::relu:
      return v > 0 ? v : 0;
    case hone::Activation::relu6:
      return v > six ? six : v > 0 ? v : 0;
    case hone::Activation::leaky_relu:
      return v > 0 ? v : exact_scaled(v, slope);
  }
  return v;
}
inline Wide exact_masked(Wide d, int y, hone::Activation act, hone::Multiplier slope, int six) {
  switch (act) {
    case hone::Activation::none:
      break;
    case hone::Activation::relu:
      return y > 0 ? d : 0;
    case hone::Activation::relu6:
      return y > 0 && y < six ? d : 0;
    case hone::Activation::leaky_relu:
      return y > 0 ? d : exact_scaled(d, slope);
  }
  return d;
}

/// What leaves report: the OR of x, or of -1 - x where that is negative.
inline std::uint64_t exact_seen(Wide x) { return static_cast<std::uint64_t>(x < 0 ? -1 - x : x); }

constexpr hone::Activation kActivations[] = {hone::Activation::none, hone::Activation::relu,
                                             hone::Activation::relu6, hone::Activation::leaky_relu};

}  // namespace hone_test
