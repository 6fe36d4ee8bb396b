#include "integer_update.hpp"

namespace hone {
namespace HONE_LEAF_NS {
namespace {

using Numbers = UpdateLanes::Numbers;

// The t of eight weights, and of tall ones the units that it does not hold.
template <ShortUpdate::Kind kKind, bool kMomentum, bool kDecays>
HONE_INLINE void step(const ShortUpdate& u, Numbers& t, Numbers& units, const std::int16_t* w,
                      std::int32_t* velocity, const std::int32_t* acc, const Numbers& by,
                      const Numbers& half) {
  using Kind = ShortUpdate::Kind;
  using Lanes = UpdateLanes;
  Numbers d;
  Lanes::load(t, acc);
  if constexpr (kDecays) Lanes::scale_weights(d, w, u.decay, u.decay_half, u.decay_shift);
  if constexpr (kKind == Kind::brief) Lanes::scale(t, by, half, u.shift);
  if constexpr (kKind == Kind::extended) u.long_rate.apply(t);
  if constexpr (kKind == Kind::tall) Lanes::divide(units, t, by, u.shift);
  if constexpr (kMomentum) {
    Numbers v;
    Lanes::load(v, velocity);
    u.mu.apply(v);
    Lanes::add(t, v);
    if (kDecays && !u.decoupled) Lanes::add(t, d);
    Lanes::store(velocity, t);
    if (kDecays && u.decoupled) Lanes::add(t, d);
  } else if constexpr (kDecays) {
    Lanes::add(t, d);
  }
}
// One block of draws.
template <ShortUpdate::Kind kKind, bool kMomentum, bool kDecays>
HONE_INLINE void apply(const ShortUpdate& u, std::int16_t* w, std::int32_t* velocity,
                       const std::int32_t* acc, const Numbers& by, const Numbers& half,
                       UpdateLanes::Draws& draws, WeightWatch& watch) {
  Words before[kWordsOfBlock], after[kWordsOfBlock];
  Numbers t[2], units[2];
  HONE_UNROLL for (std::size_t i = 0; i < 2; ++i) step<kKind, kMomentum, kDecays>(
      u, t[i], units[i], w + 8 * i, velocity + (kMomentum ? 8 * i : 0), acc + 8 * i, by, half);
  draws.add_next(t[0], t[1]);
  if constexpr (kKind == ShortUpdate::Kind::tall) {
    UpdateLanes::move(after, w, t, units);
  } else {
    UpdateLanes::move(after, w, t[0], t[1]);
  }
  HONE_UNROLL for (std::size_t h = 0; h < kWordsOfBlock; ++h) {
    std::int16_t* const at = w + h * kLanesOfWords;
    __builtin_memcpy(&before[h], at, sizeof before[h]);
    watch.see(before[h], after[h]);
    __builtin_memcpy(at, &after[h], sizeof after[h]);
  }
}

// Each with a frame of its own: together they would take 6 KB.
template <ShortUpdate::Kind kKind, bool kMomentum, bool kDecays>
HONE_APART void update_shortly(const IntegerParameters& p, const SomeColumns& some,
                               const ShortUpdate& rule, WeightWatch& watch) {
  const ShortUpdate quick = rule;  // copies, that no store of a velocity can change
  WeightWatch seen = watch;
  Numbers half;
  UpdateLanes::spread(half, quick.half);
  const std::size_t count = some.cols % kDrawsOfBlock, whole = some.cols - count;
  for (std::size_t r = 0; r < some.rows; ++r) {
    UpdateLanes::Draws draws(some.stream[r].lane);
    std::int16_t* const w = p.w + some.at[r];
    std::int32_t* const velocity = kMomentum ? p.velocity + some.at[r] : nullptr;
    const std::int32_t* const acc = some.acc + r * some.stride;
    Numbers by;
    UpdateLanes::spread(by, quick.rate * some.factor_of(r));
    const auto run = [&](std::int16_t* of_w, std::int32_t* of_v,
                         const std::int32_t* sums) HONE_LAMBDA {
      apply<kKind, kMomentum, kDecays>(quick, of_w, of_v, sums, by, half, draws, seen);
    };
    for (std::size_t c = 0; c < whole; c += kDrawsOfBlock)
      run(w + c, kMomentum ? velocity + c : nullptr, acc + c);
    if (count != 0) {  // beside the last column zeros, which stay
      std::int16_t some_w[kDrawsOfBlock] = {};
      std::int32_t some_v[kDrawsOfBlock] = {}, some_acc[kDrawsOfBlock] = {};
      __builtin_memcpy(some_w, w + whole, count * sizeof *w);
      __builtin_memcpy(some_acc, acc + whole, count * sizeof *acc);
      if (kMomentum) __builtin_memcpy(some_v, velocity + whole, count * sizeof *velocity);
      run(some_w, some_v, some_acc);
      __builtin_memcpy(w + whole, some_w, count * sizeof *w);
      if (kMomentum) __builtin_memcpy(velocity + whole, some_v, count * sizeof *velocity);
    }
    draws.save(some.stream[r].lane);
  }
  watch = seen;
}

HONE_APART void update_plainly(const IntegerParameters& p, const SomeColumns& some,
                               WeightWatch& watch) {
  for (std::size_t r = 0; r < some.rows; ++r) {
    for (std::size_t c = 0; c < some.cols; c += kDrawsOfBlock) {
      Eight both[2];
      std::int32_t draws[kDrawsOfBlock];
      some.stream[r].next(both[0], both[1]);
      __builtin_memcpy(draws, both, sizeof draws);
      for (std::size_t i = 0; i < kDrawsOfBlock && c + i < some.cols; ++i) {
        const std::size_t at = some.at[r] + c + i;
        const Words before = Words{} + p.w[at];
        p.w[at] = integer::updated(p, at, some.acc[r * some.stride + c + i] * some.factor_of(r),
                                   static_cast<std::uint32_t>(draws[i]));
        watch.see(before, Words{} + p.w[at]);
      }
    }
  }
}

template <ShortUpdate::Kind kKind>
HONE_INLINE void update_by(const IntegerParameters& p, const SomeColumns& some,
                           const ShortUpdate& quick, WeightWatch& watch) {
  if (quick.momentum)
    return quick.decays ? update_shortly<kKind, true, true>(p, some, quick, watch)
                        : update_shortly<kKind, true, false>(p, some, quick, watch);
  return quick.decays ? update_shortly<kKind, false, true>(p, some, quick, watch)
                      : update_shortly<kKind, false, false>(p, some, quick, watch);
}

}  // namespace

void update_columns(const IntegerParameters& p, const SomeColumns& some, std::int32_t bits,
                    const ShortUpdate& quick, WeightWatch& watch) {
  std::int32_t of_velocities = 0;
  for (std::size_t r = 0; r < some.rows && quick.momentum && p.velocity; ++r)
    of_velocities |= bits_of(p.velocity + some.at[r], some.cols);
  if (p.update->velocity16 || bits >= quick.limit || of_velocities >= quick.kMostVelocity)
    return update_plainly(p, some, watch);
  using Kind = ShortUpdate::Kind;
  switch (quick.kind_of(bits)) {
    case Kind::brief:
      return update_by<Kind::brief>(p, some, quick, watch);
    case Kind::extended:
      return update_by<Kind::extended>(p, some, quick, watch);
    case Kind::tall:
      return quick.decays ? update_shortly<Kind::tall, false, true>(p, some, quick, watch)
                          : update_shortly<Kind::tall, false, false>(p, some, quick, watch);
  }
}

}  // namespace HONE_LEAF_NS
}  // namespace hone
