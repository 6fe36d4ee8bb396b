#pragma once
#include "isa.hpp"

namespace hone {
namespace HONE_LEAF_NS {

/// A block of V::kWidth rows and columns in registers, turned: t[j] holds column j of all rows.
/// Rows and columns that the matrix does not have become 0.
template <class V>
HONE_INLINE void load_turned(V (&t)[V::kWidth], const float* from, std::size_t pitch,
                             std::size_t rows, typename V::Part cols) {
  HONE_UNROLL for (std::size_t r = 0; r < V::kWidth; ++r) t[r] =
      r < rows ? V::load(from + r * pitch, cols) : V::zero();
  transpose(t);
}

template <class V>
HONE_INLINE void load_turned(V (&t)[V::kWidth], const float* from, std::size_t pitch) {
  HONE_UNROLL for (std::size_t r = 0; r < V::kWidth; ++r) t[r] = V::load(from + r * pitch);
  transpose(t);
}

/// to[cols][rows] = from[rows][cols], turned; rows of a pitch each.
HONE_INLINE void turn(float* to, std::size_t to_pitch, const float* from, std::size_t from_pitch,
                      std::size_t rows, std::size_t cols) {
  using V = Narrow;
  constexpr std::size_t W = V::kWidth;
  for (std::size_t r = 0; r < rows; r += W) {
    const std::size_t height = rows - r < W ? rows - r : W;
    for (std::size_t c = 0; c < cols; c += W) {
      const std::size_t width = cols - c < W ? cols - c : W;
      V t[W];
      load_turned(t, from + r * from_pitch + c, from_pitch, height, V::part(width));
      HONE_UNROLL for (std::size_t j = 0; j < W; ++j) {
        if (j < width) t[j].store(to + (c + j) * to_pitch + r, V::part(height));
      }
    }
  }
}

}  // namespace HONE_LEAF_NS
}  // namespace hone
