#include "product_tile.hpp"

#include "lanes.hpp"

namespace hone {
namespace HONE_LEAF_NS {
namespace {

// R rows by V lane groups of N columns; rows of the tile are S floats apart.
template <int R, int V, int N, int S>
inline __attribute__((always_inline)) void products(float* tile, const float* a, std::size_t a_row,
                                                    const float* b, const Terms& terms) {
  Lanes<N> sum[R][V];
#pragma GCC unroll 8
  for (int r = 0; r < R; ++r)
#pragma GCC unroll 2
    for (int v = 0; v < V; ++v) load(sum[r][v], tile + r * S + v * N);
  for (std::size_t o = 0; o < terms.outer; ++o) {
    const float* ak = a + o * terms.a_outer;
    const float* bk = b + o * terms.b_outer;
    for (std::size_t k = 0; k < terms.inner; ++k, ak += terms.a_inner, bk += terms.b_inner) {
      Lanes<N> bv[V];
#pragma GCC unroll 2
      for (int v = 0; v < V; ++v) load(bv[v], bk + v * N);
#pragma GCC unroll 8
      for (int r = 0; r < R; ++r) {
        const float ar = ak[static_cast<std::size_t>(r) * a_row];
#pragma GCC unroll 2
        for (int v = 0; v < V; ++v) add_product(sum[r][v], ar, bv[v]);
      }
    }
  }
#pragma GCC unroll 8
  for (int r = 0; r < R; ++r)
#pragma GCC unroll 2
    for (int v = 0; v < V; ++v) store(tile + r * S + v * N, sum[r][v]);
}

// Any number of rows up to that of the tile, in groups of 8, 4, 2 and 1.
template <int V, int N, int S>
HONE_OWN_FRAME void row_groups(float* tile, std::size_t rows, const float* a, std::size_t a_row,
                               const float* b, const Terms& terms) {
  constexpr int R = static_cast<int>(kTileRows) / (S == 8 ? 1 : 2);
  for (; rows >= R; rows -= R, tile += R * S, a += R * a_row)
    products<R, V, N, S>(tile, a, a_row, b, terms);
  if (R > 4 && rows & 4) {
    products<4, V, N, S>(tile, a, a_row, b, terms);
    tile += 4 * S;
    a += 4 * a_row;
  }
  if (R > 2 && rows & 2) {
    products<2, V, N, S>(tile, a, a_row, b, terms);
    tile += 2 * S;
    a += 2 * a_row;
  }
  if (rows & 1) products<1, V, N, S>(tile, a, a_row, b, terms);
}

// Fewer than 16 columns, in groups of 8, 4, 2 and 1.
template <int S>
HONE_OWN_FRAME void column_groups(float* tile, std::size_t rows, std::size_t cols, const float* a,
                                  std::size_t a_row, const float* b, const Terms& terms) {
  std::size_t c = 0;
  if (cols & 8) {
    row_groups<1, 8, S>(tile, rows, a, a_row, b, terms);
    c = 8;
  }
  if (cols & 4) {
    row_groups<1, 4, S>(tile + c, rows, a, a_row, b + c, terms);
    c += 4;
  }
  if (cols & 2) {
    row_groups<1, 2, S>(tile + c, rows, a, a_row, b + c, terms);
    c += 2;
  }
  if (cols & 1) row_groups<1, 1, S>(tile + c, rows, a, a_row, b + c, terms);
}

}  // namespace

void load_tile(float* tile, const float* from, std::size_t stride, std::size_t rows,
               std::size_t cols) {
  for (std::size_t r = 0; r < rows; ++r)
    copy_row(tile + r * tile_stride(cols), from + r * stride, cols);
}
void store_tile(float* to, std::size_t stride, const float* tile, std::size_t rows,
                std::size_t cols) {
  for (std::size_t r = 0; r < rows; ++r)
    copy_row(to + r * stride, tile + r * tile_stride(cols), cols);
}

void add_products(float* tile, std::size_t rows, std::size_t cols, const float* a,
                  std::size_t a_row, const float* b, const Terms& terms) {
  if (cols <= 8) return column_groups<8>(tile, rows, cols, a, a_row, b, terms);
  if (cols < kTileCols) return column_groups<kTileCols>(tile, rows, cols, a, a_row, b, terms);
  row_groups<2, 8, kTileCols>(tile, rows, a, a_row, b, terms);
}

}  // namespace HONE_LEAF_NS
}  // namespace hone
