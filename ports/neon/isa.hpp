#pragma once
#include "ports/neon/products.hpp"
#include "ports/neon/vec4.hpp"

namespace hone {
namespace HONE_LEAF_NS {

using Wide = Vec4;
using Narrow = Vec4;

// 32 registers. Four terms of each row at a time: 16 sums, eight of a, two to four of b.
constexpr int kTileRows = 8;
// One term of all rows at a time: 24 sums, three of a, two of b.
constexpr int kTileRowsOuter = 12;
constexpr int kTileRowsThin = 12;
constexpr int kPooledPixels = 8;

constexpr int kSweepGroup = 4;

HONE_INLINE Vec4 operator/(Vec4 a, Vec4 b) { return {vdivq_f32(a.v, b.v)}; }
HONE_INLINE Vec4::Mask operator>(Vec4 a, Vec4 b) { return {vcgtq_f32(a.v, b.v)}; }

/// gcc 12 has no other name for facgt: of vcaltq_f32 it makes fabs and fcmgt.
HONE_INLINE Vec4 store_floor(Vec4 a) {
  uint32x4_t below;
  asm("facgt %0.4s, %1.4s, %2.4s" : "=w"(below) : "w"(vdupq_n_f32(kStoreFloor)), "w"(a.v));
  return {vreinterpretq_f32_u32(vbicq_u32(vreinterpretq_u32_f32(a.v), below))};
}

HONE_INLINE std::uint32_t sum_of_lanes(uint32x4_t lanes) { return vaddvq_u32(lanes); }

/// Pairs of lanes as one: gcc 12 takes four instructions for the same in halves of vectors.
HONE_INLINE void transpose(Vec4 (&r)[4]) {
  const float64x2_t p0 = vreinterpretq_f64_f32(vtrn1q_f32(r[0].v, r[1].v));
  const float64x2_t p1 = vreinterpretq_f64_f32(vtrn2q_f32(r[0].v, r[1].v));
  const float64x2_t q0 = vreinterpretq_f64_f32(vtrn1q_f32(r[2].v, r[3].v));
  const float64x2_t q1 = vreinterpretq_f64_f32(vtrn2q_f32(r[2].v, r[3].v));
  r[0].v = vreinterpretq_f32_f64(vzip1q_f64(p0, q0));
  r[1].v = vreinterpretq_f32_f64(vzip1q_f64(p1, q1));
  r[2].v = vreinterpretq_f32_f64(vzip2q_f64(p0, q0));
  r[3].v = vreinterpretq_f32_f64(vzip2q_f64(p1, q1));
}

}  // namespace HONE_LEAF_NS
}  // namespace hone
