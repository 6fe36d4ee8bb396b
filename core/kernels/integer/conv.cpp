#include "ends.hpp"
#include "kernels/pool_rows.hpp"
#include "kernels/window_geometry.hpp"
#include "sums.hpp"

namespace hone {
namespace HONE_LEAF_NS {
namespace integer {
namespace {

struct Layer {
  const std::int16_t* w;
  const std::int32_t* bias;
  int bias_shift;
  const Window& s;
  const IntegerOutput& end;
};

// `count` neighbouring outputs of one row that see the same kernel rows and columns.
struct Outputs {
  std::uint32_t oy, ox, count;
  Range ky, kx;
};

// Adds all products of one group to a tile of outputs x channels. With groups = 1 a kernel row is
// one run of (kx, channel), contiguous in x and in W.
void add_window(Sums& t, std::size_t rows, std::size_t cols, const std::int8_t* x,
                const std::int16_t* w, const Window& s, const Outputs& at) {
  const std::size_t in_c = s.in_c / s.groups, pixel = std::size_t{s.stride} * s.in_c;
  const std::size_t taps = at.kx.end - at.kx.begin;
  const std::size_t runs = s.groups == 1 ? 1 : taps, run = taps * in_c / (runs ? runs : 1);
  if (taps == 0) return;
  for (std::uint32_t ky = at.ky.begin; ky < at.ky.end; ++ky)
    for (std::size_t i = 0; i < runs; ++i) {
      const std::size_t from = image_at(at.oy, ky, s.stride, s.pad_top) * s.in_w +
                               image_at(at.ox, at.kx.begin, s.stride, s.pad_left) + i;
      const std::size_t tap = std::size_t{ky} * s.kernel_w + at.kx.begin + i;
      add_products(t, rows, cols, {x + from * s.in_c, pixel, 1}, w + tap * in_c * s.out_c, s.out_c,
                   run);
    }
}

// All channels of one span of outputs. x is one sample; `row` is the place of the row in y.
std::uint64_t forward_span(std::int8_t* y, std::size_t row, const std::int8_t* x, const Layer& l,
                           const Outputs& at) {
  const Window& s = l.s;
  const std::size_t in_c = s.in_c / s.groups, out_c = s.out_c / s.groups;
  std::uint64_t seen = 0;
  for (std::size_t g = 0; g < s.groups; ++g)
    for (std::size_t c = 0; c < out_c; c += kTile) {
      const std::size_t cols = at_most(out_c - c, kTile), step = tile_rows(cols);
      const std::size_t o = g * out_c + c;
      Starts starts;
      start_outputs(starts, l.bias, l.bias_shift, o, cols, l.end);
      for (std::uint32_t p = 0; p < at.count; p += static_cast<std::uint32_t>(step)) {
        const std::size_t rows = at_most(at.count - p, step);
        Sums t;
        clear(t);
        add_window(t, rows, cols, x + g * in_c, l.w + o, s,
                   {at.oy, at.ox + p, at.count, at.ky, at.kx});
        seen |=
            put_outputs(y, row + (at.ox + p) * s.out_c + o, s.out_c, t, rows, cols, starts, l.end);
      }
    }
  return seen;
}

// Row oy, of all channels.
std::uint64_t forward_row(std::int8_t* y, std::size_t row, const std::int8_t* x, const Layer& l,
                          std::uint32_t oy) {
  const Window& s = l.s;
  const Range ky = taps_inside(oy, s.stride, s.pad_top, s.kernel_h, s.in_h);
  const Range inside = interior_outputs(s.stride, s.pad_left, s.kernel_w, s.in_w, s.out_w);
  std::uint64_t seen = 0;
  for (std::uint32_t ox = 0; ox < s.out_w;) {
    const bool whole = ox >= inside.begin && ox < inside.end;
    const std::uint32_t count = whole ? inside.end - ox : 1;
    const Range kx = taps_inside(ox, s.stride, s.pad_left, s.kernel_w, s.in_w);
    seen |= forward_span(y, row, x, l, {oy, ox, count, ky, kx});
    ox += count;
  }
  return seen;
}

// One sample: the rows of one row of pool windows at a time go through `band`.
std::uint64_t pooled_sample(std::int8_t* y, RouteWriter& routes, const std::int8_t* x,
                            const Layer& l, const Window& pool, std::int8_t* band) {
  const std::size_t row = std::size_t{l.s.out_w} * l.s.out_c;
  const std::size_t pooled_row = std::size_t{pool.out_w} * pool.out_c;
  std::uint64_t seen = 0;
  for (std::uint32_t py = 0; py < pool.out_h; ++py) {
    for (std::uint32_t k = 0; k < pool.kernel_h; ++k)
      seen |= forward_row(band, k * row, x, l, py * pool.stride + k);
    max_pool_row(y + py * pooled_row, routes, band, pool, py);
    // Rows that no window touches: their sums count too, as they would without the pool.
    const std::uint32_t next = py + 1 < pool.out_h ? (py + 1) * pool.stride : l.s.out_h;
    for (std::uint32_t oy = py * pool.stride + pool.kernel_h; oy < next; ++oy)
      seen |= forward_row(band, 0, x, l, oy);
  }
  return seen;
}

}  // namespace

std::uint64_t conv_forward(std::int8_t* y, const std::int8_t* x, const std::int16_t* w,
                           const std::int32_t* bias, int bias_shift, const Window& s,
                           const Pooled* pool, std::size_t n, const IntegerOutput& end,
                           std::int8_t* scratch) {
  const Layer l{w, bias, bias_shift, s, end};
  std::uint64_t seen = 0;
  if (!pool) {
    const std::size_t row = std::size_t{s.out_w} * s.out_c;
    for (std::size_t i = 0; i < n; ++i)
      for (std::uint32_t oy = 0; oy < s.out_h; ++oy)
        seen |= forward_row(y, i * output_size(s) + oy * row, x + i * image_size(s), l, oy);
    return seen;
  }
  RouteWriter routes = start_routes(pool->routes, pool->window);
  for (std::size_t i = 0; i < n; ++i)
    seen |= pooled_sample(y + i * output_size(pool->window), routes, x + i * image_size(s), l,
                          pool->window, scratch);
  finish_routes(routes);
  return seen;
}

}  // namespace integer
}  // namespace HONE_LEAF_NS
}  // namespace hone
