#pragma once
#include <emmintrin.h>

#include "ports/shared/integer_pixels.hpp"
#include "ports/shared/integer_samples.hpp"
#include "ports/shared/integer_update_lanes.hpp"

namespace hone {
namespace HONE_LEAF_NS {

/// Four sums of 32 bits, and eight numbers of 16 bits whose products go into them in pairs.
struct IntegerLanes : WordsOf128 {
  static constexpr int kWidth = 4;
  /// Samples or rows of W in a tile that is two vectors of sums wide.
  static constexpr int kTileRows = 4;
  /// Inputs of a sample that meet their rows of W in one turn.
  static constexpr std::size_t kDeep = 2;
  using Sums = __m128i;
  using Numbers = __m128i;

  /// A product of a routed convolution takes as long as so many of a dense tile.
  static constexpr std::size_t kWinnerCost = 4;
  using Factor = __m128i;
  HONE_INLINE static Factor factor(std::int32_t d) { return _mm_set1_epi32(d & 0xFFFF); }
  /// sums[i] += x[i] * d of eight.
  HONE_INLINE static void add_scaled(std::int32_t* sums, const std::int16_t* x, Factor d) {
    __m128i* const at = reinterpret_cast<__m128i*>(sums);
    const __m128i all = _mm_loadu_si128(reinterpret_cast<const __m128i*>(x));
    const __m128i low = _mm_madd_epi16(_mm_unpacklo_epi16(all, all), d);
    const __m128i high = _mm_madd_epi16(_mm_unpackhi_epi16(all, all), d);
    _mm_storeu_si128(at, _mm_add_epi32(_mm_loadu_si128(at), low));
    _mm_storeu_si128(at + 1, _mm_add_epi32(_mm_loadu_si128(at + 1), high));
  }
  /// The same of V eights in a row.
  template <int V>
  HONE_INLINE static void add_scaled_run(std::int32_t* sums, const std::int16_t* x, Factor d) {
    HONE_UNROLL for (int v = 0; v < V; ++v) add_scaled(sums + 8 * v, x + 8 * v, d);
  }
  /// Sixteen numbers of 32 bits, limited to +-32767.
  template <class To>
  HONE_INLINE static void narrow(To& to, const Eight& first, const Eight& second) {
    __m128i a[2], b[2];
    __builtin_memcpy(a, &first, sizeof a);
    __builtin_memcpy(b, &second, sizeof b);
    const __m128i least = _mm_set1_epi16(-32767);
    const __m128i words[2] = {_mm_max_epi16(_mm_packs_epi32(a[0], a[1]), least),
                              _mm_max_epi16(_mm_packs_epi32(b[0], b[1]), least)};
    __builtin_memcpy(&to, words, sizeof words);
  }
  HONE_INLINE static Sums zero() { return _mm_setzero_si128(); }
  HONE_INLINE static Sums all(std::int32_t number) { return _mm_set1_epi32(number); }
  HONE_INLINE static Sums load(const std::int32_t* p) {
    return _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
  }
  HONE_INLINE static void store(std::int32_t* p, Sums s) {
    _mm_storeu_si128(reinterpret_cast<__m128i*>(p), s);
  }
  /// of |= the magnitude bits of s.
  HONE_INLINE static void note(Sums& of, Sums s) {
    of = _mm_or_si128(of, _mm_xor_si128(s, _mm_srai_epi32(s, 31)));
  }
  HONE_INLINE static Numbers numbers(const std::int16_t* p) {
    return _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
  }
  HONE_INLINE static Numbers widened(const std::int8_t* p) {
    const __m128i bytes = _mm_loadl_epi64(reinterpret_cast<const __m128i*>(p));
    return _mm_srai_epi16(_mm_unpacklo_epi8(bytes, bytes), 8);
  }
  /// Two rows, for add().
  struct Two {
    Numbers low, high;
  };
  HONE_INLINE static Two two(Numbers a, Numbers b) {
    return {_mm_unpacklo_epi16(a, b), _mm_unpackhi_epi16(a, b)};
  }
  /// Adds x[0] times the first row and x[1] times the second, in an order that ordered() undoes.
  HONE_INLINE static void add(Sums& low, Sums& high, const Two& rows, const std::int16_t* x) {
    std::int32_t both;
    __builtin_memcpy(&both, x, sizeof both);
    const Numbers pair = _mm_set1_epi32(both);
    low = dot(low, rows.low, pair);
    high = dot(high, rows.high, pair);
  }
  HONE_INLINE static void ordered(Sums&, Sums&) {}
  HONE_INLINE static Sums dot(Sums sum, Numbers a, Numbers b) {
    return _mm_add_epi32(sum, _mm_madd_epi16(a, b));
  }
  /// The totals of four vectors.
  HONE_INLINE static void totals(std::int32_t* to, Sums a, Sums b, Sums c, Sums d) {
    const __m128i ab = _mm_add_epi32(_mm_unpacklo_epi32(a, b), _mm_unpackhi_epi32(a, b));
    const __m128i cd = _mm_add_epi32(_mm_unpacklo_epi32(c, d), _mm_unpackhi_epi32(c, d));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(to),
                     _mm_add_epi32(_mm_unpacklo_epi64(ab, cd), _mm_unpackhi_epi64(ab, cd)));
  }
  HONE_INLINE static std::int32_t total(Sums s) {
    const __m128i two = _mm_add_epi32(s, _mm_shuffle_epi32(s, 0x4E));
    return _mm_cvtsi128_si32(_mm_add_epi32(two, _mm_shuffle_epi32(two, 0xB1)));
  }
};

/// Four sums of 32 bits that take products in pairs: see ports/shared/integer_tile.hpp.
struct FourSums {
  static constexpr int kWidth = 4;
  using V = std::int32_t __attribute__((vector_size(16)));
  using Factors = __m128i;
  using Pair = __m128i;

