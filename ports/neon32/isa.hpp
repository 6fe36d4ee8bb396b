#pragma once
#include "ports/neon/vec4.hpp"

namespace hone {
namespace HONE_LEAF_NS {

using Wide = Vec4;
using Narrow = Vec4;

// 16 registers: 12 sums, two vectors of b, one of a.
constexpr int kTileRows = 6;
constexpr int kTileRowsOuter = kTileRows;
constexpr int kTileRowsThin = 12;
constexpr int kPooledPixels = 6;

constexpr int kSweepGroup = 2;

/// NEON of ARMv7 has no division, VFP has one for each lane.
HONE_INLINE Vec4 operator/(Vec4 a, Vec4 b) {
  float x[4], y[4];
  vst1q_f32(x, a.v);
  vst1q_f32(y, b.v);
  HONE_UNROLL for (int i = 0; i < 4; ++i) x[i] /= y[i];
  return {vld1q_f32(x)};
}

/// gcc 12 compares lane by lane in VFP where vcgtq_f32 is written, for the sake of subnormal
/// numbers.
HONE_INLINE Vec4::Mask operator>(Vec4 a, Vec4 b) {
  Vec4::Mask above;
  asm("vcgt.f32 %q0, %q1, %q2" : "=w"(above.m) : "w"(a.v), "w"(b.v));
  return above;
}

HONE_INLINE Vec4 store_floor(Vec4 a) {
  const uint32x4_t below = vcaltq_f32(a.v, vdupq_n_f32(kStoreFloor));
  return {vreinterpretq_f32_u32(vbicq_u32(vreinterpretq_u32_f32(a.v), below))};
}

HONE_INLINE std::uint32_t sum_of_lanes(uint32x4_t lanes) {
  const uint32x2_t pairs = vorr_u32(vget_low_u32(lanes), vget_high_u32(lanes));
  return vget_lane_u32(vpadd_u32(pairs, pairs), 0);
}

/// gcc 12 takes four times as many moves to exchange halves of registers.
HONE_INLINE void exchange_halves(float32x4_t& high_of, float32x4_t& low_of) {
  asm("vswp %f0, %e1" : "+w"(high_of), "+w"(low_of));
}
HONE_INLINE void transpose(Vec4 (&r)[4]) {
  const float32x4x2_t p = vtrnq_f32(r[0].v, r[1].v);
  const float32x4x2_t q = vtrnq_f32(r[2].v, r[3].v);
  HONE_UNROLL for (int i = 0; i < 2; ++i) {
    r[i].v = p.val[i];
    r[i + 2].v = q.val[i];
    exchange_halves(r[i].v, r[i + 2].v);
  }
}

}  // namespace HONE_LEAF_NS
}  // namespace hone
