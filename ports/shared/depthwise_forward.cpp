#include "core/kernels/window_geometry.hpp"
#include "ends.hpp"
#include "lanes.hpp"
#include "tiles.hpp"

namespace hone {
namespace HONE_LEAF_NS {
namespace {

constexpr int kPixels = 6;  // of a row, side by side: their chains hide each other's latency

// The taps of some neighbouring outputs that all of them see.
struct Taps {
  Range ky, kx;
};

// R outputs of one row; x: the first pixel that the first of them sees.
template <Activation kAct, int R, class C>
HONE_INLINE void forward_outputs(float* y, const float* x, const float* w, typename C::Vec bias,
                                 const Window& s, const Taps& taps, const C& columns, float slope) {
  using V = typename C::Vec;
  const std::size_t channels = s.in_c, pixel = s.stride * channels, row = s.in_w * channels;
  V sum[R];
  HONE_UNROLL for (int r = 0; r < R; ++r) sum[r] = bias;
  w += (std::size_t{taps.ky.begin} * s.kernel_w + taps.kx.begin) * channels;
  for (std::uint32_t ky = taps.ky.begin; ky < taps.ky.end; ++ky) {
    const float *xk = x, *wk = w;
    for (std::uint32_t kx = taps.kx.begin; kx < taps.kx.end; ++kx) {
      const V wv = columns.load(wk, 0);
      HONE_UNROLL for (std::size_t r = 0; r < R; ++r) sum[r] =
          fma(columns.load(xk + r * pixel, 0), wv, sum[r]);
      xk += channels, wk += channels;
    }
    x += row, w += s.kernel_w * channels;
  }
  HONE_UNROLL for (std::size_t r = 0; r < R; ++r)
      columns.store(y + r * channels, ended<kAct>(sum[r], V::all(slope)), 0);
}

template <Activation kAct, class C>
void forward_channels(float* y, const float* x, const float* w, const float* bias, const Window& s,
                      std::size_t n, const C& columns, float slope) {
  using V = typename C::Vec;
  const V start = bias ? columns.load(bias, 0) : V::zero();
  const Range inside = interior_outputs(s.stride, s.pad_left, s.kernel_w, s.in_w, s.out_w);
  for (std::size_t i = 0; i < n; ++i, x += image_size(s)) {
    for (std::uint32_t oy = 0; oy < s.out_h; ++oy, y += std::size_t{s.out_w} * s.out_c) {
      const Range ky = taps_inside(oy, s.stride, s.pad_top, s.kernel_h, s.in_h);
      auto outputs = [&](std::uint32_t ox, auto count) HONE_LAMBDA {
        const Range kx = taps_inside(ox, s.stride, s.pad_left, s.kernel_w, s.in_w);
        const bool is_empty = ky.begin == ky.end || kx.begin == kx.end;
        const std::size_t at = is_empty ? 0
                                        : image_at(oy, ky.begin, s.stride, s.pad_top) * s.in_w +
                                              image_at(ox, kx.begin, s.stride, s.pad_left);
        forward_outputs<kAct, decltype(count)::value>(
            y + std::size_t{ox} * s.out_c, x + at * s.in_c, w, start, s, {ky, kx}, columns, slope);
      };
      std::uint32_t ox = 0;
      for (; ox < inside.begin; ++ox) outputs(ox, Int<1>{});
      const std::uint32_t first = ox;
      for_rows<kPixels>(inside.end > first ? inside.end - first : 0,
                        [&](std::size_t r, auto count)
                            HONE_LAMBDA { outputs(first + static_cast<std::uint32_t>(r), count); });
      for (ox = inside.end > first ? inside.end : first; ox < s.out_w; ++ox) outputs(ox, Int<1>{});
    }
  }
}

}  // namespace

namespace lanes {

void depthwise_forward(float* y, const float* x, const float* w, const float* bias, const Window& s,
                       std::size_t n, const OutputEnd& end) {
  with_activation(end.act, [&](auto act) HONE_LAMBDA {
    for_vectors(s.in_c, [&](std::size_t c, auto columns) HONE_LAMBDA {
      forward_channels<decltype(act)::value>(y + c, x + c, w + c, bias ? bias + c : nullptr, s, n,
                                             columns, end.slope);
    });
  });
}

}  // namespace lanes
}  // namespace HONE_LEAF_NS
}  // namespace hone
