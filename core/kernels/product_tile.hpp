#pragma once
#include "leaves.hpp"

namespace hone {
namespace HONE_LEAF_NS {

/// A tile of chains lies in a local array of kTileFloats: up to 4 rows of 16 or 8 rows of 8, which
/// is what 16 vector registers hold. Without a hardware fma the chains stay on the stack in any
/// case, so half a tile takes half of it.
constexpr std::size_t kTileRows = HONE_HAS_FMA ? 8 : 4;
constexpr std::size_t kTileCols = 16, kTileFloats = 8 * kTileRows;

static inline std::size_t tile_rows(std::size_t cols) {
  return cols > 8 ? kTileRows / 2 : kTileRows;
}
/// Floats from one row of a tile to the next.
static inline std::size_t tile_stride(std::size_t cols) { return cols > 8 ? kTileCols : 8; }
static inline std::size_t at_most(std::size_t x, std::size_t limit) {
  return x < limit ? x : limit;
}

/// A function that keeps its tile to itself: inlined, the tile would stay on the stack while the
/// caller goes deeper. A step has 2 KB of stack.
#define HONE_OWN_FRAME __attribute__((noinline))

/// The terms of a chain in order: outer, then inner. Strides in floats.
struct Terms {
  std::size_t outer, a_outer, b_outer;
  std::size_t inner, a_inner, b_inner;
};

// A row of a tile from or to a tensor, as it is or through the store floor. Blocks of 8 have a
// fixed size, for the vectorizer.
static inline void copy_row(float* to, const float* from, std::size_t cols) {
  std::size_t c = 0;
  for (; c + 8 <= cols; c += 8) std::memcpy(to + c, from + c, 8 * sizeof(float));
  for (; c < cols; ++c) to[c] = from[c];
}
static inline void copy_row_floored(float* to, const float* from, std::size_t cols) {
  std::size_t c = 0;
  for (; c + 8 <= cols; c += 8) {
    float t[8];
    for (std::size_t j = 0; j < 8; ++j) t[j] = store_floor(from[c + j]);
    std::memcpy(to + c, t, sizeof t);
  }
  for (; c < cols; ++c) to[c] = store_floor(from[c]);
}
static inline void clear_row(float* to, std::size_t cols) {
  std::size_t c = 0;
  for (; c + 8 <= cols; c += 8) std::memset(to + c, 0, 8 * sizeof(float));
  for (; c < cols; ++c) to[c] = 0.0f;
}

// All rows of a tile start from the bias, or from +0 where it is null.
static inline void start_rows(float* tile, std::size_t rows, std::size_t cols, const float* bias) {
  for (std::size_t r = 0; r < rows; ++r) {
    if (bias) {
      copy_row(tile + r * tile_stride(cols), bias, cols);
    } else {
      clear_row(tile + r * tile_stride(cols), cols);
    }
  }
}

/// A tile of chains from and to memory, where rows are `stride` floats apart.
void load_tile(float* tile, const float* from, std::size_t stride, std::size_t rows,
               std::size_t cols);
void store_tile(float* to, std::size_t stride, const float* tile, std::size_t rows,
                std::size_t cols);

/// tile[r][c] = fma(a[r * a_row + term], b[c + term], tile[r][c]) over all terms in order, for
/// r < rows <= tile_rows(cols), c < cols <= kTileCols. Chains, not stored values: no floor.
void add_products(float* tile, std::size_t rows, std::size_t cols, const float* a,
                  std::size_t a_row, const float* b, const Terms& terms);

}  // namespace HONE_LEAF_NS
}  // namespace hone
