#pragma once
#include <arm_neon.h>

#include <utility>

#include "ports/neon/pixels.hpp"
#include "ports/shared/eights.hpp"

namespace hone {
namespace HONE_LEAF_NS {

/// Four samples: see ports/shared/integer_samples.hpp. Two products of mantissas fit 16 bits, so
/// that bytes are multiplied and neighbours, which belong to one column, added to its sum.
struct FourSamples {
  static constexpr std::size_t kGroup = 4;
#if defined(__aarch64__)
  static constexpr int kRows = 4;
#else
  static constexpr int kRows = 2;
#endif
  static constexpr int kVectors = 4;
  using Number = std::int8_t;

  HONE_INLINE static void side_by_side(Number* to, const EightCodes (&x)[kGroup]) {
    const int8x8x2_t ab =
        vzip_s8(reinterpret_cast<int8x8_t>(x[0]), reinterpret_cast<int8x8_t>(x[1]));
    const int8x8x2_t cd =
        vzip_s8(reinterpret_cast<int8x8_t>(x[2]), reinterpret_cast<int8x8_t>(x[3]));
    HONE_UNROLL for (int i = 0; i < 2; ++i) {
      const int16x4x2_t all =
          vzip_s16(vreinterpret_s16_s8(ab.val[i]), vreinterpret_s16_s8(cd.val[i]));
      vst1q_s8(to + 16 * i, vreinterpretq_s8_s16(vcombine_s16(all.val[0], all.val[1])));
    }
  }
  template <int R>
  HONE_INLINE static void add(int32x4_t (&sum)[R][kVectors], const std::int8_t* dy,
                              std::size_t pitch, const Number* x) {
    const int8x16x2_t ab = vzipq_s8(vld1q_s8(dy), vld1q_s8(dy + pitch));
    const int8x16x2_t cd = vzipq_s8(vld1q_s8(dy + 2 * pitch), vld1q_s8(dy + 3 * pitch));
    add_rows(sum, ab, cd, pairs(x, std::integral_constant<int, R>()),
             std::make_integer_sequence<int, R>());
  }
  HONE_INLINE static void ordered(int32x4_t (&)[kVectors]) {}

 private:
#if defined(__aarch64__)
  HONE_INLINE static int16x8_t pairs(const Number* x, std::integral_constant<int, 4>) {
    return vreinterpretq_s16_s8(vld1q_s8(x));
  }
  template <int K>
  HONE_INLINE static int8x16_t pair(int16x8_t x) {
    return vreinterpretq_s8_s16(vdupq_laneq_s16(x, K));
  }
#endif
  HONE_INLINE static int16x4_t pairs(const Number* x, std::integral_constant<int, 2>) {
    return vreinterpret_s16_s8(vld1_s8(x));
  }
  HONE_INLINE static int16x4_t pairs(const Number* x, std::integral_constant<int, 1>) {
    std::int32_t four;
    __builtin_memcpy(&four, x, sizeof four);
    return vreinterpret_s16_s32(vdup_n_s32(four));
  }
  template <int K>
  HONE_INLINE static int8x16_t pair(int16x4_t x) {
    return vreinterpretq_s8_s16(vdupq_lane_s16(x, K));
  }
  template <class X, int... I>
  HONE_INLINE static void add_rows(int32x4_t (*sum)[kVectors], const int8x16x2_t& ab,
                                   const int8x16x2_t& cd, X x, std::integer_sequence<int, I...>) {
    (add_row<2 * I>(sum[I], ab, cd, x), ...);
  }
  template <int K, class X>
  HONE_INLINE static void add_row(int32x4_t (&sum)[kVectors], const int8x16x2_t& ab,
                                  const int8x16x2_t& cd, X& x) {
    const int8x16_t first = pair<K>(x), second = pair<K + 1>(x);
    HONE_UNROLL for (int i = 0; i < 2; ++i) {
      const int8x16_t p = ab.val[i], q = cd.val[i];
      const int16x8_t low = vmlal_s8(vmull_s8(vget_low_s8(p), vget_low_s8(first)), vget_low_s8(q),
                                     vget_low_s8(second));
      sum[2 * i] = vpadalq_s16(sum[2 * i], low);
#if defined(__aarch64__)
      const int16x8_t high = vmlal_high_s8(vmull_high_s8(p, first), q, second);
#else
      const int16x8_t high = vmlal_s8(vmull_s8(vget_high_s8(p), vget_low_s8(first)),
                                      vget_high_s8(q), vget_low_s8(second));
#endif
      sum[2 * i + 1] = vpadalq_s16(sum[2 * i + 1], high);
    }
    // A row after the other: gcc 12 would form the products of all, and have no registers for sums.
    asm("" : "+w"(x), "+w"(sum[1]), "+w"(sum[3]));
  }
};

/// Two fours of pixels at a time: see ports/shared/integer_pixels.hpp. The sum of a column takes
/// two lanes.
struct FourPixels : PixelBytes {
  static constexpr int kRows = FourSamples::kRows, kVectors = 4;
  static constexpr std::size_t kMostInputs = 4;

