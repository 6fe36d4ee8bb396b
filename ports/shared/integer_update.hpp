#pragma once
#include "integer_draws.hpp"

// The update of a row of weights, sixteen at a time: as many as one block of the random stream has
// values.
namespace hone {
namespace HONE_LEAF_NS {

using Words = IntegerLanes::Words;
constexpr std::size_t kLanesOfWords = sizeof(Words) / sizeof(std::int16_t);
constexpr std::size_t kWordsOfBlock = kDrawsOfBlock / kLanesOfWords;

/// In halves where a register holds four: gcc would copy the whole by way of the stack.
HONE_INLINE void load_eight(Eight& to, const std::int32_t* p) {
  if constexpr (IntegerLanes::kWidth == 4) {
    const IntegerLanes::Sums half[2] = {IntegerLanes::load(p), IntegerLanes::load(p + 4)};
    __builtin_memcpy(&to, half, sizeof to);
  } else {
    __builtin_memcpy(&to, p, sizeof to);
  }
}
HONE_INLINE void store_eight(std::int32_t* p, const Eight& from) {
  if constexpr (IntegerLanes::kWidth == 4) {
    IntegerLanes::Sums half[2];
    __builtin_memcpy(half, &from, sizeof half);
    IntegerLanes::store(p, half[0]);
    IntegerLanes::store(p + 4, half[1]);
  } else {
    __builtin_memcpy(p, &from, sizeof from);
  }
}

/// Eight times the same number: gcc makes it of pieces, once for each row, where it takes two
/// registers.
HONE_INLINE void spread(Eight& to, std::int32_t number) {
  if constexpr (IntegerLanes::kWidth == 4) {
    const IntegerLanes::Sums half[2] = {IntegerLanes::all(number), IntegerLanes::all(number)};
    __builtin_memcpy(&to, half, sizeof to);
  } else {
    to = Eight{} + number;
  }
}

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

/// x * m * 2^-s to the nearest, of x = high * 2^15 + low; x and the result below 2^30.
struct LongScale {
  std::int32_t m_high = 0, m_low = 0, low_half = 0, high_half = 0;
  int low_shift = 15, shift = 0;

  LongScale() = default;
  HONE_INLINE LongScale(std::int32_t m, int s) : m_high(m), m_low(m) {
    if (s <= 15) low_shift = s, low_half = 1 << (s - 1), m_high = m << (15 - s);
    if (s > 15) shift = s - 15, high_half = 1 << (shift - 1);
  }
  static constexpr bool is_right(int s) { return s >= 1 && s <= 45; }
  /// x below it, for a result below 2^28.
  static constexpr std::int32_t limit(int s) { return 1 << (s + 13 < 30 ? s + 13 : 30); }
  HONE_INLINE void apply(Eight& x) const {
    const Eight low = ((x & 0x7FFF) * m_low + low_half) >> low_shift;
    x = ((x >> 15) * m_high + low + high_half) >> shift;
  }
};

/// SGD while sums, shifts, velocities and decay fit 32 bits, which is nearly always.
struct ShortUpdate {
  /// How the sums are scaled: of 15 bits; longer ones; of 15 bits, to more than 32.
  enum class Kind { brief, extended, tall };
  static constexpr std::int32_t kShort = 1 << 15;  // of the sums
  static constexpr std::int32_t kMostVelocity = 1 << 28;

  std::int32_t rate, half = 0, decay, decay_half = 0;
  int shift, decay_shift;
  bool momentum, decoupled, decays;
  std::int32_t limit = 0;  // sums are below; 0: none is right
  LongScale long_rate, mu;

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
      if (u.mu.mantissa != 0 && (u.mu.shift < 15 || !LongScale::is_right(u.mu.shift))) return;
      mu = LongScale(u.mu.mantissa, u.mu.mantissa ? u.mu.shift : 15);
    }
    if (shift <= 0 && shift >= -15 && !momentum) limit = kShort;
    if (shift >= least && shift <= 30) limit = kShort, half = 1 << (shift - 1);
    if (shift < least || !LongScale::is_right(shift)) return;
    long_rate = LongScale(rate, shift);
    if (LongScale::limit(shift) > limit) limit = LongScale::limit(shift);
  }

  /// bits: the OR of the magnitude bits of the sums.
  HONE_INLINE Kind kind_of(std::int32_t bits) const {
    if (shift <= 0) return Kind::tall;
    return bits < kShort && shift <= 30 ? Kind::brief : Kind::extended;
  }

  /// Whether sums of 15 bits may be products whose second factor goes to the rate.
  HONE_INLINE bool takes_factors() const { return shift <= 30; }
};

// The OR of the magnitude bits.
HONE_INLINE std::int32_t bits_of(const std::int32_t* x, std::size_t n) {
  Eight all{};
  std::int32_t bits = 0;
  std::size_t i = 0;
  for (; i + 8 <= n; i += 8) {
    Eight v;
    load_eight(v, x + i);
    all |= v ^ (v >> 31);
  }
  for (; i < n; ++i) bits |= x[i] ^ (x[i] >> 31);
  std::uint64_t two[4];  // fewer steps than eight numbers
  __builtin_memcpy(two, &all, sizeof two);
  const std::uint64_t both = two[0] | two[1] | two[2] | two[3];
  return bits | static_cast<std::int32_t>(both | both >> 32);
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

}  // namespace HONE_LEAF_NS
}  // namespace hone
