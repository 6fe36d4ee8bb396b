#pragma once
#include <cstdint>

#include "hone/leaf_namespace.hpp"

// Whole-number arithmetic of the numeric w16a8: every shift, rounding and clamp of the integer
// kernels goes through here (docs/CONTRACT.md, "Integer"). A tensor is mantissas and one exponent,
// value = mantissa * 2^exponent. Mantissas are symmetric: the most negative code never occurs.
namespace hone {

static_assert((-5 >> 1) == -3, "hone needs an arithmetic right shift");

constexpr std::int32_t kMaxMantissa8 = 127;     ///< of activations and gradients
constexpr std::int32_t kMaxMantissa16 = 32767;  ///< of weights
constexpr std::int32_t kCrowded = 30719;        ///< a weight beyond this: its tensor is halved
constexpr int kBiasExponent = -20;              ///< of every bias
constexpr int kVelocityBits = 16;               ///< of a velocity below one unit of its weight
constexpr int kNarrowVelocityBits = 4;          ///< of a velocity of 16 bits
constexpr int kBiasVelocityBits = 8;            ///< and of its bias
constexpr int kTargetExponent = -16;            ///< of the targets of a squared error
/// No sum passes this: beyond, values are as good as infinite and shifts must not overflow.
constexpr std::int64_t kMaxSum = std::int64_t{1} << 61;

/// Products of 8 by 16 bits that a 32-bit sum takes: 516, and of 8 by 8 bits: 133,144.
constexpr std::uint32_t kWideChunk = 512;
constexpr std::uint32_t kNarrowChunk = 131072;
static_assert(std::int64_t{kWideChunk} * kMaxMantissa8 * kMaxMantissa16 <= 0x7FFFFFFF, "");
static_assert(std::int64_t{kNarrowChunk} * kMaxMantissa8 * kMaxMantissa8 <= 0x7FFFFFFF, "");

/// A positive number of 15 bits: mantissa * 2^-shift, mantissa in [2^14, 2^15); or 0.
struct Multiplier {
  std::int16_t mantissa = 0;
  std::int16_t shift = 0;

