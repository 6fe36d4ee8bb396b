#pragma once
#include "integer_draws.hpp"

// The update of a row of weights, sixteen at a time: as many as one block of the random stream has
// values.
namespace hone {
namespace HONE_LEAF_NS {

using Words = IntegerLanes::Words;
constexpr std::size_t kLanesOfWords = sizeof(Words) / sizeof(std::int16_t);
constexpr std::size_t kWordsOfBlock = kDrawsOfBlock / kLanesOfWords;

/// What an update has seen.
struct WeightWatch {
  Words most = {}, least = {}, changes = {};

  // By reference: a value that is wider than the registers has no way to be passed.
  HONE_INLINE void see(const Words& before, const Words& after) {
    most = most > after ? most : after;
    least = least < after ? least : after;
    changes |= before ^ after;
  }
  HONE_INLINE void report(IntegerReport& to) const {
    for (std::size_t i = 0; i < kLanesOfWords; ++i) {
      const std::int32_t size = most[i] > -least[i] ? most[i] : -least[i];
      if (static_cast<std::uint32_t>(size) > to.weights)
        to.weights = static_cast<std::uint32_t>(size);
      to.changes |= static_cast<std::uint32_t>(static_cast<std::int32_t>(changes[i]));
    }
  }
};

/// SGD while sums, shifts, velocities and decay fit 32 bits, which is nearly always.
struct ShortUpdate {
  using Long = UpdateLanes::LongScale;
  using Mu = UpdateLanes::MuScale;
  /// How the sums are scaled: of 15 bits; longer ones; of 15 bits, to more than 32.
  enum class Kind { brief, extended, tall };
  static constexpr std::int32_t kShort = 1 << 15;  // of the sums
  static constexpr std::int32_t kMostVelocity = 1 << 28;

  std::int32_t rate, half = 0, decay, decay_half = 0;
  int shift, decay_shift;
  bool momentum, decoupled, decays;
  std::int32_t limit = 0;  // sums are below; 0: none is right
  Long long_rate;
  Mu mu;

  // A g or d of shift >= 2 is below 2^28 and 2^29, so that V + g + d stays below 2^30.
  HONE_INLINE explicit ShortUpdate(const IntegerUpdate& u)
      : rate(u.rate.mantissa),
        decay(u.decay.mantissa),
        shift(u.rate.shift),
        decay_shift(u.decay.shift - kVelocityBits),
        momentum(u.momentum),
        decoupled(u.decoupled),
        decays(decay != 0) {
    const int least = momentum ? 2 : 1;
    if (decays && decay_shift > 30) decays = false;  // |M * decay| < 2^30 rounds to 0
    if (decays && decay_shift < least) return;
    if (decays) decay_half = 1 << (decay_shift - 1);
    if (momentum) {
      const int s = u.mu.mantissa != 0 ? u.mu.shift : 15;
      if (s < 15 || !Mu::is_right(s)) return;
      mu = Mu(u.mu.mantissa, s);
    }
    if (shift <= 0 && shift >= -15 && !momentum) limit = kShort;
    if (shift >= least && shift <= 30) limit = kShort, half = 1 << (shift - 1);
    if (shift < least || !Long::is_right(shift)) return;
    long_rate = Long(rate, shift);
    if (limit_of_long() > limit) limit = limit_of_long();
  }

  /// Longer sums below it give a t below 2^28.
  HONE_INLINE std::int32_t limit_of_long() const {
    return 1 << (shift + 13 < 30 ? shift + 13 : 30);
  }

  /// bits: the OR of the magnitude bits of the sums.
  HONE_INLINE Kind kind_of(std::int32_t bits) const {
    if (shift <= 0) return Kind::tall;
    return bits < kShort && shift <= 30 ? Kind::brief : Kind::extended;
  }

