#pragma once
#include <arm_neon.h>

#include "ports/shared/eights.hpp"

namespace hone {
namespace HONE_LEAF_NS {

/// Eight numbers of 32 bits in two registers, which gcc 12 does not keep there as an Eight: see
/// ports/shared/integer_update_lanes.hpp.
struct PairedFours {
  struct Numbers {
    int32x4_t low, high;
  };

  /// x * m * 2^-s to the nearest for x below 2^(s + 13) and 2^30, in two steps: down to 2^-post of
  /// the result's unit, which leaves the bit that rounds.
  struct LongScale {
    std::int32_t m = 0;
    int pre = 0, post = 1;

    LongScale() = default;
    HONE_INLINE LongScale(std::int32_t mantissa, int s)
        : pre(s < 16 ? 16 - s : 0), post(s > 32 ? s - 31 : 1) {
      m = mantissa << (31 - pre - (s - post));
    }
    static constexpr bool is_right(int s) { return s >= 1 && s <= 45; }
    HONE_INLINE void apply(Numbers& x) const { x = {of(x.low), of(x.high)}; }

   private:
    HONE_INLINE int32x4_t of(int32x4_t x) const {
      return vrshlq_s32(vqdmulhq_n_s32(vshlq_s32(x, vdupq_n_s32(pre)), m), vdupq_n_s32(-post));
    }
  };
  /// The same in one, of any x, for the shifts of which 31 bits of a mantissa have room.
  struct MuScale {
    std::int32_t m = 0;

    MuScale() = default;
    HONE_INLINE MuScale(std::int32_t mantissa, int s) : m(mantissa << (31 - s)) {}
    static constexpr bool is_right(int s) { return s >= 15 && s <= 31; }
    HONE_INLINE void apply(Numbers& x) const {
      x = {vqrdmulhq_n_s32(x.low, m), vqrdmulhq_n_s32(x.high, m)};
    }
  };

  struct Draws {
    uint32x4_t low, high;

    HONE_INLINE explicit Draws(const EightDraws& from) {
      std::uint32_t lane[8];
      __builtin_memcpy(lane, &from, sizeof lane);
      low = vld1q_u32(lane), high = vld1q_u32(lane + 4);
    }
    HONE_INLINE void save(EightDraws& to) const {
      std::uint32_t lane[8];
      vst1q_u32(lane, low);
      vst1q_u32(lane + 4, high);
      __builtin_memcpy(&to, lane, sizeof to);
    }
    HONE_INLINE void add_next(Numbers& first, Numbers& second) {
      step(low);
      step(high);
      first = {add_low(first.low, low), add_low(first.high, high)};
      second = {add_high(second.low, low), add_high(second.high, high)};
    }

   private:
    HONE_INLINE static void step(uint32x4_t& s) {
      s = veorq_u32(s, vshlq_n_u32(s, 13));
      s = veorq_u32(s, vshrq_n_u32(s, 17));
      s = veorq_u32(s, vshlq_n_u32(s, 5));
    }
    HONE_INLINE static int32x4_t add_low(int32x4_t x, uint32x4_t s) {
      return vaddq_s32(x, vreinterpretq_s32_u32(vandq_u32(s, vdupq_n_u32(0xFFFF))));
    }
    HONE_INLINE static int32x4_t add_high(int32x4_t x, uint32x4_t s) {
      return vreinterpretq_s32_u32(vsraq_n_u32(vreinterpretq_u32_s32(x), s, 16));
    }
  };

  HONE_INLINE static void load(Numbers& to, const std::int32_t* p) {
    to = {vld1q_s32(p), vld1q_s32(p + 4)};
  }
  HONE_INLINE static void store(std::int32_t* p, const Numbers& from) {
    vst1q_s32(p, from.low);
    vst1q_s32(p + 4, from.high);
  }
  HONE_INLINE static void spread(Numbers& to, std::int32_t number) {
    to.low = to.high = vdupq_n_s32(number);
  }
  HONE_INLINE static void add(Numbers& to, const Numbers& x) {
    to = {vaddq_s32(to.low, x.low), vaddq_s32(to.high, x.high)};
  }
  HONE_INLINE static void scale(Numbers& x, const Numbers& by, const Numbers&, int shift) {
    x = rounded({vmulq_s32(x.low, by.low), vmulq_s32(x.high, by.high)}, shift);
  }
  HONE_INLINE static void scale_weights(Numbers& to, const std::int16_t* w, std::int32_t m,
                                        std::int32_t, int shift) {
    const int16x8_t of = vld1q_s16(w);
    const int16x4_t by = vdup_n_s16(static_cast<std::int16_t>(m));
    to = rounded({vmull_s16(vget_low_s16(of), by), vmull_s16(vget_high_s16(of), by)}, shift);
  }
  template <class Words>
  HONE_INLINE static void move(Words& after, const std::int16_t* w, const Numbers& first,
                               const Numbers& second) {
    const int16x8_t moved[2] = {less(vld1q_s16(w), whole(first)),
                                less(vld1q_s16(w + 8), whole(second))};
    __builtin_memcpy(&after, moved, sizeof after);
  }
  template <class Words>
  HONE_INLINE static void move(Words& after, const std::int16_t* w, const Numbers (&t)[2],
                               const Numbers (&units)[2]) {
    int16x8_t moved[2];
    HONE_UNROLL for (int i = 0; i < 2; ++i) {
      const int16x8_t of = vld1q_s16(w + 8 * i);
      const int32x4_t low = vsubq_s32(vmovl_s16(vget_low_s16(of)), units[i].low);
      const int32x4_t high = vsubq_s32(vmovl_s16(vget_high_s16(of)), units[i].high);
      const int16x8_t words = vcombine_s16(vqmovn_s32(vsubq_s32(low, vshrq_n_s32(t[i].low, 16))),
                                           vqmovn_s32(vsubq_s32(high, vshrq_n_s32(t[i].high, 16))));
      moved[i] = vmaxq_s16(words, vdupq_n_s16(-32767));
    }
    __builtin_memcpy(&after, moved, sizeof after);
  }
  HONE_INLINE static void divide(Numbers& units, Numbers& t, const Numbers& by, int shift) {
    t = {vmulq_s32(t.low, by.low), vmulq_s32(t.high, by.high)};
    units = shifted(t, -16 - shift);
    const Numbers left = shifted(t, -shift);
    const int32x4_t mask = vdupq_n_s32(0xFFFF);
    t = {vandq_s32(left.low, mask), vandq_s32(left.high, mask)};
  }

 private:
  HONE_INLINE static Numbers rounded(const Numbers& x, int shift) {
    const int32x4_t by = vdupq_n_s32(-shift);
    return {vrshlq_s32(x.low, by), vrshlq_s32(x.high, by)};
  }
  HONE_INLINE static Numbers shifted(const Numbers& x, int left) {
    const int32x4_t by = vdupq_n_s32(left);
    return {vshlq_s32(x.low, by), vshlq_s32(x.high, by)};
  }
  // The upper halves, which are t * 2^-16.
  HONE_INLINE static int16x8_t whole(const Numbers& t) {
#if defined(__aarch64__)
    return vuzp2q_s16(vreinterpretq_s16_s32(t.low), vreinterpretq_s16_s32(t.high));
#else
    return vcombine_s16(vshrn_n_s32(t.low, 16), vshrn_n_s32(t.high, 16));
#endif
  }
  HONE_INLINE static int16x8_t less(int16x8_t w, int16x8_t by) {
    return vmaxq_s16(vqsubq_s16(w, by), vdupq_n_s16(-32767));
  }
};

}  // namespace HONE_LEAF_NS
}  // namespace hone
