#include "product_tile.hpp"
#include "weight_chain.hpp"

namespace hone {
namespace HONE_LEAF_NS {
namespace {

// The positions of a walk with the innermost loop the longest possible: levels of one turn move
// out.
struct Positions {
  Terms terms;
  std::size_t n, x_n, dy_n;
};
Positions positions_of(const Walk& walk) {
  if (walk.w > 1) {
    const Terms terms{walk.h, walk.x_h, walk.dy_h, walk.w, walk.x_w, walk.dy_w};
    return {terms, walk.n, walk.x_n, walk.dy_n};
  }
  if (walk.h > 1 || walk.w == 0) {
    const Terms terms{walk.n, walk.x_n, walk.dy_n, walk.w ? walk.h : 0, walk.x_h, walk.dy_h};
    return {terms, 1, 0, 0};
  }
  const Terms terms{1, 0, 0, walk.h ? walk.n : 0, walk.x_n, walk.dy_n};
  return {terms, 1, 0, 0};
}

// One position: every weight gets one product, so the sweep over W is all that counts. Whole rows
// keep it in memory order.
HONE_OWN_FRAME std::uint32_t update_one_position(float* w, float* sum, std::size_t w_stride,
                                                 std::size_t rows, std::size_t cols, const float* x,
                                                 const float* dy, const Update& update) {
  constexpr std::size_t kChunk = 32;
  std::uint32_t bad = 0;
  for (std::size_t r = 0; r < rows; ++r) {
    for (std::size_t c = 0; c < cols; c += kChunk) {
      const std::size_t width = at_most(cols - c, kChunk);
      const std::size_t at = r * w_stride + c;
      float* const s = sum ? sum + at : nullptr;
      float chain[kChunk];
      start_chains(chain, w + at, s, width, update);
      for (std::size_t j = 0; j < width; ++j) chain[j] = fma(x[r], dy[c + j], chain[j]);
      bad |= finish_chains(chain, w + at, s, width, update);
    }
  }
  return bad;
}

// One register tile of weights with its whole walk.
std::uint32_t update_tile(float* w, float* sum, std::size_t w_stride, std::size_t rows,
                          std::size_t cols, const float* x, const float* dy, const Positions& at,
                          const Update& update) {
  float tile[kTileFloats];
  const std::size_t stride = tile_stride(cols);
  for (std::size_t r = 0; r < rows; ++r)
    start_chains(tile + r * stride, w + r * w_stride, sum ? sum + r * w_stride : nullptr, cols,
                 update);
  for (std::size_t n = 0; n < at.n; ++n)
    add_products(tile, rows, cols, x + n * at.x_n, 1, dy + n * at.dy_n, at.terms);
  std::uint32_t bad = 0;
  for (std::size_t r = 0; r < rows; ++r)
    bad |= finish_chains(tile + r * stride, w + r * w_stride, sum ? sum + r * w_stride : nullptr,
                         cols, update);
  return bad;
}

}  // namespace

std::uint32_t outer_update(float* w, float* sum, std::size_t w_stride, std::size_t rows,
                           std::size_t cols, const float* x, const float* dy, const Walk& walk,
                           const Update& update) {
  if (walk.n == 1 && walk.h == 1 && walk.w == 1)
    return update_one_position(w, sum, w_stride, rows, cols, x, dy, update);
  const Positions positions = positions_of(walk);
  std::uint32_t bad = 0;
  for (std::size_t c = 0; c < cols; c += kTileCols) {
    const std::size_t width = at_most(cols - c, kTileCols);
    const std::size_t step = tile_rows(width);
    for (std::size_t r = 0; r < rows; r += step) {
      const std::size_t at = r * w_stride + c;
      bad |= update_tile(w + at, sum ? sum + at : nullptr, w_stride, at_most(rows - r, step), width,
                         x + r, dy + c, positions, update);
    }
  }
  return bad;
}

}  // namespace HONE_LEAF_NS
}  // namespace hone