  constexpr Multiplier() = default;
  constexpr Multiplier(std::int32_t m, std::int32_t s)
      : mantissa(static_cast<std::int16_t>(m)), shift(static_cast<std::int16_t>(s)) {}
  /// This times 2^e.
  constexpr Multiplier times(int e) const { return {mantissa, shift - e}; }
};

// For few bytes: functions that are called, not copied, and exist once; folded are those of what
// the compiler mostly knows.
#if defined(__OPTIMIZE_SIZE__)
#define HONE_CALLED inline __attribute__((noinline))
#define HONE_FOLDED static inline __attribute__((always_inline))
#else
#define HONE_CALLED static
#define HONE_FOLDED static
#endif

// Not an inline namespace: hone/numeric.hpp says why.
namespace HONE_LEAF_NS {

/// x limited to [-most, most].
HONE_CALLED constexpr std::int64_t clamp(std::int64_t x, std::int64_t most) {
  return x > most ? most : x < -most ? -most : x;
}

/// x / 2^s to the nearest, ties upward; s < 0 multiplies, up to kMaxSum. |x| <= kMaxSum.
HONE_CALLED constexpr std::int64_t rounded_shift(std::int64_t x, int s) {
#if defined(__OPTIMIZE_SIZE__)
  for (; s < 0 && x != 0; ++s) x = clamp(2 * x, kMaxSum);
  if (s <= 0) return x;
#else
  if (s <= 0) {
    const int up = s < -61 ? 61 : -s;
    return clamp(x, kMaxSum >> up) * (std::int64_t{1} << up);
  }
#endif
  if (s > 62) return 0;
  return ((x >> (s - 1)) + 1) >> 1;
}

/// x / 2^s to the nearest, ties upward, limited to 8 bits.
HONE_CALLED constexpr std::int8_t quantised(std::int64_t x, int s) {
  return static_cast<std::int8_t>(clamp(rounded_shift(x, s), kMaxMantissa8));
}

/// What the OR over a tensor of these has as many bits as its largest magnitude (or one less:
/// -2^n counts as 2^n - 1).
static constexpr std::uint64_t magnitude_bits(std::int64_t x) {
  return static_cast<std::uint64_t>(x ^ (x >> 63));
}
HONE_CALLED constexpr int bit_length(std::uint64_t x) {
  const std::uint32_t high = static_cast<std::uint32_t>(x >> 32),
                      low = static_cast<std::uint32_t>(x);
  return high ? 64 - __builtin_clz(high) : low ? 32 - __builtin_clz(low) : 0;
}
static constexpr int bit_length(std::uint32_t x) { return x ? 32 - __builtin_clz(x) : 0; }
/// The exponent at which sums of exponent e, with these magnitude_bits(), fit 8 bits.
static constexpr int wanted_exponent(int e, std::uint64_t seen) {
  const int n = bit_length(seen);
  return n > 7 ? e + n - 7 : e;
}

/// floor(a / b), without the function that small cores call for a 64-bit division.
HONE_CALLED constexpr std::uint64_t quotient(std::uint64_t a, std::uint32_t b) {
  std::uint64_t rest = 0, q = 0;
  for (int bit = bit_length(a) - 1; bit >= 0; --bit) {
    rest = rest << 1 | (a >> bit & 1);
    q <<= 1;
    if (rest >= b) rest -= b, q |= 1;
  }
  return q;
}

/// m * 2^-shift with m rounded to 15 bits, ties upward.
HONE_FOLDED constexpr Multiplier normalised(std::uint32_t m, int shift) {
  if (m == 0) return {};
  const int excess = bit_length(m) - 15;
  if (excess <= 0) return {static_cast<std::int32_t>(m << -excess), shift - excess};
  const std::uint32_t rounded = ((m >> (excess - 1)) + 1) >> 1;
  const int carry = rounded == (1u << 15) ? 1 : 0;
  return {static_cast<std::int32_t>(rounded >> carry), shift - excess - carry};
}

/// A finite float >= 0, rounded to 15 bits. (multiplier_from_bits() is the same without arithmetic
/// of floats.)
static constexpr Multiplier multiplier_of(float x) {
  int shift = 0;
  if (!(x > 0.0f)) return {};
  for (; x < 8388608.0f; x *= 2.0f) ++shift;
  for (; x >= 16777216.0f; x *= 0.5f) --shift;
  return normalised(static_cast<std::uint32_t>(x), shift);
}
/// The same from the bits of the float, for a core without floating point.
HONE_FOLDED constexpr Multiplier multiplier_from_bits(std::uint32_t bits) {
  const std::uint32_t exponent = bits >> 23 & 255u, fraction = bits & 0x7FFFFFu;
  if (exponent == 0) return {};  // below the least rate
  const std::uint32_t m = ((fraction | 0x800000u) + 256u) >> 9;
  const bool carries = m == (1u << 15);
  return {static_cast<std::int32_t>(carries ? m / 2 : m),
          141 - static_cast<int>(exponent) - (carries ? 1 : 0)};
}
HONE_FOLDED constexpr Multiplier product_of(Multiplier a, Multiplier b) {
  return normalised(static_cast<std::uint32_t>(a.mantissa) * static_cast<std::uint32_t>(b.mantissa),
                    a.shift + b.shift);
}
/// m / n for 1 <= n < 2^16.
HONE_FOLDED constexpr Multiplier quotient_of(Multiplier m, std::uint32_t n) {
  return normalised((static_cast<std::uint32_t>(m.mantissa) << 16) / n, m.shift + 16);
}
/// What 16 bits hold of a velocity: in units of 2^-kNarrowVelocityBits, rounded by the low bits of
/// a draw.
constexpr int kNarrowBits = kVelocityBits - kNarrowVelocityBits;
static constexpr std::int16_t narrow_velocity(std::int64_t v, std::uint32_t u16) {
  return static_cast<std::int16_t>(
      clamp((v + (u16 & ((1u << kNarrowBits) - 1))) >> kNarrowBits, kMaxMantissa16));
}
/// x * m * 2^-s to the nearest.
HONE_CALLED constexpr std::int64_t scaled_by(std::int64_t x, Multiplier m, int s = 0) {
  return rounded_shift(clamp(x, kMaxSum >> 15) * m.mantissa, m.shift + s);
}

}  // namespace HONE_LEAF_NS
using namespace HONE_LEAF_NS;

}  // namespace hone
