#pragma once
#include "tiles.hpp"

namespace hone {
namespace HONE_LEAF_NS {

/// Q pixels each of two rows, `pixel` floats apart.
template <int Q>
struct PixelRows {
  // Pixels in fours, each with a pointer of its own: offsets of up to three pixels fit the
  // addressing modes, where fourteen of them would each need a register. For few pixels there are
  // registers, and ARMv7 has no offsets.
  static constexpr std::size_t kGroup = Q > 2 ? 4 : 1;
  static constexpr std::size_t kGroups = (Q + kGroup - 1) / kGroup;
  const float* at[2][kGroups];
  std::size_t pixel;

  HONE_INLINE PixelRows(const float* upper, const float* lower, std::size_t pixel_floats)
      : pixel(pixel_floats) {
    HONE_UNROLL for (std::size_t g = 0; g < kGroups; ++g) {
      at[0][g] = upper + kGroup * g * pixel;
      at[1][g] = lower + kGroup * g * pixel;
    }
  }
  HONE_INLINE const float* of(std::size_t row, std::size_t i) const {
    return at[row][i / kGroup] + i % kGroup * pixel;
  }
  HONE_INLINE void advance(std::size_t floats) {
    HONE_UNROLL for (std::size_t g = 0; g < kGroups; ++g) {
      at[0][g] += floats;
      at[1][g] += floats;
    }
  }
};

/// A port may do the first terms of add_pixels in a way of its own: neon/products.hpp.
template <class V, int Q, int N, class C>
HONE_INLINE std::size_t add_first_pixels(V (&)[2][Q][N], const C&, PixelRows<Q>, const float*,
                                         std::size_t, std::size_t) {
  return 0;
}

/// sum[row][i][v] += pixel i of the row, float k, * b[k * b_term + v], k ascending.
template <int Q, class C>
HONE_INLINE void add_pixels(typename C::Vec (&sum)[2][Q][C::kVectors], const C& columns,
                            PixelRows<Q> x, const float* b, std::size_t b_term, std::size_t terms) {
  using V = typename C::Vec;
  constexpr int N = C::kVectors;
  std::size_t k = add_first_pixels(sum, columns, x, b, b_term, terms);
  x.advance(k);
  b += k * b_term;
  for (; k < terms; ++k, b += b_term, x.advance(1)) {
    V w[N];
    HONE_UNROLL for (int v = 0; v < N; ++v) w[v] = columns.load(b, v);
    HONE_UNROLL for (std::size_t i = 0; i < Q; ++i)
        HONE_UNROLL for (std::size_t r = 0; r < 2; ++r) {
      const V pixel = V::all(*x.of(r, i));
      HONE_UNROLL for (int v = 0; v < N; ++v) sum[r][i][v] = fma(pixel, w[v], sum[r][i][v]);
    }
  }
}

}  // namespace HONE_LEAF_NS
}  // namespace hone
