#pragma once
#include "core/kernels/dropout_draws.hpp"
#include "eights.hpp"

// What an update does with eight numbers of 32 bits. integer_lanes.hpp of a port names its
// `UpdateLanes`: this, or a struct with the same members.
namespace hone {
namespace HONE_LEAF_NS {

/// x * m * 2^-s to the nearest, of x = high * 2^15 + low; x and the result below 2^30.
struct ScaleOfHalves {
  std::int32_t m_high = 0, m_low = 0, low_half = 0, high_half = 0;
  int low_shift = 15, shift = 0;

  ScaleOfHalves() = default;
  HONE_INLINE ScaleOfHalves(std::int32_t m, int s) : m_high(m), m_low(m) {
    if (s <= 15) low_shift = s, low_half = 1 << (s - 1), m_high = m << (15 - s);
    if (s > 15) shift = s - 15, high_half = 1 << (shift - 1);
  }
  static constexpr bool is_right(int s) { return s >= 1 && s <= 45; }
  HONE_INLINE void apply(Eight& x) const {
    const Eight low = ((x & 0x7FFF) * m_low + low_half) >> low_shift;
    x = ((x >> 15) * m_high + low + high_half) >> shift;
  }
};

/// On vectors of the compiler. L: lanes of a port.
template <class L>
struct WholeEights {
  using Numbers = Eight;
  using LongScale = ScaleOfHalves;
  using MuScale = ScaleOfHalves;

  /// Draws of a stream, a block after the other.
  struct Draws {
    EightDraws lane;

    HONE_INLINE explicit Draws(const EightDraws& from) : lane(from) {}
    HONE_INLINE void save(EightDraws& to) const { to = lane; }
    /// Adds the next block to sixteen numbers.
    HONE_INLINE void add_next(Eight& first, Eight& second) {
      advance(lane);
      first += reinterpret_cast<Eight>(lane & 0xFFFFu);
      second += reinterpret_cast<Eight>(lane >> 16);
    }
  };

  /// In halves where a register holds four: gcc would copy the whole by way of the stack.
  HONE_INLINE static void load(Eight& to, const std::int32_t* p) {
    if constexpr (L::kWidth == 4) {
      const typename L::Sums half[2] = {L::load(p), L::load(p + 4)};
      __builtin_memcpy(&to, half, sizeof to);
    } else {
      __builtin_memcpy(&to, p, sizeof to);
    }
  }
  HONE_INLINE static void store(std::int32_t* p, const Eight& from) {
    if constexpr (L::kWidth == 4) {
      typename L::Sums half[2];
      __builtin_memcpy(half, &from, sizeof half);
      L::store(p, half[0]);
      L::store(p + 4, half[1]);
    } else {
      __builtin_memcpy(p, &from, sizeof from);
    }
  }
  /// Eight times the same number: gcc makes it of pieces, once for each row, where it takes two
  /// registers.
  HONE_INLINE static void spread(Eight& to, std::int32_t number) {
    if constexpr (L::kWidth == 4) {
      const typename L::Sums half[2] = {L::all(number), L::all(number)};
      __builtin_memcpy(&to, half, sizeof to);
    } else {
      to = Eight{} + number;
    }
  }
  HONE_INLINE static void add(Eight& to, const Eight& x) { to += x; }
  /// x = x * by * 2^-shift to the nearest; half: 2^(shift - 1). Products stay below 2^30.
  HONE_INLINE static void scale(Eight& x, const Eight& by, const Eight& half, int shift) {
    x = (x * by + half) >> shift;
  }
  /// Eight weights times m * 2^-shift likewise.
  HONE_INLINE static void scale_weights(Eight& to, const std::int16_t* w, std::int32_t m,
                                        std::int32_t half, int shift) {
    Eight of;
    L::widen(of, w);
    to = (of * m + half) >> shift;
  }
  /// Sixteen weights less t * 2^-16, rounded down, limited to +-32767. |t| < 2^31 - 2^16.
  template <class Words>
  HONE_INLINE static void move(Words& after, const std::int16_t* w, const Eight& first,
                               const Eight& second) {
    Eight a, b;
    L::widen(a, w);
    L::widen(b, w + 8);
    L::narrow(after, a - (first >> 16), b - (second >> 16));
  }
  /// The same less `units` more.
  template <class Words>
  HONE_INLINE static void move(Words& after, const std::int16_t* w, const Eight (&t)[2],
                               const Eight (&units)[2]) {
    Eight a, b;
    L::widen(a, w);
    L::widen(b, w + 8);
    L::narrow(after, a - units[0] - (t[0] >> 16), b - units[1] - (t[1] >> 16));
  }
  /// Products of 2^-16 units: whole ones, at 2^-(16 + shift), and what is left in t; shift <= 0.
  HONE_INLINE static void divide(Eight& units, Eight& t, const Eight& by, int shift) {
    t *= by;
    units = t >> (16 + shift);
    t = reinterpret_cast<Eight>(reinterpret_cast<EightDraws>(t) << -shift & 0xFFFFu);
  }
};

}  // namespace HONE_LEAF_NS
}  // namespace hone
