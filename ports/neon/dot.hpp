#pragma once
#include <arm_neon.h>

#include <utility>

#include "ports/neon/pixels.hpp"
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
  /// Adds fours of bytes of R rows times those of eight columns.
  template <int R, int... I>
  HONE_INLINE static void add_rows(int32x4_t (&sum)[R][kVectors], int8x16_t low, int8x16_t high,
                                   const int8x16_t* x, std::integer_sequence<int, I...>) {
    (..., add_row<I % 4>(sum[I], low, high, x[I / 4]));
  }
  template <int K>
  HONE_INLINE static void add_row(int32x4_t (&sum)[kVectors], int8x16_t low, int8x16_t high,
                                  int8x16_t x) {
    sum[0] = vdotq_laneq_s32(sum[0], low, x, K);
    sum[1] = vdotq_laneq_s32(sum[1], high, x, K);
  }

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

  /// Four rows side by side, of parts without a rest: w = 256 * high + low.
  HONE_INLINE static void split_whole(std::int8_t* high, std::int8_t* low, const std::int16_t* w) {
    int8x16_t of[4], up[4];
    HONE_UNROLL for (std::size_t i = 0; i < 4; ++i) {
      const int16x8_t row = vld1q_s16(w + i * kColumns);
      of[i] = vreinterpretq_s8_s16(row);
      up[i] = vreinterpretq_s8_s16(vaddq_s16(row, vdupq_n_s16(128)));
    }
    put(high, vtrn2q_s8(up[0], up[1]), vtrn2q_s8(up[2], up[3]));
    put(low, vtrn1q_s8(of[0], of[1]), vtrn1q_s8(of[2], of[3]));
  }

  /// Sixteen weights of each of eight rows, `pitch` apart: rows become columns.
  HONE_INLINE static void turn(std::int8_t* high, std::int8_t* low, const std::int16_t* w,
                               std::size_t pitch) {
    HONE_UNROLL for (std::size_t half = 0; half < 2; ++half, w += 4 * pitch) {
      int8x16_t up[4], down[4];
      HONE_UNROLL for (std::size_t r = 0; r < 4; ++r) {
        const int8x16_t a = vreinterpretq_s8_s16(vld1q_s16(w + r * pitch));
        const int8x16_t b = vreinterpretq_s8_s16(vld1q_s16(w + r * pitch + 8));
        up[r] = vuzp2q_s8(a, b);
        down[r] = veorq_s8(vuzp1q_s8(a, b), vdupq_n_s8(-128));
      }
      put_turned(high + 16 * half, up);
      put_turned(low + 16 * half, down);
    }
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

  /// Adds R runs of some fours of bytes, `step` apart, times those of w; returns the end of w.
  template <int R>
  HONE_INLINE static const std::int8_t* add_run(int32x4_t (&sum)[R][2], const std::int8_t* w,
                                                const std::int8_t* x, std::size_t step,
                                                std::size_t fours) {
    const std::size_t turns = fours / 4;
    add_bytes(sum, w, x, step, turns);
    w += turns * 4 * kFour, x += turns * kTurn;
    if (fours & 2) {
      int8x8_t of[R];
      HONE_UNROLL for (std::size_t r = 0; r < R; ++r) of[r] = vld1_s8(x + r * step);
      add_half<0>(sum, w, of);
      add_half<1>(sum, w + kFour, of);
      w += 2 * kFour, x += 8;
    }
    if (fours & 1) {
      int8x8_t of[R];
      HONE_UNROLL for (std::size_t r = 0; r < R; ++r) {
        std::int32_t four;
        __builtin_memcpy(&four, x + r * step, sizeof four);
        of[r] = vreinterpret_s8_s32(vset_lane_s32(four, vdup_n_s32(0), 0));
      }
      add_half<0>(sum, w, of);
      w += kFour;
    }
    return w;
  }

  /// The same of one four, where `step` is at most 4 and so the bytes of four runs fill a register.
  template <int R>
  HONE_INLINE static const std::int8_t* add_four_of(int32x4_t (&sum)[R][2], const std::int8_t* w,
                                                    const std::int8_t* x, std::size_t step,
                                                    uint8x16_t places) {
    int8x16_t of[(R + 3) / 4];
    HONE_UNROLL for (std::size_t i = 0; i < (R + 3) / 4; ++i) of[i] =
        vqtbl1q_s8(vld1q_s8(x + 4 * i * step), places);
    DotSamples::add_rows(sum, vld1q_s8(w), vld1q_s8(w + 16), of,
                         std::make_integer_sequence<int, R>());
    return w + kFour;
  }
  HONE_INLINE static uint8x16_t places(std::size_t step) {
    const uint8x16_t run{0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3};
    const uint8x16_t byte{0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3};
    return vmlaq_u8(byte, run, vdupq_n_u8(static_cast<std::uint8_t>(step)));
  }

 private:
  template <int K, int R>
  HONE_INLINE static void add_half(int32x4_t (&sum)[R][2], const std::int8_t* w,
                                   const int8x8_t (&x)[R]) {
    const int8x16_t first = vld1q_s8(w), second = vld1q_s8(w + 16);
    HONE_UNROLL for (std::size_t r = 0; r < R; ++r) {
      sum[r][0] = vdotq_lane_s32(sum[r][0], first, x[r], K);
      sum[r][1] = vdotq_lane_s32(sum[r][1], second, x[r], K);
    }
  }
  // Fours of bytes, those of four rows side by side, to one half of each four of a panel.
  HONE_INLINE static void put_turned(std::int8_t* to, const int8x16_t (&row)[4]) {
    int32x4_t r[4];
    HONE_UNROLL for (int i = 0; i < 4; ++i) r[i] = vreinterpretq_s32_s8(row[i]);
    const int64x2_t a = vreinterpretq_s64_s32(vzip1q_s32(r[0], r[1]));
    const int64x2_t b = vreinterpretq_s64_s32(vzip2q_s32(r[0], r[1]));
    const int64x2_t c = vreinterpretq_s64_s32(vzip1q_s32(r[2], r[3]));
    const int64x2_t d = vreinterpretq_s64_s32(vzip2q_s32(r[2], r[3]));
    vst1q_s8(to, vreinterpretq_s8_s64(vzip1q_s64(a, c)));
    vst1q_s8(to + kFour, vreinterpretq_s8_s64(vzip2q_s64(a, c)));
    vst1q_s8(to + 2 * kFour, vreinterpretq_s8_s64(vzip1q_s64(b, d)));
    vst1q_s8(to + 3 * kFour, vreinterpretq_s8_s64(vzip2q_s64(b, d)));
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

struct DotPixels : PixelBytes {
  static constexpr int kRows = 8, kVectors = 2;
  static constexpr std::size_t kMostInputs = static_cast<std::size_t>(-1);

  HONE_INLINE static void put_outputs(std::int8_t* to, const EightCodes (&d)[4]) {
    DotSamples::side_by_side(to, d);
  }
  HONE_INLINE static void load(int32x4_t (&sum)[2], const std::int32_t* from) {
    sum[0] = vld1q_s32(from), sum[1] = vld1q_s32(from + 4);
  }
  HONE_INLINE static void store(std::int32_t* to, const int32x4_t (&sum)[2]) {
    vst1q_s32(to, sum[0]);
    vst1q_s32(to + 4, sum[1]);
  }
  template <int R>
  HONE_INLINE static void add(int32x4_t (&sum)[R][2], const std::int8_t* d, const std::int8_t* x,
                              std::size_t pitch, std::size_t chunks) {
    SplitWeights::add_run(sum, d, x, pitch, 4 * chunks);
  }
};

}  // namespace HONE_LEAF_NS
}  // namespace hone
