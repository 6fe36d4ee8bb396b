#pragma once
#if defined(__ARM_NEON)
#include <arm_neon.h>
#endif

#include "vec.hpp"

// Eight numbers side by side: gcc and clang divide them among registers.
namespace hone {
namespace HONE_LEAF_NS {

constexpr std::size_t kEight = 8;

HONE_INLINE std::size_t least_of(std::size_t a, std::size_t b) { return a < b ? a : b; }

using EightCodes = std::int8_t __attribute__((vector_size(8)));
using EightWords = std::int16_t __attribute__((vector_size(16)));
using Eight = std::int32_t __attribute__((vector_size(32)));
using EightDraws = std::uint32_t __attribute__((vector_size(32)));

HONE_INLINE EightCodes eight_codes(const std::int8_t* p) {
  EightCodes codes;
  __builtin_memcpy(&codes, p, sizeof codes);
  return codes;
}
HONE_INLINE EightWords widened_codes(const std::int8_t* p) {
#if defined(__ARM_NEON)  // gcc 12 would take them one by one
  return reinterpret_cast<EightWords>(vmovl_s8(vld1_s8(p)));
#else
  return __builtin_convertvector(eight_codes(p), EightWords);
#endif
}

/// a[4 * kHalf], b[4 * kHalf], a[4 * kHalf + 1], ...
template <int kHalf>
HONE_INLINE EightWords interleaved(EightWords a, EightWords b) {
#if defined(__clang__)
  if constexpr (kHalf == 0) return __builtin_shufflevector(a, b, 0, 8, 1, 9, 2, 10, 3, 11);
  return __builtin_shufflevector(a, b, 4, 12, 5, 13, 6, 14, 7, 15);
#else
  if constexpr (kHalf == 0) return __builtin_shuffle(a, b, EightWords{0, 8, 1, 9, 2, 10, 3, 11});
  return __builtin_shuffle(a, b, EightWords{4, 12, 5, 13, 6, 14, 7, 15});
#endif
}
/// Rows become columns.
HONE_INLINE void transpose(EightWords (&t)[8]) {
  HONE_UNROLL for (int round = 0; round < 3; ++round) {
    EightWords u[8];
    HONE_UNROLL for (int i = 0; i < 4; ++i) {
      u[2 * i] = interleaved<0>(t[i], t[i + 4]);
      u[2 * i + 1] = interleaved<1>(t[i], t[i + 4]);
    }
    HONE_UNROLL for (int i = 0; i < 8; ++i) t[i] = u[i];
  }
}

/// For lanes whose registers hold eight numbers of 16 bits.
struct WordsOf128 {
  using Words = EightWords;

  /// Eight numbers of 16 bits as 32.
  HONE_INLINE static void widen(Eight& to, const std::int16_t* p) {
    EightWords words;
    __builtin_memcpy(&words, p, sizeof words);
    to = __builtin_convertvector(words, Eight);
  }
};

/// Lanes that multiply the weights of a dense layer as they are. The others:
/// integer_dense_split.hpp.
struct WholeWeights;

}  // namespace HONE_LEAF_NS
}  // namespace hone