  HONE_INLINE static void put_outputs(std::int8_t* to, const EightCodes (&d)[4]) {
    FourSamples::side_by_side(to, d);
  }
  HONE_INLINE static void load(int32x4_t (&sum)[kVectors], const std::int32_t* from) {
    HONE_UNROLL for (int i = 0; i < 2; ++i) {
      const int32x4x2_t two = vzipq_s32(vld1q_s32(from + 4 * i), vdupq_n_s32(0));
      sum[2 * i] = two.val[0], sum[2 * i + 1] = two.val[1];
    }
  }
  HONE_INLINE static void store(std::int32_t* to, const int32x4_t (&sum)[kVectors]) {
    HONE_UNROLL for (int i = 0; i < 4; ++i)
        vst1_s32(to + 2 * i, vpadd_s32(vget_low_s32(sum[i]), vget_high_s32(sum[i])));
  }
  template <int R>
  HONE_INLINE static void add(int32x4_t (&sum)[R][kVectors], const std::int8_t* d,
                              const std::int8_t* x, std::size_t pitch, std::size_t chunks) {
    for (std::size_t i = 0; i < 2 * chunks; ++i, d += 64, x += 8) {
      const int8x16_t first[2] = {vld1q_s8(d), vld1q_s8(d + 16)};
      const int8x16_t second[2] = {vld1q_s8(d + 32), vld1q_s8(d + 48)};
      HONE_UNROLL for (std::size_t r = 0; r < R; ++r)
          add_row(sum[r], first, second, vreinterpret_s32_s8(vld1_s8(x + r * pitch)));
    }
  }

 private:
  HONE_INLINE static void add_row(int32x4_t (&sum)[kVectors], const int8x16_t (&first)[2],
                                  const int8x16_t (&second)[2], int32x2_t x) {
    const int8x16_t a = vreinterpretq_s8_s32(vdupq_lane_s32(x, 0));
    const int8x16_t b = vreinterpretq_s8_s32(vdupq_lane_s32(x, 1));
    HONE_UNROLL for (int i = 0; i < 2; ++i) {
      const int16x8_t low = vmlal_s8(vmull_s8(vget_low_s8(first[i]), vget_low_s8(a)),
                                     vget_low_s8(second[i]), vget_low_s8(b));
      sum[2 * i] = vpadalq_s16(sum[2 * i], low);
#if defined(__aarch64__)
      const int16x8_t high = vmlal_high_s8(vmull_high_s8(first[i], a), second[i], b);
#else
      const int16x8_t high = vmlal_s8(vmull_s8(vget_high_s8(first[i]), vget_low_s8(a)),
                                      vget_high_s8(second[i]), vget_low_s8(b));
#endif
      sum[2 * i + 1] = vpadalq_s16(sum[2 * i + 1], high);
    }
    // A row after the other, as in FourSamples.
    asm("" : "+w"(sum[0]), "+w"(sum[1]), "+w"(sum[2]), "+w"(sum[3]));
  }
};

}  // namespace HONE_LEAF_NS
}  // namespace hone