  HONE_INLINE static constexpr std::size_t place(std::size_t column, std::size_t k) {
    return 2 * column + k;
  }
  /// Eight columns: the first and the second factor of each.
  template <class Words>
  HONE_INLINE static void place_eight(std::int16_t* to, const Words& a, const Words& b) {
    const __m128i first = reinterpret_cast<__m128i>(a), second = reinterpret_cast<__m128i>(b);
    _mm_storeu_si128(reinterpret_cast<__m128i*>(to), _mm_unpacklo_epi16(first, second));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(to + 8), _mm_unpackhi_epi16(first, second));
  }
  /// Eight pairs of a and b.
  template <class Words>
  HONE_INLINE static void pair_eight(std::int16_t* to, const Words& a, const Words& b) {
    place_eight(to, a, b);
  }
  HONE_INLINE static Factors factors(const std::int16_t* p) {
    return _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
  }
  HONE_INLINE static Pair pair(const std::int16_t* x) {
    std::int32_t both;
    __builtin_memcpy(&both, x, sizeof both);
    return _mm_set1_epi32(both);
  }
  HONE_INLINE static void add(V& sum, Factors b, Pair x) {
    sum += reinterpret_cast<V>(_mm_madd_epi16(b, x));
  }
  /// Mantissas as 32 bits; what add_product() multiplies, of 16 bits each.
  HONE_INLINE static V codes(const std::int8_t* p) {
    std::int32_t bytes;
    __builtin_memcpy(&bytes, p, sizeof bytes);
    __m128i codes = _mm_cvtsi32_si128(bytes);
    codes = _mm_unpacklo_epi8(codes, codes);
    return reinterpret_cast<V>(_mm_srai_epi32(_mm_unpacklo_epi16(codes, codes), 24));
  }
  HONE_INLINE static V factor(V v) { return v & 0xFFFF; }
  HONE_INLINE static void add_product(V& sum, V x, V factor) {
    sum += reinterpret_cast<V>(
        _mm_madd_epi16(reinterpret_cast<__m128i>(x), reinterpret_cast<__m128i>(factor)));
  }
  static constexpr bool kPutsEight = false;
  static constexpr std::size_t kDeepPairs = 0;
  HONE_INLINE static void put(std::int8_t* y, V v) {
    const __m128i q = reinterpret_cast<__m128i>(v);
    const __m128i words = _mm_max_epi16(_mm_packs_epi32(q, q), _mm_set1_epi16(-127));
    const std::int32_t bytes = _mm_cvtsi128_si32(_mm_packs_epi16(words, words));
    __builtin_memcpy(y, &bytes, sizeof bytes);
  }
};

using SumsOf8 = FourSums;
using SumsOf16 = FourSums;
using SampleLanes = PairedSamples<IntegerLanes, SumsOf8>;
using DenseWeights = WholeWeights;
using PixelLanes = NoPixels;
constexpr int kSumVectors = 8;
using UpdateLanes = WholeEights<IntegerLanes>;

}  // namespace HONE_LEAF_NS
}  // namespace hone
