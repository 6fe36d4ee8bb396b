#include "ends.hpp"
#include "pool_rows.hpp"
#include "product_tile.hpp"
#include "window_geometry.hpp"

namespace hone {
namespace HONE_LEAF_NS {
namespace {

// `count` neighbouring outputs of one row that see the same kernel rows and columns.
struct Outputs {
  std::uint32_t oy, ox, count;
  Range ky, kx;
};

// Adds all products of one group to a tile of outputs x channels. With groups = 1 a kernel row is
// one run of (kx, channel), contiguous in x and in W.
void add_window(float* tile, std::size_t rows, std::size_t cols, const float* x, const float* w,
                const Window& s, const Outputs& at) {
  const std::size_t in_c = s.in_c / s.groups, out_c = s.out_c;
  const std::size_t x_row = std::size_t{s.in_w} * s.in_c;
  const std::size_t w_row = std::size_t{s.kernel_w} * in_c * out_c;
  const std::size_t pixel = std::size_t{s.stride} * s.in_c;
  const std::size_t ky = at.ky.end - at.ky.begin, kx = at.kx.end - at.kx.begin;
  if (ky == 0 || kx == 0) return;
  x += image_at(at.oy, at.ky.begin, s.stride, s.pad_top) * x_row +
       image_at(at.ox, at.kx.begin, s.stride, s.pad_left) * s.in_c;
  w += at.ky.begin * w_row + at.kx.begin * in_c * out_c;
  if (s.groups == 1) {
    const Terms terms{ky, x_row, w_row, kx * in_c, 1, out_c};
    add_products(tile, rows, cols, x, pixel, w, terms);
    return;
  }
  const Terms terms{kx, s.in_c, in_c * out_c, in_c, 1, out_c};
  for (std::size_t k = 0; k < ky; ++k)
    add_products(tile, rows, cols, x + k * x_row, pixel, w + k * w_row, terms);
}

// All channels of one span of outputs. x is one sample, y the row of the outputs.
void forward_span(float* y, const float* x, const float* w, const float* bias, const Window& s,
                  const Outputs& at) {
  const std::size_t in_c = s.in_c / s.groups, out_c = s.out_c / s.groups;
  for (std::size_t g = 0; g < s.groups; ++g) {
    for (std::size_t c = 0; c < out_c; c += kTileCols) {
      const std::size_t cols = at_most(out_c - c, kTileCols);
      const std::size_t step = tile_rows(cols);
      const std::size_t o = g * out_c + c;
      for (std::uint32_t p = 0; p < at.count; p += static_cast<std::uint32_t>(step)) {
        const std::size_t rows = at_most(at.count - p, step);
        const Outputs part{at.oy, at.ox + p, static_cast<std::uint32_t>(rows), at.ky, at.kx};
        float tile[kTileFloats];
        start_rows(tile, rows, cols, bias ? bias + o : nullptr);
        add_window(tile, rows, cols, x + g * in_c, w + o, s, part);
        float* const to = y + std::size_t{part.ox} * s.out_c + o;
        for (std::size_t r = 0; r < rows; ++r)
          copy_row_floored(to + r * s.out_c, tile + r * tile_stride(cols), cols);
      }
    }
  }
}

void forward_row(float* y, const float* x, const float* w, const float* bias, const Window& s,
                 std::uint32_t oy) {
  const Range ky = taps_inside(oy, s.stride, s.pad_top, s.kernel_h, s.in_h);
  const Range inside = interior_outputs(s.stride, s.pad_left, s.kernel_w, s.in_w, s.out_w);
  std::uint32_t ox = 0;
  while (ox < s.out_w) {
    const bool whole = ox >= inside.begin && ox < inside.end;
    const std::uint32_t count = whole ? inside.end - ox : 1;
    const Range kx = taps_inside(ox, s.stride, s.pad_left, s.kernel_w, s.in_w);
    forward_span(y, x, w, bias, s, {oy, ox, count, ky, kx});
    ox += count;
  }
}

// Row oy of the convolution, of all channels, from and to one sample.
void output_row(float* y, const float* x, const float* w, const float* bias, const Window& s,
                std::uint32_t oy, const OutputEnd& end) {
  forward_row(y, x, w, bias, s, oy);
  apply(end, y, std::size_t{s.out_w} * s.out_c);
}

// One sample: the rows of one row of pool windows at a time go through `band`.
void pooled_sample(float* y, RouteWriter& routes, const float* x, const float* w, const float* bias,
                   const Window& s, const Window& pool, const OutputEnd& end, float* band) {
  const std::size_t row = std::size_t{s.out_w} * s.out_c;
  for (std::uint32_t py = 0; py < pool.out_h; ++py, y += std::size_t{pool.out_w} * pool.out_c) {
    for (std::uint32_t k = 0; k < pool.kernel_h; ++k)
      output_row(band + k * row, x, w, bias, s, py * pool.stride + k, end);
    max_pool_row(y, routes, band, pool, py);
  }
}

}  // namespace

void conv_forward(float* y, const float* x, const float* w, const float* bias, const Window& s,
                  const Pooled* pool, std::size_t n, const OutputEnd& end, float* scratch, bool) {
  const std::size_t row = std::size_t{s.out_w} * s.out_c;
  if (!pool) {
    for (std::size_t i = 0; i < n; ++i, x += image_size(s))
      for (std::uint32_t oy = 0; oy < s.out_h; ++oy, y += row)
        output_row(y, x, w, bias, s, oy, end);
    return;
  }
  RouteWriter routes = start_routes(pool->routes, pool->window);
  for (std::size_t i = 0; i < n; ++i, x += image_size(s), y += output_size(pool->window))
    pooled_sample(y, routes, x, w, bias, s, pool->window, end, scratch);
  finish_routes(routes);
}

}  // namespace HONE_LEAF_NS
}  // namespace hone
