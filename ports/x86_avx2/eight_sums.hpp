#pragma once
#include <immintrin.h>

#include "ports/shared/vec.hpp"

namespace hone {
namespace HONE_LEAF_NS {

/// Eight sums of 32 bits that take products in pairs: see ports/shared/integer_tile.hpp.
struct EightSums {
  static constexpr int kWidth = 8;
  using V = std::int32_t __attribute__((vector_size(32)));
  using Factors = __m256i;
  using Pair = __m256i;

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
    return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p));
  }
  HONE_INLINE static Pair pair(const std::int16_t* x) {
    std::int32_t both;
    __builtin_memcpy(&both, x, sizeof both);
    return _mm256_set1_epi32(both);
  }
  HONE_INLINE static void add(V& sum, Factors b, Pair x) {
#if defined(__AVX512VNNI__) && defined(__AVX512VL__)
    sum = reinterpret_cast<V>(_mm256_dpwssd_epi32(reinterpret_cast<__m256i>(sum), b, x));
#else
    sum += reinterpret_cast<V>(_mm256_madd_epi16(b, x));
#endif
  }
  /// Mantissas as 32 bits; what add_product() multiplies, of 16 bits each.
  HONE_INLINE static V codes(const std::int8_t* p) {
    return reinterpret_cast<V>(
        _mm256_cvtepi8_epi32(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(p))));
  }
  HONE_INLINE static V factor(V v) { return v & 0xFFFF; }
  HONE_INLINE static void add_product(V& sum, V x, V factor) {
    sum += reinterpret_cast<V>(
        _mm256_madd_epi16(reinterpret_cast<__m256i>(x), reinterpret_cast<__m256i>(factor)));
  }
  static constexpr bool kPutsEight = false;
  static constexpr std::size_t kDeepPairs = 0;
  HONE_INLINE static void put(std::int8_t* y, V v) {
    const __m128i low = _mm256_castsi256_si128(reinterpret_cast<__m256i>(v));
    const __m128i high = _mm256_extracti128_si256(reinterpret_cast<__m256i>(v), 1);
    const __m128i words = _mm_max_epi16(_mm_packs_epi32(low, high), _mm_set1_epi16(-127));
    _mm_storel_epi64(reinterpret_cast<__m128i*>(y), _mm_packs_epi16(words, words));
  }
};

}  // namespace HONE_LEAF_NS
}  // namespace hone
