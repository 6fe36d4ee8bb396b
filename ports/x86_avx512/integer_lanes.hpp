#pragma once
#include <immintrin.h>

#include "ports/shared/vec.hpp"

namespace hone {
namespace HONE_LEAF_NS {

/// Sixteen sums of 32 bits, and thirty-two numbers of 16 bits whose products go into them in pairs.
struct IntegerLanes {
  static constexpr int kWidth = 16;
  /// Samples or rows of W in a tile that is two vectors of sums wide.
  static constexpr int kTileRows = 8;
  using Sums = __m512i;
  using Numbers = __m512i;

  HONE_INLINE static Sums zero() { return _mm512_setzero_si512(); }
  HONE_INLINE static Sums load(const std::int32_t* p) { return _mm512_loadu_si512(p); }
  HONE_INLINE static void store(std::int32_t* p, Sums s) { _mm512_storeu_si512(p, s); }
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
    return _mm512_add_epi32(sum, _mm512_madd_epi16(a, b));
  }
  HONE_INLINE static std::int32_t total(Sums s) { return _mm512_reduce_add_epi32(s); }
};

}  // namespace HONE_LEAF_NS
}  // namespace hone
