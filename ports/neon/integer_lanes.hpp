#pragma once
#if defined(__ARM_FEATURE_DOTPROD)
#include "ports/neon/dot.hpp"
#else
#include "ports/neon/samples.hpp"
#endif
#include "ports/neon/update_lanes.hpp"
#include "ports/shared/integer_pixels.hpp"

namespace hone {
namespace HONE_LEAF_NS {

/// Four sums of 32 bits, and eight numbers of 16 bits. Widening multiply-adds take a row at a time,
/// so that rows need not be interleaved.
struct IntegerLanes : WordsOf128 {
  static constexpr int kWidth = 4;
  /// Samples or rows of W in a tile that is two vectors of sums wide.
#if defined(__aarch64__)
  static constexpr int kTileRows = 8;
#else
  static constexpr int kTileRows = 4;
#endif
  /// Inputs of a sample that meet their rows of W in one turn.
  static constexpr std::size_t kDeep = 8;
  using Sums = int32x4_t;
  using Numbers = int16x8_t;

  /// A product of a routed convolution takes as long as so many of a dense tile.
  static constexpr std::size_t kWinnerCost = 3;
  using Factor = int16x8_t;
  HONE_INLINE static Factor factor(std::int32_t d) {
    return vdupq_n_s16(static_cast<std::int16_t>(d));
  }
  /// sums[i] += x[i] * d of eight.
  HONE_INLINE static void add_scaled(std::int32_t* sums, const std::int16_t* x, Factor d) {
    const int16x8_t all = vld1q_s16(x);
    const int32x4_t low = vld1q_s32(sums), high = vld1q_s32(sums + 4);
    vst1q_s32(sums, vmlal_s16(low, vget_low_s16(all), vget_low_s16(d)));
#if defined(__aarch64__)
    vst1q_s32(sums + 4, vmlal_high_s16(high, all, d));
#else
    vst1q_s32(sums + 4, vmlal_s16(high, vget_high_s16(all), vget_low_s16(d)));
#endif
  }
  /// The same of V eights in a row. gcc 12 takes twice as many instructions on ARMv7, where it
  /// knows no load or store of two registers and computes each address.
  template <int V>
  HONE_INLINE static void add_scaled_run(std::int32_t* sums, const std::int16_t* x, Factor d) {
#if defined(__aarch64__)
    HONE_UNROLL for (int v = 0; v < V; ++v) add_scaled(sums + 8 * v, x + 8 * v, d);
#else
    HONE_UNROLL for (int v = 0; v < V; ++v) asm volatile(
        "vld1.16 {d20-d21}, [%1]!\n\t"
        "vld1.32 {d16-d19}, [%0]\n\t"
        "vmlal.s16 q8, d20, %e2\n\t"
        "vmlal.s16 q9, d21, %e2\n\t"
        "vst1.32 {d16-d19}, [%0]!" : "+r"(sums),
        "+r"(x) : "w"(d) : "q8", "q9", "q10", "memory");
#endif
  }
  /// Sixteen numbers of 32 bits, limited to +-32767.
  template <class To>
  HONE_INLINE static void narrow(To& to, const Eight& first, const Eight& second) {
    int32x4_t a[2], b[2];
    __builtin_memcpy(a, &first, sizeof a);
    __builtin_memcpy(b, &second, sizeof b);
    const int16x8_t least = vdupq_n_s16(-32767);
    const int16x8_t words[2] = {vmaxq_s16(vcombine_s16(vqmovn_s32(a[0]), vqmovn_s32(a[1])), least),
                                vmaxq_s16(vcombine_s16(vqmovn_s32(b[0]), vqmovn_s32(b[1])), least)};
    __builtin_memcpy(&to, words, sizeof words);
  }
  HONE_INLINE static Sums zero() { return vdupq_n_s32(0); }
  HONE_INLINE static Sums all(std::int32_t number) { return vdupq_n_s32(number); }
  HONE_INLINE static Sums load(const std::int32_t* p) { return vld1q_s32(p); }
  HONE_INLINE static void store(std::int32_t* p, Sums s) { vst1q_s32(p, s); }
  /// of |= the bits of the sizes of s, which may be one more than magnitude_bits().
  HONE_INLINE static void note(Sums& of, Sums s) { of = vorrq_s32(of, vabsq_s32(s)); }
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
  /// Adds x[r * pitch + k] times row k of W to sum[r], k < kDeep; rows are `columns` apart.
  template <int R, class X>
  HONE_INLINE static void add_deep(Sums (&sum)[R][2], const std::int16_t* w, std::size_t columns,
                                   const X* x, std::size_t pitch) {
    int16x8_t of[R];
    HONE_UNROLL for (std::size_t r = 0; r < R; ++r) of[r] = eight(x + r * pitch);
    add_deep(sum, w, columns, of, std::make_integer_sequence<int, kDeep>());
  }
  /// Eight numbers of each of eight rows, `pitch` apart: rows become columns.
  HONE_INLINE static void turn(std::int16_t* to, const std::int16_t* w, std::size_t pitch) {
    int32x4_t row[8];
    HONE_UNROLL for (std::size_t i = 0; i < 8; i += 2) {
      const int16x8x2_t two = vtrnq_s16(vld1q_s16(w + i * pitch), vld1q_s16(w + (i + 1) * pitch));
      row[i] = vreinterpretq_s32_s16(two.val[0]), row[i + 1] = vreinterpretq_s32_s16(two.val[1]);
    }
    HONE_UNROLL for (std::size_t i = 0; i < 2; ++i) {
      const int32x4x2_t upper = vtrnq_s32(row[i], row[i + 2]);
      const int32x4x2_t lower = vtrnq_s32(row[i + 4], row[i + 6]);
      HONE_UNROLL for (std::size_t k = 0; k < 2; ++k) {
        std::int16_t* const at = to + 8 * (i + 2 * k);
        vst1q_s16(at, vreinterpretq_s16_s32(
                          vcombine_s32(vget_low_s32(upper.val[k]), vget_low_s32(lower.val[k]))));
        vst1q_s16(at + 32, vreinterpretq_s16_s32(vcombine_s32(vget_high_s32(upper.val[k]),
                                                              vget_high_s32(lower.val[k]))));
      }
    }
  }
  HONE_INLINE static void ordered(Sums&, Sums&) {}
  HONE_INLINE static Sums dot(Sums sum, Numbers a, Numbers b) {
    return vmlal_s16(vmlal_s16(sum, vget_low_s16(a), vget_low_s16(b)), vget_high_s16(a),
                     vget_high_s16(b));
  }
  /// The totals of four vectors.
  HONE_INLINE static void totals(std::int32_t* to, Sums a, Sums b, Sums c, Sums d) {
#if defined(__aarch64__)
    vst1q_s32(to, vpaddq_s32(vpaddq_s32(a, b), vpaddq_s32(c, d)));
#else
    const int32x2_t ab = vpadd_s32(vadd_s32(vget_low_s32(a), vget_high_s32(a)),
                                   vadd_s32(vget_low_s32(b), vget_high_s32(b)));
    const int32x2_t cd = vpadd_s32(vadd_s32(vget_low_s32(c), vget_high_s32(c)),
                                   vadd_s32(vget_low_s32(d), vget_high_s32(d)));
    vst1q_s32(to, vcombine_s32(ab, cd));
#endif
  }
  HONE_INLINE static std::int32_t total(Sums s) {
    const int32x2_t two = vadd_s32(vget_low_s32(s), vget_high_s32(s));
    return vget_lane_s32(vpadd_s32(two, two), 0);
  }

