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

/// NEON of ARMv7 has no division, VFP has one for each lane.
HONE_INLINE Vec4 operator/(Vec4 a, Vec4 b) {
  float x[4], y[4];
  vst1q_f32(x, a.v);
  vst1q_f32(y, b.v);
  HONE_UNROLL for (int i = 0; i < 4; ++i) x[i] /= y[i];
  return {vld1q_f32(x)};
}

HONE_INLINE void transpose(Vec4 (&r)[4]) {
  const float32x4x2_t p = vtrnq_f32(r[0].v, r[1].v);
  const float32x4x2_t q = vtrnq_f32(r[2].v, r[3].v);
  r[0].v = vcombine_f32(vget_low_f32(p.val[0]), vget_low_f32(q.val[0]));
  r[1].v = vcombine_f32(vget_low_f32(p.val[1]), vget_low_f32(q.val[1]));
  r[2].v = vcombine_f32(vget_high_f32(p.val[0]), vget_high_f32(q.val[0]));
  r[3].v = vcombine_f32(vget_high_f32(p.val[1]), vget_high_f32(q.val[1]));
}

}  // namespace HONE_LEAF_NS
}  // namespace hone
