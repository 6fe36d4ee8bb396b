#pragma once
#include "integer_draws.hpp"

// The update of a row of weights, sixteen at a time: as many as one block of the random stream has
// values.
namespace hone {
namespace HONE_LEAF_NS {

/// What an update has seen.
struct WeightWatch {
  EightShort most = {}, least = {}, changes = {};

  // By reference: a value that is wider than the registers has no way to be passed.
  HONE_INLINE void see(const EightShort& before, const EightShort& after) {
    most = most > after ? most : after;
    least = least < after ? least : after;
    changes |= before ^ after;
  }
  HONE_INLINE void report(IntegerReport& to) const {
    for (int i = 0; i < 8; ++i) {
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
      : rate(u.rate),
        decay(u.decay.mantissa),
        shift(u.rate_shift),
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

  /// Eight mantissas m become `next`.
  template <Kind kKind>
  HONE_INLINE void step(Eight& next, const EightShort& narrow, std::int32_t* velocity,
                        const std::int32_t* acc, const Eight& draws) const {
    Eight t;
    __builtin_memcpy(&t, acc, sizeof t);
    const Eight m = __builtin_convertvector(narrow, Eight);
    Eight whole{};  // units that t does not hold
    if constexpr (kKind == Kind::brief) t = (t * rate + half) >> shift;
    if constexpr (kKind == Kind::extended) long_rate.apply(t);
    if constexpr (kKind == Kind::tall) {
      t *= rate;
      whole = t >> (kVelocityBits + shift);
      t = reinterpret_cast<Eight>(reinterpret_cast<EightDraws>(t) << -shift & 0xFFFFu);
    }
    Eight d{};
    if (decays) d = (m * decay + decay_half) >> decay_shift;
    if (!decoupled || !momentum) t += d;
    if (momentum) {
      Eight v;
      __builtin_memcpy(&v, velocity, sizeof v);
      mu.apply(v);
      t += v;
      __builtin_memcpy(velocity, &t, sizeof t);
      if (decoupled) t += d;
    }
    next = m - whole - ((t + draws) >> kVelocityBits);
  }
  /// One block of draws.
  template <Kind kKind>
  HONE_INLINE void apply(std::int16_t* w, std::int32_t* velocity, const std::int32_t* acc,
                         const Eight& first, const Eight& second, WeightWatch& watch) const {
    EightShort before[2], after[2];
    Eight a, b;
    __builtin_memcpy(before, w, sizeof before);
    step<kKind>(a, before[0], velocity, acc, first);
    step<kKind>(b, before[1], velocity ? velocity + 8 : nullptr, acc + 8, second);
    IntegerLanes::narrow(after, a, b);
    const EightShort least = EightShort{} - std::int16_t{kMaxMantissa16};
    HONE_UNROLL for (std::size_t h = 0; h < 2; ++h) {
      after[h] = after[h] > least ? after[h] : least;
      watch.see(before[h], after[h]);
    }
    __builtin_memcpy(w, after, sizeof after);
  }
};

// The OR of the magnitude bits.
HONE_INLINE std::int32_t bits_of_sums(const std::int32_t* x, std::size_t n) {
  Eight all{};
  std::int32_t bits = 0;
  std::size_t i = 0;
  for (; i + 8 <= n; i += 8) {
    Eight v;
    __builtin_memcpy(&v, x + i, sizeof v);
    all |= v ^ (v >> 31);
  }
  for (; i < n; ++i) bits |= x[i] ^ (x[i] >> 31);
  std::uint64_t two[4];  // fewer steps than eight numbers
  __builtin_memcpy(two, &all, sizeof two);
  const std::uint64_t both = two[0] | two[1] | two[2] | two[3];
  return bits | static_cast<std::int32_t>(both | both >> 32);
}

namespace {

/// What a call of update_columns() works on: w and velocity (or null) of `count` columns.
struct SomeColumns {
  std::int16_t* w;
  std::int32_t* velocity;
  const std::int32_t* acc;
  std::size_t count;
};

// Whole blocks.
template <ShortUpdate::Kind kKind>
HONE_INLINE void update_blocks(const SomeColumns& to, RowDraws& stream, const ShortUpdate& rule,
                               WeightWatch& watch) {
  const ShortUpdate quick = rule;  // copies, that no store of a velocity can change
  WeightWatch seen = watch;
  RowDraws draws = stream;
  for (std::size_t c = 0; c + kDrawsOfBlock <= to.count; c += kDrawsOfBlock) {
    Eight first, second;
    draws.next(first, second);
    quick.apply<kKind>(to.w + c, to.velocity ? to.velocity + c : nullptr, to.acc + c, first, second,
                       seen);
  }
  watch = seen;
  stream = draws;
}

HONE_APART void update_plainly(const IntegerParameters& p, std::size_t at, const std::int32_t* acc,
                               std::size_t cols, RowDraws& stream, WeightWatch& watch) {
  for (std::size_t c = 0; c < cols; c += kDrawsOfBlock) {
    Eight both[2];
    std::int32_t draws[kDrawsOfBlock];
    stream.next(both[0], both[1]);
    __builtin_memcpy(draws, both, sizeof draws);
    for (std::size_t i = 0; i < kDrawsOfBlock && c + i < cols; ++i) {
      std::int16_t& w = p.w[at + c + i];
      const EightShort before = EightShort{} + w;
      w = integer::updated(p, at + c + i, acc[c + i], static_cast<std::uint32_t>(draws[i]));
      watch.see(before, EightShort{} + w);
    }
  }
}

/// `cols` columns of a row from weight `at` on; the stream stands at its block.
HONE_APART void update_columns(const IntegerParameters& p, std::size_t at, const std::int32_t* acc,
                               std::size_t cols, RowDraws& stream, const ShortUpdate& quick,
                               WeightWatch& watch) {
  std::int16_t* const w = p.w + at;
  std::int32_t* const velocity = quick.momentum && p.velocity ? p.velocity + at : nullptr;
  const std::int32_t bits = bits_of_sums(acc, cols);
  const SomeColumns all{w, velocity, acc, cols};
  if (p.update->velocity16 || bits >= quick.limit ||
      (velocity && bits_of_sums(velocity, cols) >= quick.kMostVelocity))
    return update_plainly(p, at, acc, cols, stream, watch);
  const auto run = [&](const SomeColumns& to) HONE_LAMBDA {
    switch (quick.kind_of(bits)) {
      case ShortUpdate::Kind::brief:
        return update_blocks<ShortUpdate::Kind::brief>(to, stream, quick, watch);
      case ShortUpdate::Kind::extended:
        return update_blocks<ShortUpdate::Kind::extended>(to, stream, quick, watch);
      case ShortUpdate::Kind::tall:
        return update_blocks<ShortUpdate::Kind::tall>(to, stream, quick, watch);
    }
  };
  const std::size_t count = cols % kDrawsOfBlock, c = cols - count;
  if (c > 0) run(all);
  if (count == 0) return;
  // Beside the last column zeros, which stay.
  std::int16_t some_w[kDrawsOfBlock] = {};
  std::int32_t some_v[kDrawsOfBlock] = {}, some_acc[kDrawsOfBlock] = {};
  __builtin_memcpy(some_w, w + c, count * sizeof *w);
  __builtin_memcpy(some_acc, acc + c, count * sizeof *acc);
  if (velocity) __builtin_memcpy(some_v, velocity + c, count * sizeof *velocity);
  run({some_w, velocity ? some_v : nullptr, some_acc, kDrawsOfBlock});
  __builtin_memcpy(w + c, some_w, count * sizeof *w);
  if (velocity) __builtin_memcpy(velocity + c, some_v, count * sizeof *velocity);
}

}  // namespace

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
