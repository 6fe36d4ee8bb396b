#pragma once
#include <arm_neon.h>

#include "ports/shared/vec.hpp"

namespace hone {
namespace HONE_LEAF_NS {

/// Outside of the functions: gcc 12 copies constant arrays of a function to the stack.
static constexpr std::uint32_t kLaneBits[] = {1, 2, 4, 8};
static constexpr std::uint32_t kColumnBits[] = {1, 4, 16, 64}, kRowBits[] = {2, 8, 32, 128},
                               kRouteBits[] = {3, 12, 48, 192};

/// Four lanes: one q register of AArch64 or of ARMv7 with VFPv4. What is only declared here is not
/// the same on both: neon/isa.hpp and neon32/isa.hpp.
struct Vec4 {
  static constexpr std::size_t kWidth = 4;
  float32x4_t v;

  /// The first lanes of a vector, for memory that ends inside it.
  struct Part {
    std::size_t count;
  };
  struct Mask {
    uint32x4_t m;
  };

  HONE_INLINE static Part part(std::size_t n) { return {n}; }
  HONE_INLINE static Vec4 load(const float* p) { return {vld1q_f32(p)}; }
  HONE_INLINE static Vec4 load(const float* p, Part n) {
    if (n.count >= 4) return load(p);
    const float32x2_t none = vdup_n_f32(0.0f);
    if (n.count == 1) return {vcombine_f32(vld1_lane_f32(p, none, 0), none)};
    return {vcombine_f32(vld1_f32(p), n.count == 3 ? vld1_lane_f32(p + 2, none, 0) : none)};
  }
  HONE_INLINE static Vec4 all(float x) { return {vdupq_n_f32(x)}; }
  HONE_INLINE static Vec4 zero() { return {vdupq_n_f32(0.0f)}; }
  HONE_INLINE void store(float* p) const { vst1q_f32(p, v); }
  HONE_INLINE void store(float* p, Part n) const {
    if (n.count >= 4) return store(p);
    if (n.count == 1) return vst1q_lane_f32(p, v, 0);
    vst1_f32(p, vget_low_f32(v));
    if (n.count == 3) vst1q_lane_f32(p + 2, v, 2);
  }
};

HONE_INLINE Vec4 operator+(Vec4 a, Vec4 b) { return {vaddq_f32(a.v, b.v)}; }
HONE_INLINE Vec4 operator-(Vec4 a, Vec4 b) { return {vsubq_f32(a.v, b.v)}; }
HONE_INLINE Vec4 operator*(Vec4 a, Vec4 b) { return {vmulq_f32(a.v, b.v)}; }
HONE_INLINE Vec4 fma(Vec4 a, Vec4 b, Vec4 c) { return {vfmaq_f32(c.v, a.v, b.v)}; }

HONE_INLINE Vec4 operator/(Vec4 a, Vec4 b);
HONE_INLINE Vec4::Mask operator>(Vec4 a, Vec4 b);
/// NaN passes the floor: it is not below it.
HONE_INLINE Vec4 store_floor(Vec4 a);
HONE_INLINE void transpose(Vec4 (&r)[4]);
/// Of lanes that have no bit in common.
HONE_INLINE std::uint32_t sum_of_lanes(uint32x4_t lanes);

HONE_INLINE Vec4::Mask operator&(Vec4::Mask a, Vec4::Mask b) { return {vandq_u32(a.m, b.m)}; }
/// Lanes of a where the mask is set, else +0.
HONE_INLINE Vec4 keep(Vec4::Mask k, Vec4 a) {
  return {vreinterpretq_f32_u32(vandq_u32(k.m, vreinterpretq_u32_f32(a.v)))};
}
HONE_INLINE Vec4 select(Vec4::Mask k, Vec4 a, Vec4 b) { return {vbslq_f32(k.m, a.v, b.v)}; }
/// a > b ? a : b, and a < b ? a : b: b where one of them is NaN. vmaxq and vminq give that NaN.
HONE_INLINE Vec4 larger(Vec4 a, Vec4 b) { return select(a > b, a, b); }
HONE_INLINE Vec4 smaller(Vec4 a, Vec4 b) { return select(b > a, a, b); }

HONE_INLINE std::uint32_t bits_of(Vec4::Mask k) {
  return sum_of_lanes(vandq_u32(k.m, vld1q_u32(kLaneBits)));
}
HONE_INLINE Vec4::Mask mask_of(Vec4, std::uint32_t bits) {
  return {vtstq_u32(vdupq_n_u32(bits), vld1q_u32(kLaneBits))};
}

/// `seen` is 0 until it becomes NaN, and then stays that: infinity times 0 is NaN too.
HONE_INLINE void watch(Vec4& seen, Vec4 x) { seen = fma(x, Vec4::zero(), seen); }
HONE_INLINE std::uint32_t saw_not_finite(Vec4 seen) {
  const uint32x4_t bits = vreinterpretq_u32_f32(seen.v);
  return bits_of(Vec4::Mask{vtstq_u32(bits, bits)}) != 0 ? 1u : 0u;
}

/// routes.hpp: two bits a lane from its masks, in place.
HONE_INLINE std::uint32_t packed_routes(Vec4, Vec4::Mask is_lower, Vec4::Mask is_right_above,
                                        Vec4::Mask is_right_below) {
  const uint32x4_t column = vbslq_u32(is_lower.m, is_right_below.m, is_right_above.m);
  const uint32x4_t both = vbslq_u32(vld1q_u32(kColumnBits), column, is_lower.m);
  return sum_of_lanes(vandq_u32(both, vld1q_u32(kRouteBits)));
}

HONE_INLINE Vec4::Mask right_of(Vec4, std::uint32_t routes) {
  return {vtstq_u32(vdupq_n_u32(routes), vld1q_u32(kColumnBits))};
}
HONE_INLINE Vec4::Mask lower_of(Vec4, std::uint32_t routes) {
  return {vtstq_u32(vdupq_n_u32(routes), vld1q_u32(kRowBits))};
}

}  // namespace HONE_LEAF_NS
}  // namespace hone
