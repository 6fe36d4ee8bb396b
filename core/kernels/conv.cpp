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

// All channels of one span of outputs. x and y are one sample.
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
        float* const to = y + (std::size_t{at.oy} * s.out_w + part.ox) * s.out_c + o;
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

// panel[o][i] = W[i][o] of one kernel position and group.
void transpose(float* panel, const float* w, std::size_t in_c, std::size_t out_c,
               std::size_t w_stride) {
  for (std::size_t i = 0; i < in_c; ++i)
    for (std::size_t o = 0; o < out_c; ++o) panel[o * in_c + i] = w[i * w_stride + o];
}

// One kernel position, one group, `count` neighbouring outputs: continues the chains in dx.
void add_gradient(float* dx, const float* dy, const float* panel, const Window& s,
                  std::size_t count) {
  const std::size_t in_c = s.in_c / s.groups, out_c = s.out_c / s.groups;
  const std::size_t pixel = std::size_t{s.stride} * s.in_c;
  const Terms terms{1, 0, 0, out_c, 1, in_c};
  for (std::size_t c = 0; c < in_c; c += kTileCols) {
    const std::size_t cols = at_most(in_c - c, kTileCols);
    const std::size_t step = tile_rows(cols);
    for (std::size_t p = 0; p < count; p += step) {
      const std::size_t rows = at_most(count - p, step);
      float* const to = dx + p * pixel + c;
      float tile[kTileFloats];
      for (std::size_t r = 0; r < rows; ++r)
        copy_row(tile + r * tile_stride(cols), to + r * pixel, cols);
      add_products(tile, rows, cols, dy + p * s.out_c, s.out_c, panel + c, terms);
      for (std::size_t r = 0; r < rows; ++r)
        copy_row(to + r * pixel, tile + r * tile_stride(cols), cols);
    }
  }
}

// One kernel position and group over all samples and outputs.
void add_tap_gradient(float* dx, const float* dy, const float* panel, const Window& s,
                      std::size_t n, std::uint32_t ky, std::uint32_t kx) {
  const Range ys = outputs_of_tap(ky, s.stride, s.pad_top, s.in_h, s.out_h);
  const Range xs = outputs_of_tap(kx, s.stride, s.pad_left, s.in_w, s.out_w);
  if (xs.begin == xs.end) return;
  for (std::size_t i = 0; i < n; ++i) {
    for (std::uint32_t oy = ys.begin; oy < ys.end; ++oy) {
      const std::size_t from = std::size_t{oy} * s.out_w + xs.begin;
      const std::size_t to = image_at(oy, ky, s.stride, s.pad_top) * s.in_w +
                             image_at(xs.begin, kx, s.stride, s.pad_left);
      add_gradient(dx + i * image_size(s) + to * s.in_c, dy + i * output_size(s) + from * s.out_c,
                   panel, s, xs.end - xs.begin);
    }
  }
}

}  // namespace

void conv_forward(float* y, const float* x, const float* w, const float* bias, const Window& s,
                  std::size_t n) {
  for (std::size_t i = 0; i < n; ++i)
    for (std::uint32_t oy = 0; oy < s.out_h; ++oy)
      forward_row(y + i * output_size(s), x + i * image_size(s), w, bias, s, oy);
}

// An input pixel meets its outputs in raster order where kernel rows and columns run backwards.
void conv_input_gradient(float* dx, const float* dy, const float* w, float* panel, const Window& s,
                         std::size_t n) {
  const std::size_t in_c = s.in_c / s.groups, out_c = s.out_c / s.groups;
  for (std::size_t g = 0; g < s.groups; ++g) {
    for (std::uint32_t ky = s.kernel_h; ky-- > 0;) {
      for (std::uint32_t kx = s.kernel_w; kx-- > 0;) {
        const std::size_t tap = std::size_t{ky} * s.kernel_w + kx;
        transpose(panel, w + tap * in_c * s.out_c + g * out_c, in_c, out_c, s.out_c);
        add_tap_gradient(dx + g * in_c, dy + g * out_c, panel, s, n, ky, kx);
      }
    }
  }
}

}  // namespace HONE_LEAF_NS
}  // namespace hone