 private:
  HONE_INLINE static Numbers eight(const std::int16_t* p) { return vld1q_s16(p); }
  HONE_INLINE static Numbers eight(const std::int8_t* p) { return widened(p); }
  // A row times number K of x.
  template <int K>
  HONE_INLINE static void add_lane(Sums (&sum)[2], Numbers row, int16x8_t x) {
#if defined(__aarch64__)
    sum[0] = vmlal_laneq_s16(sum[0], vget_low_s16(row), x, K);
    sum[1] = vmlal_high_laneq_s16(sum[1], row, x, K);
#else
    const int16x4_t half = K < 4 ? vget_low_s16(x) : vget_high_s16(x);
    sum[0] = vmlal_lane_s16(sum[0], vget_low_s16(row), half, K % 4);
    sum[1] = vmlal_lane_s16(sum[1], vget_high_s16(row), half, K % 4);
#endif
  }
  template <int K, int R>
  HONE_INLINE static void add_row(Sums (&sum)[R][2], Numbers row, const int16x8_t* x) {
    HONE_UNROLL for (std::size_t r = 0; r < R; ++r) add_lane<K>(sum[r], row, x[r]);
  }
  template <int R, int... K>
  HONE_INLINE static void add_deep(Sums (&sum)[R][2], const std::int16_t* w, std::size_t columns,
                                   const int16x8_t* x, std::integer_sequence<int, K...>) {
    (add_row<K>(sum, numbers(w + K * columns), x), ...);
  }
};

/// Four sums of 32 bits that take products in pairs: see ports/shared/integer_tile.hpp.
struct FourSums {
  static constexpr int kWidth = 4;
  using V = std::int32_t __attribute__((vector_size(16)));
  using Factors = int16x8_t;
  using Pair = int16x4_t;

