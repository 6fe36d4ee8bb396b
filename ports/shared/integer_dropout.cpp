#include "core/kernels/dropout_draws.hpp"
#include "integer.hpp"
#include "integer_draws.hpp"
#include "integer_pool.hpp"
#include "integer_tile.hpp"

namespace hone {
namespace HONE_LEAF_NS {
namespace {

constexpr std::int32_t kMostScale = 1 << 20;  // 2^7 of it and the rounding fit 32 bits

struct Drop {
  std::int32_t least, scale, half;
  int shift;

  // Eight sums of the mantissas x that are kept, and what becomes of them.
  HONE_INLINE void half_block(Eight& q, const std::int8_t* x, const Eight& draws,
                              Eight& seen) const {
    const EightWords words = widened_codes(x);
    const Eight sum = __builtin_convertvector(words, Eight) * scale & (draws >= least);
    seen |= sum ^ (sum >> 31);
    q = (sum + half) >> shift;
  }
  HONE_INLINE void block(std::int8_t* y, const std::int8_t* x, const Eight& first,
                         const Eight& second, Eight& seen) const {
    Eight a, b;
    EightWords words[2];
    half_block(a, x, first, seen);
    half_block(b, x + 8, second, seen);
    IntegerLanes::narrow(words, a, b);
    const EightWords most = EightWords{} + std::int16_t{kMaxMantissa8};
    HONE_UNROLL for (std::size_t h = 0; h < 2; ++h) {
      words[h] = words[h] < most ? words[h] : most;
      words[h] = words[h] > -most ? words[h] : -most;
      const EightCodes codes = __builtin_convertvector(words[h], EightCodes);
      __builtin_memcpy(y + 8 * h, &codes, sizeof codes);
    }
  }
};

}  // namespace

namespace lanes::integer {

std::uint64_t dropout(std::int8_t* y, const std::int8_t* x, std::size_t spatial,
                      std::size_t channels, std::uint32_t u, std::uint32_t threshold,
                      std::int32_t scale, int shift) {
  if (!is_short_shift(shift) || scale > kMostScale)
    return HONE_LEAF_NS::integer::dropout(y, x, spatial, channels, u, threshold, scale, shift);
  const Drop drop{static_cast<std::int32_t>(threshold), scale, std::int32_t{1} << (shift - 1),
                  shift};
  RowDraws stream;
  std::uint32_t seeds[kStreamLanes];
  seed_lanes(seeds, u);
  __builtin_memcpy(&stream.lane, seeds, sizeof seeds);
  Eight seen{};
  for (std::size_t c = 0; c < channels; c += kDropBlock) {
    Eight first, second;
    stream.next(first, second);
    const std::size_t count = channels - c < kDropBlock ? channels - c : kDropBlock;
    for (std::size_t s = 0; s < spatial; ++s) {
      const std::size_t at = s * channels + c;
      if (count == kDropBlock) {
        drop.block(y + at, x + at, first, second, seen);
        continue;
      }
      std::int8_t some[kDropBlock] = {};
      __builtin_memcpy(some, x + at, count);
      drop.block(some, some, first, second, seen);
      __builtin_memcpy(y + at, some, count);
    }
  }
  return or_of(seen);
}

}  // namespace lanes::integer
}  // namespace HONE_LEAF_NS
}  // namespace hone
