#pragma once
#include <immintrin.h>

#include "ports/shared/eights.hpp"

namespace hone {
namespace HONE_LEAF_NS {

/// Registers of sixteen numbers of 16 bits: what WordsOf128 is for eight.
struct WordsOf256 {
  using Words = std::int16_t __attribute__((vector_size(32)));

  /// gcc 12 would take the halves one by one.
  HONE_INLINE static void widen(Eight& to, const std::int16_t* p) {
    to = reinterpret_cast<Eight>(
        _mm256_cvtepi16_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p))));
  }
  /// A product of a routed convolution takes as long as so many of a dense tile.
  static constexpr std::size_t kWinnerCost = 7;
  using Factor = __m256i;
  HONE_INLINE static Factor factor(std::int32_t d) { return _mm256_set1_epi32(d & 0xFFFF); }
  /// sums[i] += x[i] * d of eight.
  HONE_INLINE static void add_scaled(std::int32_t* sums, const std::int16_t* x, Factor d) {
    __m256i* const at = reinterpret_cast<__m256i*>(sums);
    const __m256i wide =
        _mm256_cvtepi16_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(x)));
    _mm256_storeu_si256(at, _mm256_add_epi32(_mm256_loadu_si256(at), _mm256_madd_epi16(wide, d)));
  }
  /// The same of V eights in a row.
  template <int V>
  HONE_INLINE static void add_scaled_run(std::int32_t* sums, const std::int16_t* x, Factor d) {
    HONE_UNROLL for (int v = 0; v < V; ++v) add_scaled(sums + 8 * v, x + 8 * v, d);
  }
  /// Sixteen numbers of 32 bits, limited to +-32767.
  template <class To>
  HONE_INLINE static void narrow(To& to, const Eight& first, const Eight& second) {
    const __m256i words =
        _mm256_packs_epi32(reinterpret_cast<__m256i>(first), reinterpret_cast<__m256i>(second));
    const __m256i ordered =
        _mm256_max_epi16(_mm256_permute4x64_epi64(words, 0xD8), _mm256_set1_epi16(-32767));
    __builtin_memcpy(&to, &ordered, sizeof to);
  }
};

}  // namespace HONE_LEAF_NS
}  // namespace hone
