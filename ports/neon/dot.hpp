#pragma once
#include <arm_neon.h>

#include <utility>

#include "ports/shared/eights.hpp"

// What SDOT can do (Armv8.2-A, +dotprod): four products of bytes go to a sum of 32 bits.
namespace hone {
namespace HONE_LEAF_NS {

/// Four samples: see ports/shared/integer_samples.hpp.
struct DotSamples {
  static constexpr std::size_t kGroup = 4;
  static constexpr int kRows = 8, kVectors = 2;
  using Number = std::int8_t;

  HONE_INLINE static void side_by_side(Number* to, const EightCodes (&x)[kGroup]) {
    int8x16_t low, high;
    zip(low, high, reinterpret_cast<int8x8_t>(x[0]), reinterpret_cast<int8x8_t>(x[1]),
        reinterpret_cast<int8x8_t>(x[2]), reinterpret_cast<int8x8_t>(x[3]));
    vst1q_s8(to, low);
    vst1q_s8(to + 16, high);
  }
  template <int R>
  HONE_INLINE static void add(int32x4_t (&sum)[R][kVectors], const std::int8_t* dy,
                              std::size_t pitch, const Number* x) {
    int8x16_t low, high;
    zip(low, high, vld1_s8(dy), vld1_s8(dy + pitch), vld1_s8(dy + 2 * pitch),
        vld1_s8(dy + 3 * pitch));
    int8x16_t of[(R + 3) / 4];
    if constexpr (R < 4) {
      __builtin_memcpy(&of, x, R * kGroup);
    } else {
      HONE_UNROLL for (std::size_t i = 0; i < R / 4; ++i) of[i] = vld1q_s8(x + 16 * i);
    }
    add_rows(sum, low, high, of, std::make_integer_sequence<int, R>());
  }
  HONE_INLINE static void ordered(int32x4_t (&)[kVectors]) {}

 private:
  // Eight columns of four rows: four bytes of each column side by side.
  HONE_INLINE static void zip(int8x16_t& low, int8x16_t& high, int8x8_t a, int8x8_t b, int8x8_t c,
                              int8x8_t d) {
    const int8x16_t none = vdupq_n_s8(0);
    const int16x8_t ab = vreinterpretq_s16_s8(
        vzip1q_s8(vcombine_s8(a, vget_low_s8(none)), vcombine_s8(b, vget_low_s8(none))));
    const int16x8_t cd = vreinterpretq_s16_s8(
        vzip1q_s8(vcombine_s8(c, vget_low_s8(none)), vcombine_s8(d, vget_low_s8(none))));
    low = vreinterpretq_s8_s16(vzip1q_s16(ab, cd));
    high = vreinterpretq_s8_s16(vzip2q_s16(ab, cd));
  }
  template <int R, int... I>
  HONE_INLINE static void add_rows(int32x4_t (&sum)[R][kVectors], int8x16_t low, int8x16_t high,
                                   const int8x16_t* x, std::integer_sequence<int, I...>) {
    (..., (sum[I][0] = vdotq_laneq_s32(sum[I][0], low, x[I / 4], I % 4),
           sum[I][1] = vdotq_laneq_s32(sum[I][1], high, x[I / 4], I % 4)));
  }
};

/// Weights in bytes: w = 256 * high + low + 128, with -128 <= low < 128 and high of as many bits as
/// w needs. So the sum of x * w is 256 times that of x * high, that of x * low, and 128 times that
/// of x.
struct SplitWeights {
  static constexpr std::size_t kColumns = 8;
  static constexpr int kRows = 8;           ///< samples of a tile
  static constexpr std::size_t kTurn = 16;  ///< inputs that meet their rows of W in one turn
  static constexpr std::size_t kFour = 4 * kColumns;  ///< bytes of four rows

  /// Four rows of W, `pitch` apart.
  HONE_INLINE static void split(std::int8_t* high, std::int8_t* low, const std::int16_t* w,
                                std::size_t pitch) {
    const int8x16_t a = vreinterpretq_s8_s16(vld1q_s16(w));
    const int8x16_t b = vreinterpretq_s8_s16(vld1q_s16(w + pitch));
    const int8x16_t c = vreinterpretq_s8_s16(vld1q_s16(w + 2 * pitch));
    const int8x16_t d = vreinterpretq_s8_s16(vld1q_s16(w + 3 * pitch));
    put(high, vtrn2q_s8(a, b), vtrn2q_s8(c, d));
    const int8x16_t sign = vdupq_n_s8(-128);
    put(low, veorq_s8(vtrn1q_s8(a, b), sign), veorq_s8(vtrn1q_s8(c, d), sign));
  }

