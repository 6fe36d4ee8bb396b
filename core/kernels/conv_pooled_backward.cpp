#include "conv_pooled_backward.hpp"

#include "conv_blocks.hpp"
#include "conv_input_gradient.hpp"
#include "pool_rows.hpp"
#include "product_tile.hpp"
#include "waiting_chains.hpp"
#include "window_geometry.hpp"

// The gradient of the map exists a row at a time.
namespace hone {
namespace HONE_LEAF_NS {
namespace {

struct PooledGradient {
  const float* dy;
  const Pooled& pool;
  const Window& s;
  std::size_t n;
  float* row;

  bool unpool(std::size_t sample, std::uint32_t oy, const Channels& part) const {
    return unpool_row(row, dy, pool.routes, pool.window, sample, oy, part);
  }
};

// Continues the chains of a block in memory by the outputs of one row, of which x and dy are the
// first that the block sees.
HONE_OWN_FRAME void add_row_to_block(const WeightBlock& b, const float* x, const float* dy,
                                     std::size_t stride) {
  const Terms terms{1, 0, 0, b.walk.w, b.walk.x_w, stride};
  for (std::size_t c = 0; c < b.cols; c += kTileCols) {
    const std::size_t cols = at_most(b.cols - c, kTileCols), step = tile_rows(cols);
    for (std::size_t r = 0; r < b.rows; r += step) {
      const std::size_t rows = at_most(b.rows - r, step);
      float* const chains = b.sum + r * stride + c;
      float tile[kTileFloats];
      load_tile(tile, chains, stride, rows, cols);
      add_products(tile, rows, cols, x + r, 1, dy + c, terms);
      store_tile(chains, stride, tile, rows, cols);
    }
  }
}

// Continues all chains in memory; x is the sample of the row.
HONE_OWN_FRAME void add_row(const ConvWeights& weights, const float* x, const float* dy_row,
                            const Window& s, std::uint32_t oy) {
  for_each_block(weights, x, s, 1, [&](const WeightBlock& b) {
    if (oy >= b.oy && oy - b.oy < b.walk.h)
      add_row_to_block(b, b.x + (oy - b.oy) * b.walk.x_h,
                       dy_row + std::size_t{b.ox} * s.out_c + b.channel, s.out_c);
    return 0u;
  });
}

// Every row once, for dx (null: not wanted) and for the weights (null: not now).
void sweep(const PooledGradient& from, float* dx, const float* w, float* panel,
           const ConvWeights* weights, const float* x) {
  const Window& s = from.s;
  for (std::size_t i = 0; i < from.n; ++i, x += image_size(s))
    for (std::uint32_t oy = 0; oy < s.out_h; ++oy) {
      if (!from.unpool(i, oy, {0, s.out_c})) continue;
      if (dx) conv_input_gradient_of_row(dx + i * image_size(s), from.row, w, panel, s, oy);
      if (weights) add_row(*weights, x, from.row, s, oy);
    }
}

// A register tile of weights whose chains have no memory, over all rows of all samples.
HONE_OWN_FRAME std::uint32_t update_tile(const PooledGradient& from, const WeightBlock& b,
                                         std::size_t r, std::size_t c, std::size_t rows,
                                         std::size_t cols) {
  const std::size_t stride = tile_stride(cols), w_stride = from.s.out_c;
  const Terms terms{1, 0, 0, b.walk.w, b.walk.x_w, cols};
  float* const w = b.w + r * w_stride + c;
  float tile[kTileFloats];
  for (std::size_t i = 0; i < rows; ++i)
    start_chains(tile + i * stride, w + i * w_stride, nullptr, cols, *b.update);
  for (std::size_t i = 0; i < b.walk.n; ++i)
    for (std::uint32_t y = 0; y < b.walk.h; ++y) {
      if (!from.unpool(i, b.oy + y, {b.channel + c, cols})) continue;
      add_products(tile, rows, cols, b.x + r + i * b.walk.x_n + y * b.walk.x_h, 1,
                   from.row + b.ox * cols, terms);
    }
  std::uint32_t flags = 0;
  for (std::size_t i = 0; i < rows; ++i)
    flags |= finish_chains(tile + i * stride, w + i * w_stride, nullptr, cols, *b.update);
  return flags;
}

HONE_OWN_FRAME std::uint32_t update_in_tiles(const PooledGradient& from, const ConvWeights& weights,
                                             const float* x) {
  return for_each_block(weights, x, from.s, from.n, [&](const WeightBlock& b) {
    std::uint32_t flags = 0;
    for (std::size_t c = 0; c < b.cols; c += kTileCols) {
      const std::size_t cols = at_most(b.cols - c, kTileCols), step = tile_rows(cols);
      for (std::size_t r = 0; r < b.rows; r += step)
        flags |= update_tile(from, b, r, c, at_most(b.rows - r, step), cols);
    }
    return flags;
  });
}

}  // namespace

std::uint32_t conv_pooled_backward(const ConvWeights& given, float* dx, const float* x,
                                   const float* dy, const Window& s, const Pooled& pool,
                                   std::size_t n, float* scratch, bool fast) {
  float* const row = scratch + (dx ? panel_floats(s) : 0);
  float* const chains = row + std::size_t{s.out_w} * s.out_c;
  const ConvWeights weights =
      fast ? with_sums(given, chains, chains + group_weights(s) * s.groups) : given;
  const PooledGradient from{dy, pool, s, n, row};
  if (weights.update && weights.sum) {
    start_waiting(weights, s);
    sweep(from, dx, weights.w, scratch, &weights, x);
    return finish_waiting(weights, s);
  }
  if (dx) sweep(from, dx, weights.w, scratch, nullptr, x);
  return weights.update ? update_in_tiles(from, weights, x) : 0;
}

}  // namespace HONE_LEAF_NS
}  // namespace hone
