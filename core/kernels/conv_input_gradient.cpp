#include "conv_input_gradient.hpp"

#include "conv_taps.hpp"
#include "product_tile.hpp"

namespace hone {
namespace HONE_LEAF_NS {
namespace {

// panel[o][i] = W[i][o] of one kernel position and group.
void transpose(float* panel, const float* w, std::size_t in_c, std::size_t out_c,
               std::size_t w_stride) {
  for (std::size_t i = 0; i < in_c; ++i)
    for (std::size_t o = 0; o < out_c; ++o) panel[o * in_c + i] = w[i * w_stride + o];
}

// One kernel position, one group, `count` neighbouring outputs: continues the chains in dx.
HONE_OWN_FRAME void add_gradient(float* dx, const float* dy, const float* panel, const Window& s,
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
      load_tile(tile, to, pixel, rows, cols);
      add_products(tile, rows, cols, dy + p * s.out_c, s.out_c, panel + c, terms);
      store_tile(to, pixel, tile, rows, cols);
    }
  }
}

// One row of outputs through one tap and group; dx is its sample.
void add_row_gradient(float* dx, const float* dy_row, const float* panel, const Window& s,
                      const Tap& tap, std::uint32_t oy) {
  add_gradient(dx + first_pixel(s, tap, oy), dy_row + std::size_t{tap.xs.begin} * s.out_c, panel, s,
               tap.xs.end - tap.xs.begin);
}

void transpose_tap(float* panel, const float* w, const Window& s, const Tap& tap, std::size_t g) {
  const std::size_t in_c = s.in_c / s.groups, out_c = s.out_c / s.groups;
  transpose(panel, w + tap.at + g * out_c, in_c, out_c, s.out_c);
}

}  // namespace

// An input pixel meets its outputs in raster order where kernel rows and columns run backwards.
void conv_input_gradient(float* dx, const float* dy, const float* w, float* panel, const Window& s,
                         std::size_t n) {
  const std::size_t in_c = s.in_c / s.groups, out_c = s.out_c / s.groups;
  for (std::size_t g = 0; g < s.groups; ++g)
    for (std::uint32_t ky = s.kernel_h; ky-- > 0;)
      for (std::uint32_t kx = s.kernel_w; kx-- > 0;) {
        const Tap tap = tap_of(s, ky, kx);
        if (is_empty(tap.xs)) continue;
        transpose_tap(panel, w, s, tap, g);
        for (std::size_t i = 0; i < n; ++i)
          for (std::uint32_t oy = tap.ys.begin; oy < tap.ys.end; ++oy)
            add_row_gradient(
                dx + i * image_size(s) + g * in_c,
                dy + i * output_size(s) + std::size_t{oy} * s.out_w * s.out_c + g * out_c, panel, s,
                tap, oy);
      }
}

// Rows come in raster order, so only the kernel columns need to run backwards.
void conv_input_gradient_of_row(float* dx, const float* dy_row, const float* w, float* panel,
                                const Window& s, std::uint32_t oy) {
  const std::size_t in_c = s.in_c / s.groups, out_c = s.out_c / s.groups;
  for (std::size_t g = 0; g < s.groups; ++g)
    for (std::uint32_t ky = 0; ky < s.kernel_h; ++ky)
      for (std::uint32_t kx = s.kernel_w; kx-- > 0;) {
        const Tap tap = tap_of(s, ky, kx);
        if (!reaches(tap, oy)) continue;
        transpose_tap(panel, w, s, tap, g);
        add_row_gradient(dx + g * in_c, dy_row + g * out_c, panel, s, tap, oy);
      }
}

}  // namespace HONE_LEAF_NS
}  // namespace hone
