#include "core/kernels/window_geometry.hpp"
#include "depthwise_packed.hpp"
#include "ends.hpp"
#include "lanes.hpp"
#include "tiles.hpp"

namespace hone {
namespace HONE_LEAF_NS {
namespace {

// The taps of some neighbouring outputs that all of them see.
struct Taps {
  Range ky, kx;
};

// R outputs of one row; x: the first pixel that the first of them sees. kColumns taps of a kernel
// row, or 0: as many as taps.kx says.
template <int R, int kColumns, class C>
HONE_INLINE void forward_outputs(float* y, const float* x, const float* w, const float* bias,
                                 const Window& s, const Taps& taps, const C& columns,
                                 const OutputEnd& end) {
  using V = typename C::Vec;
  constexpr int N = C::kVectors;
  const std::size_t channels = s.in_c, pixel = s.stride * channels, row = s.in_w * channels;
  V sum[R][N];
  HONE_UNROLL for (int r = 0; r < R; ++r) HONE_UNROLL for (int v = 0; v < N; ++v) sum[r][v] =
      bias ? columns.load(bias, v) : V::zero();
  std::size_t x_row = 0;
  std::size_t w_row = (std::size_t{taps.ky.begin} * s.kernel_w + taps.kx.begin) * channels;
  for (std::uint32_t ky = taps.ky.begin; ky < taps.ky.end; ++ky) {
    std::size_t xk = x_row, wk = w_row;
    auto add = [&]() HONE_LAMBDA {
      HONE_UNROLL for (int v = 0; v < N; ++v) {
        const V wv = columns.load(w + wk, v);
        std::size_t xr = xk;
        HONE_UNROLL for (int r = 0; r < R; ++r, xr += pixel) sum[r][v] =
            fma(columns.load(x + xr, v), wv, sum[r][v]);
      }
      xk += channels, wk += channels;
    };
    if constexpr (kColumns > 0) {
      HONE_UNROLL for (int kx = 0; kx < kColumns; ++kx) add();
    } else {
      for (std::uint32_t kx = taps.kx.begin; kx < taps.kx.end; ++kx) add();
    }
    x_row += row, w_row += s.kernel_w * channels;
  }
  // Chosen here, so that the products are compiled once for all activations.
  with_activation(end.act, [&](auto act) HONE_LAMBDA {
    HONE_UNROLL for (int r = 0; r < R; ++r, y += channels) HONE_UNROLL for (int v = 0; v < N; ++v)
        columns.store(y, ended<decltype(act)::value>(sum[r][v], V::all(end.slope)), v);
  });
}

// One row of outputs.
template <class C>
struct OutputRow {
  float* y;
  const float *x, *w, *bias;
  const Window& s;
  std::uint32_t oy;
  Range ky;
  C columns;
  const OutputEnd& end;

  template <int R, int kColumns>
  HONE_INLINE void outputs(std::uint32_t ox) const {
    const Range kx = taps_inside(ox, s.stride, s.pad_left, s.kernel_w, s.in_w);
    const bool is_empty = ky.begin == ky.end || kx.begin == kx.end;
    const std::size_t at = is_empty ? 0
                                    : image_at(oy, ky.begin, s.stride, s.pad_top) * s.in_w +
                                          image_at(ox, kx.begin, s.stride, s.pad_left);
    forward_outputs<R, kColumns>(y + std::size_t{ox} * s.out_c, x + at * s.in_c, w, bias, s,
                                 {ky, kx}, columns, end);
  }
  template <int kColumns>
  HONE_INLINE void interior(Range inside) const {
    for_rows<kRowPixels>(inside.end - inside.begin, [&](std::size_t r, auto count) HONE_LAMBDA {
      outputs<decltype(count)::value, kColumns>(inside.begin + static_cast<std::uint32_t>(r));
    });
  }
  void run(Range inside) const {
    for (std::uint32_t ox = 0; ox < inside.begin; ++ox) outputs<1, 0>(ox);
    switch (s.kernel_w) {
      case 3:
        interior<3>(inside);
        break;
      case 5:
        interior<5>(inside);
        break;
      default:
        interior<0>(inside);
    }
    for (std::uint32_t ox = inside.end; ox < s.out_w; ++ox) outputs<1, 0>(ox);
  }
};

// Rows of one sample.
void forward_rows(float* y, const float* x, const float* w, const float* bias, const Window& s,
                  const Range& rows, const OutputEnd& end) {
  Range inside = interior_outputs(s.stride, s.pad_left, s.kernel_w, s.in_w, s.out_w);
  if (inside.begin >= inside.end) inside = {s.out_w, s.out_w};
  y += std::size_t{rows.begin} * s.out_w * s.out_c;
  for (std::uint32_t oy = rows.begin; oy < rows.end; ++oy, y += std::size_t{s.out_w} * s.out_c) {
    const Range ky = taps_inside(oy, s.stride, s.pad_top, s.kernel_h, s.in_h);
    for_columns(s.in_c, [&](std::size_t c, auto columns) HONE_LAMBDA {
      const OutputRow<decltype(columns)> row{
          y + c, x + c, w + c, bias ? bias + c : nullptr, s, oy, ky, columns, end};
      row.run(inside);
    });
  }
}

// All samples. Apart: its tables are no burden of the others.
HONE_APART void forward_packed(float* y, const float* x, const float* w, const float* bias,
                               const Window& s, std::size_t n, const OutputEnd& end) {
  PackedWeights packed;
  pack_weights(packed, s, w, bias);
  for (std::size_t i = 0; i < n; ++i)
    for (std::uint32_t oy = 0; oy < s.out_h; ++oy)
      if (!packed_outputs(y, x, packed, s, n, i, oy, end))
        forward_rows(y + i * output_size(s), x + i * image_size(s), w, bias, s, {oy, oy + 1}, end);
}

}  // namespace

namespace lanes {

void depthwise_forward(float* y, const float* x, const float* w, const float* bias, const Window& s,
                       std::size_t n, const OutputEnd& end) {
  if (packs(s, n)) return forward_packed(y, x, w, bias, s, n, end);
  for (std::size_t i = 0; i < n; ++i)
    forward_rows(y + i * output_size(s), x + i * image_size(s), w, bias, s, {0, s.out_h}, end);
}

}  // namespace lanes
}  // namespace HONE_LEAF_NS
}  // namespace hone
