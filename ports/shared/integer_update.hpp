#pragma once
#include "core/kernels/integer/update.hpp"
#include "vec.hpp"

// The update of a row of weights, sixteen at a time: as many as one block of the random stream has
// values.
namespace hone {
namespace HONE_LEAF_NS {

// Integers side by side, one for each lane of a stream, as in dropout.cpp: gcc and clang divide
// them among registers. Every step is one instruction of all instruction sets.
using Eight = std::int32_t __attribute__((vector_size(32)));
using EightDraws = std::uint32_t __attribute__((vector_size(32)));
using EightShort = std::int16_t __attribute__((vector_size(16)));

constexpr std::size_t kDrawsOfBlock = 16;

/// The lanes of the stream of one row.
struct RowDraws {
  EightDraws lane;

  HONE_INLINE void start(const IntegerUpdate& update, std::size_t row) {
    std::uint32_t seeds[8];
    integer::RowStream stream;
    integer::start_row(stream, update, row);
    integer::seed_stream(seeds, stream.seed);
    __builtin_memcpy(&lane, seeds, sizeof lane);
  }
  HONE_INLINE void next(Eight& first, Eight& second) {
    lane ^= lane << 13;
    lane ^= lane >> 17;
    lane ^= lane << 5;
    first = reinterpret_cast<Eight>(lane & 0xFFFFu);
    second = reinterpret_cast<Eight>(lane >> 16);
  }
};

// By reference: a value that is wider than the registers has no way to be passed.
HONE_INLINE void raise_to(Eight& a, const Eight& b) { a = a > b ? a : b; }
HONE_INLINE void lower_to(Eight& a, const Eight& b) { a = a < b ? a : b; }

/// What an update has seen.
struct WeightWatch {
  Eight largest = {}, changes = {};

  HONE_INLINE void report(IntegerReport& to) const {
    for (int i = 0; i < 8; ++i) {
      const std::uint32_t m = static_cast<std::uint32_t>(largest[i]);
      if (m > to.weights) to.weights = m;
      to.changes |= static_cast<std::uint32_t>(changes[i]);
    }
  }
};

/// Plain SGD while sums, shifts and decay fit 32 bits, which is nearly always.
struct ShortUpdate {
  std::int32_t rate, half, decay, decay_half;
  int shift, decay_shift;
  bool is_right, decays;
  static constexpr std::int32_t kLimit = 1 << 15;  // of the sums

  HONE_INLINE explicit ShortUpdate(const IntegerUpdate& u)
      : rate(u.rate),
        half(0),
        decay(u.decay.mantissa),
        decay_half(0),
        shift(u.rate_shift),
        decay_shift(u.decay.shift - kVelocityBits),
        is_right(!u.momentum && shift >= 1 && shift <= 30),
        decays(decay != 0) {
    if (decays && decay_shift > 30) decays = false;  // |M * decay| < 2^30 rounds to 0
    if (decays && decay_shift < 1) is_right = false;
    if (!is_right) return;
    half = 1 << (shift - 1);
    if (decays) decay_half = 1 << (decay_shift - 1);
  }

  HONE_INLINE void apply(std::int16_t* w, const std::int32_t* acc, const Eight& draws,
                         WeightWatch& watch) const {
    EightShort narrow;
    Eight sum;
    __builtin_memcpy(&narrow, w, sizeof narrow);
    __builtin_memcpy(&sum, acc, sizeof sum);
    const Eight m = __builtin_convertvector(narrow, Eight);
    Eight t = (sum * rate + half) >> shift;
    if (decays) t += (m * decay + decay_half) >> decay_shift;
    Eight next = m - ((t + draws) >> kVelocityBits);
    raise_to(next, Eight{} - kMaxMantissa16);
    lower_to(next, Eight{} + kMaxMantissa16);
    raise_to(watch.largest, next);
    raise_to(watch.largest, -next);
    watch.changes |= next ^ m;
    narrow = __builtin_convertvector(next, EightShort);
    __builtin_memcpy(w, &narrow, sizeof narrow);
  }
};

/// `cols` columns of a row: w, and velocity if there is one, point to the first of them, the stream
/// stands at its block. acc has room for whole blocks.
HONE_INLINE void update_columns(std::int16_t* w, std::int32_t* velocity, std::int32_t* acc,
                                std::size_t cols, RowDraws& stream, const IntegerUpdate& update,
                                const ShortUpdate& quick, WeightWatch& watch) {
  std::int32_t bits = 0;
  for (std::size_t c = 0; c < cols; ++c) bits |= acc[c] ^ (acc[c] >> 31);
  const bool fits = quick.is_right && bits < ShortUpdate::kLimit;
  for (std::size_t c = 0; c < cols; c += kDrawsOfBlock) {
    Eight first, second;
    stream.next(first, second);
    if (fits && cols - c >= kDrawsOfBlock) {
      quick.apply(w + c, acc + c, first, watch);
      quick.apply(w + c + 8, acc + c + 8, second, watch);
      continue;
    }
    std::int32_t draws[kDrawsOfBlock];
    __builtin_memcpy(draws, &first, sizeof first);
    __builtin_memcpy(draws + 8, &second, sizeof second);
    for (std::size_t i = 0; i < kDrawsOfBlock && c + i < cols; ++i) {
      const std::size_t at = c + i;
      const std::int16_t m =
          integer::updated(update, acc[at], w[at], velocity ? velocity + at : nullptr,
                           static_cast<std::uint32_t>(draws[i]));
      const std::int32_t magnitude = m < 0 ? -m : m;
      if (magnitude > watch.largest[0]) watch.largest[0] = magnitude;
      watch.changes[0] |= m ^ w[at];
      w[at] = m;
    }
  }
}

}  // namespace HONE_LEAF_NS
}  // namespace hone
