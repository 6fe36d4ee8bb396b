#pragma once
#include <arm_neon.h>

#include "ports/shared/vec.hpp"

namespace hone {
namespace HONE_LEAF_NS {

/// Four sums of 32 bits, and eight numbers of 16 bits. Widening multiply-adds take a row at a time,
/// so that rows need not be interleaved.
struct IntegerLanes {
  static constexpr int kWidth = 4;
  /// Samples or rows of W in a tile that is two vectors of sums wide.
  static constexpr int kTileRows = 4;
  using Sums = int32x4_t;
  using Numbers = int16x8_t;

  HONE_INLINE static Sums zero() { return vdupq_n_s32(0); }
  HONE_INLINE static Sums load(const std::int32_t* p) { return vld1q_s32(p); }
  HONE_INLINE static void store(std::int32_t* p, Sums s) { vst1q_s32(p, s); }
  HONE_INLINE static Numbers numbers(const std::int16_t* p) { return vld1q_s16(p); }
  HONE_INLINE static Numbers widened(const std::int8_t* p) { return vmovl_s8(vld1_s8(p)); }
  /// Two rows, for add().
  struct Two {
    Numbers a, b;
  };
  HONE_INLINE static Two two(Numbers a, Numbers b) { return {a, b}; }
  /// Adds x[0] times the first row and x[1] times the second, in an order that ordered() undoes.
  HONE_INLINE static void add(Sums& low, Sums& high, const Two& rows, const std::int16_t* x) {
    std::int32_t both;
    __builtin_memcpy(&both, x, sizeof both);
    const int16x4_t pair = vreinterpret_s16_s32(vdup_n_s32(both));
    low = vmlal_lane_s16(low, vget_low_s16(rows.a), pair, 0);
    high = vmlal_lane_s16(high, vget_high_s16(rows.a), pair, 0);
    low = vmlal_lane_s16(low, vget_low_s16(rows.b), pair, 1);
    high = vmlal_lane_s16(high, vget_high_s16(rows.b), pair, 1);
  }
  HONE_INLINE static void ordered(Sums&, Sums&) {}
  HONE_INLINE static Sums dot(Sums sum, Numbers a, Numbers b) {
    return vmlal_s16(vmlal_s16(sum, vget_low_s16(a), vget_low_s16(b)), vget_high_s16(a),
                     vget_high_s16(b));
  }
  HONE_INLINE static std::int32_t total(Sums s) {
    const int32x2_t two = vadd_s32(vget_low_s32(s), vget_high_s32(s));
    return vget_lane_s32(vpadd_s32(two, two), 0);
  }
};

}  // namespace HONE_LEAF_NS
}  // namespace hone
