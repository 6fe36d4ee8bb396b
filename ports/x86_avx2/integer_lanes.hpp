#pragma once
#include <immintrin.h>

#include "eight_sums.hpp"
#include "ports/shared/integer_pixels.hpp"
#include "ports/shared/integer_samples.hpp"
#include "ports/shared/integer_update_lanes.hpp"
#include "words.hpp"

namespace hone {
namespace HONE_LEAF_NS {

/// Eight sums of 32 bits, and sixteen numbers of 16 bits whose products go into them in pairs.
struct IntegerLanes : WordsOf256 {
  static constexpr int kWidth = 8;
  /// Samples or rows of W in a tile that is two vectors of sums wide.
  static constexpr int kTileRows = 4;
  /// Inputs of a sample that meet their rows of W in one turn.
  static constexpr std::size_t kDeep = 2;
  using Sums = __m256i;
  using Numbers = __m256i;

  HONE_INLINE static Sums zero() { return _mm256_setzero_si256(); }
  HONE_INLINE static Sums all(std::int32_t number) { return _mm256_set1_epi32(number); }
  HONE_INLINE static Sums load(const std::int32_t* p) {
    return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p));
  }
  HONE_INLINE static void store(std::int32_t* p, Sums s) {
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(p), s);
  }
  /// of |= the magnitude bits of s.
  HONE_INLINE static void note(Sums& of, Sums s) {
    of = _mm256_or_si256(of, _mm256_xor_si256(s, _mm256_srai_epi32(s, 31)));
  }
  HONE_INLINE static Numbers numbers(const std::int16_t* p) {
    return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p));
  }
  HONE_INLINE static Numbers widened(const std::int8_t* p) {
    return _mm256_cvtepi8_epi16(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p)));
  }
  /// Two rows, for add().
  struct Two {
    Numbers low, high;
  };
  HONE_INLINE static Two two(Numbers a, Numbers b) {
    return {_mm256_unpacklo_epi16(a, b), _mm256_unpackhi_epi16(a, b)};
  }
  /// Adds x[0] times the first row and x[1] times the second, in an order that ordered() undoes.
  HONE_INLINE static void add(Sums& low, Sums& high, const Two& rows, const std::int16_t* x) {
    std::int32_t both;
    __builtin_memcpy(&both, x, sizeof both);
    const Numbers pair = _mm256_set1_epi32(both);
    low = dot(low, rows.low, pair);
    high = dot(high, rows.high, pair);
  }
  HONE_INLINE static void ordered(Sums& low, Sums& high) {
    const __m256i a = _mm256_permute2x128_si256(low, high, 0x20);
    const __m256i b = _mm256_permute2x128_si256(low, high, 0x31);
    low = a, high = b;
  }
  HONE_INLINE static Sums dot(Sums sum, Numbers a, Numbers b) {
    return _mm256_add_epi32(sum, _mm256_madd_epi16(a, b));
  }
  /// The totals of four vectors.
  HONE_INLINE static void totals(std::int32_t* to, Sums a, Sums b, Sums c, Sums d) {
    const __m256i ab = _mm256_add_epi32(_mm256_unpacklo_epi32(a, b), _mm256_unpackhi_epi32(a, b));
    const __m256i cd = _mm256_add_epi32(_mm256_unpacklo_epi32(c, d), _mm256_unpackhi_epi32(c, d));
    const __m256i all =
        _mm256_add_epi32(_mm256_unpacklo_epi64(ab, cd), _mm256_unpackhi_epi64(ab, cd));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(to),
                     _mm_add_epi32(_mm256_castsi256_si128(all), _mm256_extracti128_si256(all, 1)));
  }
  HONE_INLINE static std::int32_t total(Sums s) {
    const __m128i four = _mm_add_epi32(_mm256_castsi256_si128(s), _mm256_extracti128_si256(s, 1));
    const __m128i two = _mm_add_epi32(four, _mm_shuffle_epi32(four, 0x4E));
    return _mm_cvtsi128_si32(_mm_add_epi32(two, _mm_shuffle_epi32(two, 0xB1)));
  }
};

using SumsOf8 = EightSums;
using SumsOf16 = EightSums;
using SampleLanes = PairedSamples<IntegerLanes, SumsOf8>;
using DenseWeights = WholeWeights;
using PixelLanes = NoPixels;
constexpr int kSumVectors = 8;
using UpdateLanes = WholeEights<IntegerLanes>;

}  // namespace HONE_LEAF_NS
}  // namespace hone