  HONE_INLINE static constexpr std::size_t place(std::size_t column, std::size_t k) {
    return k * kWidth + column;
  }
  /// Eight columns: the first and the second factor of each.
  template <class Words>
  HONE_INLINE static void place_eight(std::int16_t* to, const Words& a, const Words& b) {
    const int16x8_t first = reinterpret_cast<int16x8_t>(a), second = reinterpret_cast<int16x8_t>(b);
    vst1q_s16(to, vcombine_s16(vget_low_s16(first), vget_low_s16(second)));
    vst1q_s16(to + 8, vcombine_s16(vget_high_s16(first), vget_high_s16(second)));
  }
  /// Eight pairs of a and b.
  template <class Words>
  HONE_INLINE static void pair_eight(std::int16_t* to, const Words& a, const Words& b) {
    const int16x8x2_t pairs{{reinterpret_cast<int16x8_t>(a), reinterpret_cast<int16x8_t>(b)}};
    vst2q_s16(to, pairs);
  }
  HONE_INLINE static Factors factors(const std::int16_t* p) { return vld1q_s16(p); }
  HONE_INLINE static Pair pair(const std::int16_t* x) {
    std::int32_t both;
    __builtin_memcpy(&both, x, sizeof both);
#if defined(__aarch64__)  // a load alone clears the other half
    return vreinterpret_s16_s32(vset_lane_s32(both, vdup_n_s32(0), 0));
#else
    return vreinterpret_s16_s32(vdup_n_s32(both));
#endif
  }
  HONE_INLINE static void add(V& sum, Factors b, Pair x) {
    const int32x4_t s = vmlal_lane_s16(reinterpret_cast<int32x4_t>(sum), vget_low_s16(b), x, 0);
    sum = reinterpret_cast<V>(vmlal_lane_s16(s, vget_high_s16(b), x, 1));
  }
  static constexpr std::size_t kDeepPairs = 4;
  /// sum[r] += x[r * row + (0 .. 7)] * factors of four pairs of C columns.
  template <int C, int R, int N>
  HONE_INLINE static void add_deep(V (&sum)[R][N], const std::int16_t* factors,
                                   const std::int16_t* x, std::size_t row) {
    int16x8_t of[R];
    HONE_UNROLL for (std::size_t r = 0; r < R; ++r) of[r] = vld1q_s16(x + r * row);
    add_pair_of<0>(sum, factors, of);
    add_pair_of<1>(sum, factors + 2 * C, of);
    add_pair_of<2>(sum, factors + 4 * C, of);
    add_pair_of<3>(sum, factors + 6 * C, of);
  }
  /// sum[r] += x[r + (0 .. 3)] * factors of two pairs of C columns.
  template <int C, int R, int N>
  HONE_INLINE static void add_near(V (&sum)[R][N], const std::int16_t* factors,
                                   const std::int16_t* x) {
    int16x8_t of[(R + 3) / 4];
    HONE_UNROLL for (std::size_t i = 0; i < (R + 3) / 4; ++i) of[i] = vld1q_s16(x + 4 * i);
    add_near_of<0>(sum, factors, of, std::make_integer_sequence<int, R>());
    add_near_of<2>(sum, factors + 2 * C, of, std::make_integer_sequence<int, R>());
  }
  /// Mantissas as 32 bits; what add_product() multiplies, of 16 bits each.
  HONE_INLINE static V codes(const std::int8_t* p) {
    std::int32_t bytes;
    __builtin_memcpy(&bytes, p, sizeof bytes);
    const int8x8_t codes = vreinterpret_s8_s32(vdup_n_s32(bytes));
    return reinterpret_cast<V>(vmovl_s16(vget_low_s16(vmovl_s8(codes))));
  }
  HONE_INLINE static V factor(V v) { return v; }
  HONE_INLINE static void add_product(V& sum, V x, V factor) { sum += x * factor; }
  HONE_INLINE static void put(std::int8_t* y, V v) {
    const int16x4_t words = vmax_s16(vqmovn_s32(reinterpret_cast<int32x4_t>(v)), vdup_n_s16(-127));
    const int8x8_t codes = vqmovn_s16(vcombine_s16(words, words));
    const std::int32_t bytes = vget_lane_s32(vreinterpret_s32_s8(codes), 0);
    __builtin_memcpy(y, &bytes, sizeof bytes);
  }
  static constexpr bool kPutsEight = true;
  template <bool kRelu, class End>
  HONE_INLINE static void put_eight(std::int8_t* y, const V& first, const V& second, const End& end,
                                    V& seen) {
    const int32x4_t low = vdupq_n_s32(kRelu ? 0 : end.low), high = vdupq_n_s32(end.high);
    int32x4_t a = vmaxq_s32(reinterpret_cast<int32x4_t>(first), low);
    int32x4_t b = vmaxq_s32(reinterpret_cast<int32x4_t>(second), low);
    if constexpr (kRelu) {
      seen |= reinterpret_cast<V>(vorrq_s32(a, b));
    } else {
      a = vminq_s32(a, high), b = vminq_s32(b, high);
      seen |= reinterpret_cast<V>(
          vorrq_s32(veorq_s32(a, vshrq_n_s32(a, 31)), veorq_s32(b, vshrq_n_s32(b, 31))));
    }
    const int32x4_t by = vdupq_n_s32(-end.shift);
    const int16x8_t words =
        vcombine_s16(vqmovn_s32(vrshlq_s32(a, by)), vqmovn_s32(vrshlq_s32(b, by)));
    const int8x8_t codes = vqmovn_s16(words);
    vst1_s8(y, kRelu ? codes : vmax_s8(codes, vdup_n_s8(-127)));
  }