  /// The high or the low parts of sixteen weights, of which `left` count.
  template <bool kHigh>
  HONE_INLINE static int8x16_t part(int16x8_t a, int16x8_t b, std::size_t left) {
    const int8x16_t first = vreinterpretq_s8_s16(a), second = vreinterpretq_s8_s16(b);
    const int8x16_t all =
        kHigh ? vuzp2q_s8(first, second) : veorq_s8(vuzp1q_s8(first, second), vdupq_n_s8(-128));
    return vandq_s8(all, mask(left));
  }
  HONE_INLINE static int8x16_t ones(std::size_t left) {
    return vandq_s8(vdupq_n_s8(1), mask(left));
  }
  HONE_INLINE static void dot(int32x4_t& sum, int8x16_t part, const std::int8_t* x) {
    sum = vdotq_s32(sum, part, vld1q_s8(x));
  }
  HONE_INLINE static int32x4_t plus(int32x4_t a, int32x4_t b) { return vaddq_s32(a, b); }
  HONE_INLINE static void times_256(int32x4_t& sum) { sum = vshlq_n_s32(sum, 8); }
  HONE_INLINE static std::int32_t sum(const std::int8_t* x, std::size_t n) {
    int32x4_t four = vdupq_n_s32(0);
    std::size_t i = 0;
    for (; i + 16 <= n; i += 16) four = vdotq_s32(four, vld1q_s8(x + i), vdupq_n_s8(1));
    std::int32_t all = vaddvq_s32(four);
    for (; i < n; ++i) all += x[i];
    return all;
  }
  HONE_INLINE static std::int32_t sum_of_sizes(const std::int8_t* x, std::size_t n) {
    int32x4_t four = vdupq_n_s32(0);
    std::size_t i = 0;
    for (; i + 16 <= n; i += 16) four = vdotq_s32(four, vabsq_s8(vld1q_s8(x + i)), vdupq_n_s8(1));
    std::int32_t all = vaddvq_s32(four);
    for (; i < n; ++i) all += x[i] < 0 ? -x[i] : x[i];
    return all;
  }

  /// sum[r] = R samples of x, `pitch` apart, times (256 * high + low) of kTurn inputs a turn.
  template <int R>
  HONE_INLINE static void multiply(int32x4_t (&sum)[R][2], const std::int8_t* high,
                                   const std::int8_t* low, const std::int8_t* x, std::size_t pitch,
                                   std::size_t turns) {
    HONE_UNROLL for (int r = 0; r < R; ++r) sum[r][0] = sum[r][1] = vdupq_n_s32(0);
    add_bytes(sum, high, x, pitch, turns);
    HONE_UNROLL for (int r = 0; r < R; ++r) HONE_UNROLL for (int v = 0; v < 2; ++v)
        times_256(sum[r][v]);
    add_bytes(sum, low, x, pitch, turns);
  }

 private:
  // The first `left` of sixteen bytes.
  HONE_INLINE static int8x16_t mask(std::size_t left) {
    const int8x16_t number{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
    const auto count = static_cast<std::int8_t>(left < kTurn ? left : kTurn);
    return vreinterpretq_s8_u8(vcltq_s8(number, vdupq_n_s8(count)));
  }
  HONE_INLINE static void put(std::int8_t* to, int8x16_t ab, int8x16_t cd) {
    const int16x8_t first = vreinterpretq_s16_s8(ab), second = vreinterpretq_s16_s8(cd);
    vst1q_s8(to, vreinterpretq_s8_s16(vzip1q_s16(first, second)));
    vst1q_s8(to + 16, vreinterpretq_s8_s16(vzip2q_s16(first, second)));
  }
  template <int R>
  HONE_INLINE static void add_bytes(int32x4_t (&sum)[R][2], const std::int8_t* w,
                                    const std::int8_t* x, std::size_t pitch, std::size_t turns) {
    for (; turns; --turns, w += kTurn / 4 * kFour, x += kTurn) {
      int8x16_t of[R];
      HONE_UNROLL for (std::size_t r = 0; r < R; ++r) of[r] = vld1q_s8(x + r * pitch);
      add_four<0>(sum, w, of);
      add_four<1>(sum, w, of);
      add_four<2>(sum, w, of);
      add_four<3>(sum, w, of);
    }
  }
  template <int K, int R>
  HONE_INLINE static void add_four(int32x4_t (&sum)[R][2], const std::int8_t* w,
                                   const int8x16_t (&x)[R]) {
    const int8x16_t first = vld1q_s8(w + K * kFour), second = vld1q_s8(w + K * kFour + 16);
    HONE_UNROLL for (std::size_t r = 0; r < R; ++r) {
      sum[r][0] = vdotq_laneq_s32(sum[r][0], first, x[r], K);
      sum[r][1] = vdotq_laneq_s32(sum[r][1], second, x[r], K);
    }
  }
};

}  // namespace HONE_LEAF_NS
}  // namespace hone
