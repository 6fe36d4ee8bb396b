#pragma once
#include "ports/shared/nonzero.hpp"
#include "ports/x86_avx512/vec16.hpp"

namespace hone {
namespace HONE_LEAF_NS {

/// Sixteen at a time: the indices that stay move together.
template <>
HONE_INLINE std::size_t list_nonzero<Vec16>(std::uint16_t* list, const float* x, std::size_t n) {
  const __m512i lane = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
  std::size_t count = 0;
  for (std::size_t i = 0; i < n; i += Vec16::kWidth) {
    const Vec16 v = Vec16::load(x + i, Vec16::part(n - i < 16 ? n - i : 16));
    const __mmask16 stays = _mm512_cmp_ps_mask(v.v, _mm512_setzero_ps(), _CMP_NEQ_UQ);
    const __m512i index = _mm512_add_epi32(lane, _mm512_set1_epi32(static_cast<int>(i)));
    const __m512i packed = _mm512_maskz_compress_epi32(stays, index);
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(list + count), _mm512_cvtepi32_epi16(packed));
    count += static_cast<std::size_t>(__builtin_popcount(stays));
  }
  return count;
}

}  // namespace HONE_LEAF_NS
}  // namespace hone
