#pragma once
#include <immintrin.h>

#include "ports/shared/integer_pixels.hpp"
#include "ports/shared/integer_samples.hpp"
#include "ports/shared/integer_update_lanes.hpp"
#include "ports/x86_avx2/eight_sums.hpp"
#include "ports/x86_avx2/words.hpp"

namespace hone {
namespace HONE_LEAF_NS {

/// Sixteen sums of 32 bits, and thirty-two numbers of 16 bits whose products go into them in pairs.
struct IntegerLanes : WordsOf256 {
  static constexpr int kWidth = 16;
  /// Samples or rows of W in a tile that is two vectors of sums wide.
  static constexpr int kTileRows = 8;
  /// Inputs of a sample that meet their rows of W in one turn.
  static constexpr std::size_t kDeep = 2;
  using Sums = __m512i;
  using Numbers = __m512i;

  HONE_INLINE static Sums zero() { return _mm512_setzero_si512(); }
  HONE_INLINE static Sums all(std::int32_t number) { return _mm512_set1_epi32(number); }
  HONE_INLINE static Sums load(const std::int32_t* p) { return _mm512_loadu_si512(p); }
  HONE_INLINE static void store(std::int32_t* p, Sums s) { _mm512_storeu_si512(p, s); }
  /// of |= the magnitude bits of s.
  HONE_INLINE static void note(Sums& of, Sums s) {
    of = _mm512_or_si512(of, _mm512_xor_si512(s, _mm512_srai_epi32(s, 31)));
  }
  HONE_INLINE static Numbers numbers(const std::int16_t* p) { return _mm512_loadu_si512(p); }
  HONE_INLINE static Numbers widened(const std::int8_t* p) {
    return _mm512_cvtepi8_epi16(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(p)));
  }
  /// Two rows, for add().
  struct Two {
    Numbers low, high;
  };
  HONE_INLINE static Two two(Numbers a, Numbers b) {
    return {_mm512_unpacklo_epi16(a, b), _mm512_unpackhi_epi16(a, b)};
  }
  /// Adds x[0] times the first row and x[1] times the second, in an order that ordered() undoes.
  HONE_INLINE static void add(Sums& low, Sums& high, const Two& rows, const std::int16_t* x) {
    std::int32_t both;
    __builtin_memcpy(&both, x, sizeof both);
    const Numbers pair = _mm512_set1_epi32(both);
    low = dot(low, rows.low, pair);
    high = dot(high, rows.high, pair);
  }
  HONE_INLINE static void ordered(Sums& low, Sums& high) {
    const __m512i first = _mm512_setr_epi64(0, 1, 8, 9, 2, 3, 10, 11);
    const __m512i second = _mm512_setr_epi64(4, 5, 12, 13, 6, 7, 14, 15);
    const __m512i a = _mm512_permutex2var_epi64(low, first, high);
    const __m512i b = _mm512_permutex2var_epi64(low, second, high);
    low = a, high = b;
  }
  HONE_INLINE static Sums dot(Sums sum, Numbers a, Numbers b) {
#ifdef __AVX512VNNI__
    return _mm512_dpwssd_epi32(sum, a, b);
#else
    return _mm512_add_epi32(sum, _mm512_madd_epi16(a, b));
#endif
  }
  /// The totals of four vectors.
  HONE_INLINE static void totals(std::int32_t* to, Sums a, Sums b, Sums c, Sums d) {
    const __m512i ab = _mm512_add_epi32(_mm512_unpacklo_epi32(a, b), _mm512_unpackhi_epi32(a, b));
    const __m512i cd = _mm512_add_epi32(_mm512_unpacklo_epi32(c, d), _mm512_unpackhi_epi32(c, d));
    const __m512i all =
        _mm512_add_epi32(_mm512_unpacklo_epi64(ab, cd), _mm512_unpackhi_epi64(ab, cd));
    const __m256i half =
        _mm256_add_epi32(_mm512_castsi512_si256(all), _mm512_extracti64x4_epi64(all, 1));
    _mm_storeu_si128(
        reinterpret_cast<__m128i*>(to),
        _mm_add_epi32(_mm256_castsi256_si128(half), _mm256_extracti128_si256(half, 1)));
  }
  HONE_INLINE static std::int32_t total(Sums s) { return _mm512_reduce_add_epi32(s); }
};

/// Sixteen sums of 32 bits that take products in pairs: see ports/shared/integer_tile.hpp.
struct SixteenSums {
  static constexpr int kWidth = 16;
  using V = std::int32_t __attribute__((vector_size(64)));
  using Factors = __m512i;
  using Pair = __m512i;

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
  HONE_INLINE static Factors factors(const std::int16_t* p) { return _mm512_loadu_si512(p); }
  HONE_INLINE static Pair pair(const std::int16_t* x) {
    std::int32_t both;
    __builtin_memcpy(&both, x, sizeof both);
    return _mm512_set1_epi32(both);
  }
  HONE_INLINE static void add(V& sum, Factors b, Pair x) {
    sum = reinterpret_cast<V>(IntegerLanes::dot(reinterpret_cast<__m512i>(sum), b, x));
  }
  /// Mantissas as 32 bits; what add_product() multiplies, of 16 bits each.
  HONE_INLINE static V codes(const std::int8_t* p) {
    return reinterpret_cast<V>(
        _mm512_cvtepi8_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p))));
  }
  HONE_INLINE static V factor(V v) { return v & 0xFFFF; }
  HONE_INLINE static void add_product(V& sum, V x, V factor) {
    sum = reinterpret_cast<V>(IntegerLanes::dot(reinterpret_cast<__m512i>(sum),
                                                reinterpret_cast<__m512i>(x),
                                                reinterpret_cast<__m512i>(factor)));
  }
  static constexpr bool kPutsEight = false;
  static constexpr std::size_t kDeepPairs = 0;
  HONE_INLINE static void put(std::int8_t* y, V v) {
    const __m128i bytes = _mm512_cvtsepi32_epi8(reinterpret_cast<__m512i>(v));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(y), _mm_max_epi8(bytes, _mm_set1_epi8(-127)));
  }
};

using SumsOf8 = EightSums;
using SumsOf16 = SixteenSums;
using SampleLanes = PairedSamples<IntegerLanes, SumsOf8>;
using DenseWeights = WholeWeights;
using PixelLanes = NoPixels;
constexpr int kSumVectors = 16;
using UpdateLanes = WholeEights<IntegerLanes>;

}  // namespace HONE_LEAF_NS
}  // namespace hone