  /// Whether sums of 15 bits may be products whose second factor goes to the rate.
  HONE_INLINE bool takes_factors() const { return shift <= 30; }
};

// The OR of the magnitude bits, or on NEON of one more.
HONE_INLINE std::int32_t bits_of(const std::int32_t* x, std::size_t n) {
  std::int32_t bits = 0;
  std::size_t i = 0;
  Eight all{};
  if constexpr (IntegerLanes::kWidth == 4) {
    using L = IntegerLanes;
    L::Sums two[2] = {L::zero(), L::zero()};
    for (; i + 8 <= n; i += 8) L::note(two[0], L::load(x + i)), L::note(two[1], L::load(x + i + 4));
    __builtin_memcpy(&all, two, sizeof all);
  } else {
    for (; i + 8 <= n; i += 8) {
      Eight v;
      __builtin_memcpy(&v, x + i, sizeof v);
      all |= v ^ (v >> 31);
    }
  }
  for (; i < n; ++i) bits |= x[i] ^ (x[i] >> 31);
  std::uint64_t of[4];  // fewer steps than eight numbers
  __builtin_memcpy(of, &all, sizeof of);
  const std::uint64_t both = of[0] | of[1] | of[2] | of[3];
  bits |= static_cast<std::int32_t>(both | both >> 32);
  return bits ^ (bits >> 31);
}

/// What a call of update_columns() works on: columns of some rows. Of row r the first weight is
/// number at[r], the sums begin at acc + r * stride, and stream[r] stands at its block.
struct SomeColumns {
  const std::size_t* at;
  std::size_t rows;
  const std::int32_t* acc;
  std::size_t stride, cols;
  RowDraws* stream;
  const std::int32_t* factor = nullptr;  // of all sums of a row; null: 1

  HONE_INLINE std::int32_t factor_of(std::size_t r) const { return factor ? factor[r] : 1; }
};

/// bits: at least the OR of the magnitude bits of the sums. Factors only where the rule takes them.
void update_columns(const IntegerParameters& p, const SomeColumns& some, std::int32_t bits,
                    const ShortUpdate& quick, WeightWatch& watch);

/// Whether all are; bits_of() is also 0 where some are -1.
HONE_INLINE bool is_zero(const std::int32_t* x, std::size_t n) {
  std::int32_t bits = 0;
  for (std::size_t i = 0; i < n; ++i) bits |= x[i];
  return bits == 0;
}

/// Whether a row whose sums are 0 stays as it is.
HONE_INLINE bool skips_zeros(const IntegerParameters& p) {
  return !p.update->momentum && p.update->decay.mantissa == 0 && !p.sum;
}

/// Sums of the batch so far from those of this micro-batch. False: the batch goes on.
HONE_INLINE bool end_sums(std::int32_t* acc, std::int32_t* sum, std::size_t cols,
                          const IntegerUpdate& update) {
  for (std::size_t c = 0; c < cols && sum; ++c) {
    const std::int64_t before = update.first ? 0 : sum[c];
    acc[c] = static_cast<std::int32_t>(clamp(before + acc[c], 0x7FFFFFFF));
    if (!update.last) sum[c] = acc[c];
  }
  return update.last;
}

/// Ends the sums of `cols` columns of a row of W, from `column` of its `columns` on, and updates
/// them.
HONE_INLINE void update_row(const IntegerParameters& p, std::int32_t* acc, std::size_t row,
                            std::size_t columns, std::size_t column, std::size_t cols,
                            const ShortUpdate& quick, WeightWatch& watch) {
  if (skips_zeros(p) && is_zero(acc, cols)) return;
  const std::size_t at = row * columns + column;
  if (!end_sums(acc, p.sum ? p.sum + at : nullptr, cols, *p.update)) return;
  RowDraws stream;
  stream.start(*p.update, row, column);
  update_columns(p, {&at, 1, acc, 0, cols, &stream}, bits_of(acc, cols), quick, watch);
}

}  // namespace HONE_LEAF_NS
}  // namespace hone
