#include "leaves.hpp"

namespace hone {
namespace HONE_LEAF_NS {
namespace integer {
namespace {

#if defined(__OPTIMIZE_SIZE__)

// The numbers of the two tables below, in half of their bytes: of 32 bits, cut off after each
// multiplication, which is exact enough for all 33 (tests/kernels/integer/test_softmax.cpp).
std::uint32_t power_at(std::uint32_t i) {
  constexpr std::uint32_t kStep = 4202935003;  // 2^32 * 2^(-1 / 32)
  std::uint32_t x = 1u << 31;
  for (; i != 0; --i) x = static_cast<std::uint32_t>(std::uint64_t{x} * kStep >> 32);
  return (x + 0x8000u) >> 16;
}

// Bit by bit: log2(x^2) = 2 log2(x), and where x^2 is 2 or more, a bit is 1 and x^2 is halved.
std::uint32_t logarithm_at(std::uint32_t i) {
  std::uint32_t x = (32 + i) << 26, bits = i / 32;  // x in [1, 2) of 2^31, or 0 behind the last
  for (int bit = 0; bit < 16; ++bit) {
    x = static_cast<std::uint32_t>(std::uint64_t{x} * x >> 32);
    bits = 2 * bits + (x >> 31);
    if (x >> 31 == 0) x *= 2;
  }
  return (bits + 1) / 2;
}

#else

// 2^15 * 2^(-i / 32) to the nearest.
constexpr std::uint16_t kPowers[33] = {
    32768, 32066, 31379, 30706, 30048, 29405, 28774, 28158, 27554, 26964, 26386,
    25821, 25268, 24726, 24196, 23678, 23170, 22674, 22188, 21713, 21247, 20792,
    20347, 19911, 19484, 19066, 18658, 18258, 17867, 17484, 17109, 16743, 16384};

// 2^15 * log2(1 + i / 32) to the nearest: n where 2^(2 n - 1) < (1 + i / 32)^65536 < 2^(2 n + 1),
// which whole numbers of any length decide exactly. A chord between two entries is at most 1.8e-4
// of log2 below the curve.
constexpr std::uint16_t kLogarithms[33] = {
    0,     1455,  2866,  4236,  5568,  6863,  8124,  9352,  10549, 11716, 12855,
    13968, 15055, 16117, 17156, 18173, 19168, 20143, 21098, 22034, 22952, 23852,
    24736, 25604, 26455, 27292, 28114, 28922, 29717, 30498, 31267, 32024, 32768};

std::uint32_t power_at(std::uint32_t i) { return kPowers[i]; }
std::uint32_t logarithm_at(std::uint32_t i) { return kLogarithms[i]; }

#endif

constexpr std::uint32_t kOneOctave = 1u << 16;
constexpr std::uint32_t kMostOctaves = 31 * kOneOctave;  // so many below, nothing is left
constexpr std::uint64_t kLog2OfE = 23637;                // 2^14 * log2(e)
constexpr std::int64_t kLogOf2 = 45426;                  // 2^16 * log(2)

// d * 2^e / log(2) in units of 2^-16, rounded down, at most kMostOctaves; d < 2^63.
std::uint32_t octaves(std::uint64_t d, int e) {
  int up = e + 2;
  if (d == 0) return 0;
  // From 2^(7 - up) on: 2^7 * kLog2OfE > kMostOctaves.
  if (bit_length(d) + up > 7) return kMostOctaves;
  for (; up > 0; --up) d *= 2;     // which then has 7 bits at most
  std::uint64_t t = d * kLog2OfE;  // below 2^54 where up > -32
  if (up <= -32) {
    // By halves: the product of a large d has up to 78 bits, what is left of it at most 46.
    t = (d >> 32) * kLog2OfE + ((d & 0xFFFFFFFFu) * kLog2OfE >> 32);
    up += 32;
  }
  t >>= up > -63 ? -up : 63;
  return t < kMostOctaves ? static_cast<std::uint32_t>(t) : kMostOctaves;
}

// 2^16 * 2^(-t / 2^16).
std::uint32_t power(std::uint32_t t) {
  const std::uint32_t i = t >> 11 & 31u, rest = t & 2047u;
  const std::uint32_t from = power_at(i), fall = 2u * (from - power_at(i + 1));
  return (2u * from - ((fall * rest + 1024u) >> 11)) >> (t >> 16);
}

// 2^16 * log2(x) for x > 0.
std::uint32_t logarithm(std::uint32_t x) {
  const int whole = 31 - __builtin_clz(x);
  const std::uint32_t fraction = (x << (31 - whole)) & 0x7FFFFFFFu;  // of 2^31
  const std::uint32_t i = fraction >> 26, rest = fraction >> 10 & 0xFFFFu;
  const std::uint32_t from = logarithm_at(i), rise = 2u * (logarithm_at(i + 1) - from);
  return static_cast<std::uint32_t>(whole) * kOneOctave + 2u * from +
         ((rise * rest + 0x8000u) >> 16);
}

}  // namespace

// E is at most 2^16, so for C < 2^16 classes S <= C * 2^16 < 2^32, and E * 2^15 + S / 2 <= 2^31 +
// C * 2^15 < 2^32: all fit 32 bits. S is no less than the 2^16 of the largest logit.
std::int64_t softmax(std::int32_t* p, const std::int64_t* z, std::size_t classes, int e,
                     std::uint32_t label) {
  std::int64_t most = z[0];
  for (std::size_t i = 1; i < classes; ++i) most = z[i] > most ? z[i] : most;
  std::uint32_t sum = 0, below = 0;
  for (std::size_t i = 0; i < classes; ++i) {
    const std::uint32_t down = octaves(static_cast<std::uint64_t>(most - z[i]), e);
    if (i == label) below = down;
    const std::uint32_t part = power(down);
    p[i] = static_cast<std::int32_t>(part);
    sum += part;
  }
  for (std::size_t i = 0; i < classes; ++i)
    p[i] = static_cast<std::int32_t>(((static_cast<std::uint32_t>(p[i]) << 15) + sum / 2) / sum);
  const std::uint32_t of_sum = logarithm(sum) - 16 * kOneOctave;
  return rounded_shift((std::int64_t{of_sum} + below) * kLogOf2, 16);
}

}  // namespace integer
}  // namespace HONE_LEAF_NS
}  // namespace hone
