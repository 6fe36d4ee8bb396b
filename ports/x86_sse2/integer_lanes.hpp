#pragma once
#include <emmintrin.h>

#include "ports/shared/vec.hpp"

namespace hone {
namespace HONE_LEAF_NS {

/// Four sums of 32 bits, and eight numbers of 16 bits whose products go into them in pairs.
struct IntegerLanes {
  static constexpr int kWidth = 4;
  /// Samples or rows of W in a tile that is two vectors of sums wide.
  static constexpr int kTileRows = 4;
  using Sums = __m128i;
  using Numbers = __m128i;

  HONE_INLINE static Sums zero() { return _mm_setzero_si128(); }
  HONE_INLINE static Sums load(const std::int32_t* p) {
    return _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
  }
  HONE_INLINE static void store(std::int32_t* p, Sums s) {
    _mm_storeu_si128(reinterpret_cast<__m128i*>(p), s);
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
  HONE_INLINE static std::int32_t total(Sums s) {
    const __m128i two = _mm_add_epi32(s, _mm_shuffle_epi32(s, 0x4E));
    return _mm_cvtsi128_si32(_mm_add_epi32(two, _mm_shuffle_epi32(two, 0xB1)));
  }
};

}  // namespace HONE_LEAF_NS
}  // namespace hone