 private:
  // Pair number K of x.
  template <int K, int R, int N>
  HONE_INLINE static void add_pair_of(V (&sum)[R][N], const std::int16_t* factors,
                                      const int16x8_t (&x)[R]) {
    Factors b[N];
    HONE_UNROLL for (std::size_t v = 0; v < N; ++v) b[v] = vld1q_s16(factors + 8 * v);
    HONE_UNROLL for (std::size_t r = 0; r < R; ++r) add_two<2 * K>(sum[r], b, x[r]);
  }
  // Numbers K and K + 1 behind the place of each row.
  template <int K, int R, int N, int... I>
  HONE_INLINE static void add_near_of(V (&sum)[R][N], const std::int16_t* factors,
                                      const int16x8_t* x, std::integer_sequence<int, I...>) {
    Factors b[N];
    HONE_UNROLL for (std::size_t v = 0; v < N; ++v) b[v] = vld1q_s16(factors + 8 * v);
    (..., add_two<I % 4 + K>(sum[I], b, x[I / 4]));
  }
  // Numbers K and K + 1 of x.
  template <int K, int N>
  HONE_INLINE static void add_two(V (&sum)[N], const Factors (&b)[N], int16x8_t x) {
    HONE_UNROLL for (std::size_t v = 0; v < N; ++v) {
      int32x4_t s = reinterpret_cast<int32x4_t>(sum[v]);
#if defined(__aarch64__)
      s = vmlal_laneq_s16(s, vget_low_s16(b[v]), x, K);
      s = vmlal_high_laneq_s16(s, b[v], x, K + 1);
#else
      s = vmlal_lane_s16(s, vget_low_s16(b[v]), half_of<K>(x), K % 4);
      s = vmlal_lane_s16(s, vget_high_s16(b[v]), half_of<K + 1>(x), (K + 1) % 4);
#endif
      sum[v] = reinterpret_cast<V>(s);
    }
  }
  // That holds number K.
  template <int K>
  HONE_INLINE static int16x4_t half_of(int16x8_t x) {
    return K < 4 ? vget_low_s16(x) : vget_high_s16(x);
  }
};

#if defined(__ARM_FEATURE_DOTPROD)
using SampleLanes = DotSamples;
using DenseWeights = SplitWeights;
using PixelLanes = DotPixels;
#else
using SampleLanes = FourSamples;
using DenseWeights = WholeWeights;
using PixelLanes = FourPixels;
#endif
using UpdateLanes = PairedFours;
using SumsOf8 = FourSums;
using SumsOf16 = FourSums;
#if defined(__aarch64__)
constexpr int kSumVectors = 16;
#else
constexpr int kSumVectors = 8;
#endif

}  // namespace HONE_LEAF_NS
}  // namespace hone
