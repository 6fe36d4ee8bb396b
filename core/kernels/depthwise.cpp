#include "ends.hpp"
#include "lanes.hpp"
#include "product_tile.hpp"
#include "weight_chain.hpp"
#include "window_geometry.hpp"

namespace hone {
namespace HONE_LEAF_NS {
namespace {

// Channels go in groups of 8, the rest one by one.

// N channels of P neighbouring outputs that see the same kernel rows and columns.
template <int N, int P>
void forward_outputs(float* y, const float* x, const float* w, const float* bias, const Window& s,
                     Range ky, Range kx) {
  const std::size_t x_row = std::size_t{s.in_w} * s.in_c;
  const std::size_t pixel = std::size_t{s.stride} * s.in_c;
  Lanes<N> sum[P] = {};
  if (bias) {
#pragma GCC unroll 4
    for (int p = 0; p < P; ++p) load(sum[p], bias);
  }
  for (std::uint32_t v = ky.begin; v < ky.end; ++v) {
    const float* wk = w + (std::size_t{v} * s.kernel_w + kx.begin) * s.in_c;
    const float* xk = x + (v - ky.begin) * x_row;
    for (std::uint32_t h = kx.begin; h < kx.end; ++h, wk += s.in_c, xk += s.in_c) {
      Lanes<N> weight;
      load(weight, wk);
#pragma GCC unroll 4
      for (int p = 0; p < P; ++p) {
        Lanes<N> pixel_lanes;
        load(pixel_lanes, xk + static_cast<std::size_t>(p) * pixel);
        add_products(sum[p], pixel_lanes, weight);
      }
    }
  }
#pragma GCC unroll 4
  for (int p = 0; p < P; ++p) {
    floor_lanes(sum[p]);
    store(y + static_cast<std::size_t>(p) * s.out_c, sum[p]);
  }
}

template <int P>
void forward_channels(float* y, const float* x, const float* w, const float* bias, const Window& s,
                      Range ky, Range kx) {
  std::size_t c = 0;
  for (; c + 8 <= s.in_c; c += 8)
    forward_outputs<8, P>(y + c, x + c, w + c, bias ? bias + c : nullptr, s, ky, kx);
  for (; c < s.in_c; ++c)
    forward_outputs<1, P>(y + c, x + c, w + c, bias ? bias + c : nullptr, s, ky, kx);
}

// y: row oy of the output; x: the sample.
void forward_row(float* y, const float* x, const float* w, const float* bias, const Window& s,
                 std::uint32_t oy) {
  const Range ky = taps_inside(oy, s.stride, s.pad_top, s.kernel_h, s.in_h);
  const Range inside = interior_outputs(s.stride, s.pad_left, s.kernel_w, s.in_w, s.out_w);
  const std::size_t top =
      ky.begin < ky.end ? image_at(oy, ky.begin, s.stride, s.pad_top) * s.in_w : 0;
  for (std::uint32_t ox = 0; ox < s.out_w;) {
    const Range kx = taps_inside(ox, s.stride, s.pad_left, s.kernel_w, s.in_w);
    const std::size_t left = kx.begin < kx.end ? image_at(ox, kx.begin, s.stride, s.pad_left) : 0;
    float* const to = y + std::size_t{ox} * s.out_c;
    const float* const from = x + (top + left) * s.in_c;
    if (ox >= inside.begin && ox + 4 <= inside.end) {
      forward_channels<4>(to, from, w, bias, s, ky, kx);
      ox += 4;
    } else {
      forward_channels<1>(to, from, w, bias, s, ky, kx);
      ++ox;
    }
  }
}

// N channels of one input pixel: its outputs in raster order.
template <int N>
void add_gradient(float* dx, const float* dy, const float* w, const Window& s, FedOutputs v,
                  FedOutputs h) {
  Lanes<N> sum;
  load(sum, dx);
  for (std::uint32_t a = 0; a < v.count; ++a) {
    const float* dy_at = dy + (std::size_t{v.first + a} * s.out_w + h.first) * s.out_c;
    const std::size_t row = std::size_t{v.tap - a * s.stride} * s.kernel_w;
    for (std::uint32_t b = 0; b < h.count; ++b, dy_at += s.out_c) {
      Lanes<N> d, weight;
      load(d, dy_at);
      load(weight, w + (row + h.tap - b * s.stride) * s.in_c);
      add_products(sum, d, weight);
    }
  }
  store(dx, sum);
}

// The chains of `count` <= kChannels weights of one kernel position over all samples and outputs.
constexpr std::size_t kChannels = 32;
struct Rows {
  Range ys, xs;
  std::uint32_t ky, kx;
};

// V groups of N channels.
template <int V, int N>
void add_walk(float* chain, const float* x, const float* dy, const Window& s, std::size_t n,
              const Rows& at) {
  Lanes<N> sum[V];
#pragma GCC unroll 4
  for (int v = 0; v < V; ++v) load(sum[v], chain + N * v);
  const std::size_t pixel = std::size_t{s.stride} * s.in_c;
  const std::uint32_t count = at.xs.end - at.xs.begin;
  for (std::size_t i = 0; count && i < n; ++i) {
    for (std::uint32_t oy = at.ys.begin; oy < at.ys.end; ++oy) {
      const std::size_t from = image_at(oy, at.ky, s.stride, s.pad_top) * s.in_w +
                               image_at(at.xs.begin, at.kx, s.stride, s.pad_left);
      const float* xk = x + i * image_size(s) + from * s.in_c;
      const float* dk =
          dy + i * output_size(s) + (std::size_t{oy} * s.out_w + at.xs.begin) * s.out_c;
      for (std::uint32_t k = 0; k < count; ++k, xk += pixel, dk += s.out_c) {
#pragma GCC unroll 4
        for (int v = 0; v < V; ++v) {
          Lanes<N> a, d;
          load(a, xk + N * v);
          load(d, dk + N * v);
          add_products(sum[v], a, d);
        }
      }
    }
  }
#pragma GCC unroll 4
  for (int v = 0; v < V; ++v) store(chain + N * v, sum[v]);
}

void add_walks(float* chain, std::size_t count, const float* x, const float* dy, const Window& s,
               std::size_t n, const Rows& at) {
  if (count == kChannels) return add_walk<4, 8>(chain, x, dy, s, n, at);
  std::size_t c = 0;
  for (; c + 8 <= count; c += 8) add_walk<1, 8>(chain + c, x + c, dy + c, s, n, at);
  for (; c < count; ++c) add_walk<1, 1>(chain + c, x + c, dy + c, s, n, at);
}

// One row of one sample's input gradient: continues its chains.
void gradient_row(float* dx, const float* dy, const float* w, const Window& s, std::uint32_t iy) {
  const FedOutputs v = outputs_fed(iy, s.stride, s.pad_top, s.kernel_h, s.out_h);
  for (std::uint32_t ix = 0; ix < s.in_w; ++ix, dx += s.in_c) {
    const FedOutputs h = outputs_fed(ix, s.stride, s.pad_left, s.kernel_w, s.out_w);
    std::size_t c = 0;
    for (; c + 8 <= s.in_c; c += 8) add_gradient<8>(dx + c, dy + c, w + c, s, v, h);
    for (; c < s.in_c; ++c) add_gradient<1>(dx + c, dy + c, w + c, s, v, h);
  }
}

HONE_OWN_FRAME void input_gradient(float* dx, const float* dy, const float* w, const Window& s,
                                   std::size_t n, const GradientEnd& end) {
  const std::size_t row = std::size_t{s.in_w} * s.in_c;
  for (std::size_t i = 0; i < n; ++i)
    for (std::uint32_t iy = 0; iy < s.in_h; ++iy) {
      const std::size_t at = i * image_size(s) + iy * row;
      start(end, dx + at, row);
      gradient_row(dx + at, dy + i * output_size(s), w, s, iy);
      finish(end, dx + at, at, row);
    }
}

HONE_OWN_FRAME std::uint32_t update_taps(const ConvWeights& weights, const float* x,
                                         const float* dy, const Window& s, std::size_t n) {
  std::uint32_t bad = 0;
  for (std::uint32_t ky = 0; ky < s.kernel_h; ++ky) {
    for (std::uint32_t kx = 0; kx < s.kernel_w; ++kx) {
      const Rows at{outputs_of_tap(ky, s.stride, s.pad_top, s.in_h, s.out_h),
                    outputs_of_tap(kx, s.stride, s.pad_left, s.in_w, s.out_w), ky, kx};
      for (std::size_t c = 0; c < s.in_c; c += kChannels) {
        const std::size_t count = s.in_c - c < kChannels ? s.in_c - c : kChannels;
        const std::size_t offset = (std::size_t{ky} * s.kernel_w + kx) * s.in_c + c;
        float* const w = weights.w + offset;
        float* const memory = weights.sum ? weights.sum + offset : nullptr;
        float chain[kChannels];
        start_chains(chain, w, memory, count, *weights.update);
        add_walks(chain, count, x + c, dy + c, s, n, at);
        bad |= finish_chains(chain, w, memory, count, *weights.update);
      }
    }
  }
  return bad;
}

// The bias is a weight whose input is 1 at every output pixel.
HONE_OWN_FRAME std::uint32_t update_bias(const ConvWeights& weights, const float* dy,
                                         const Window& s, std::size_t n) {
  const float one = 1.0f;
  Walk walk;
  walk.n = n * s.out_h * s.out_w;
  walk.dy_n = s.out_c;
  return outer_update(weights.bias, weights.bias_sum, s.out_c, 1, s.out_c, &one, dy, walk,
                      *weights.bias_update);
}

}  // namespace

void depthwise_forward(float* y, const float* x, const float* w, const float* bias, const Window& s,
                       std::size_t n, const OutputEnd& end) {
  const std::size_t row = std::size_t{s.out_w} * s.out_c;
  for (std::size_t i = 0; i < n; ++i, x += image_size(s))
    for (std::uint32_t oy = 0; oy < s.out_h; ++oy, y += row) {
      forward_row(y, x, w, bias, s, oy);
      apply(end, y, row);
    }
}

std::uint32_t depthwise_backward(const ConvWeights& weights, float* dx, const float* x,
                                 const float* dy, const Window& s, std::size_t n,
                                 const GradientEnd& end) {
  if (dx) input_gradient(dx, dy, weights.w, s, n, end);
  if (!weights.update) return 0;
  const std::uint32_t bias = weights.bias ? update_bias(weights, dy, s, n) : 0;
  return bias | update_taps(weights, x, dy, s, n);
}

}  // namespace HONE_LEAF_NS
}  // namespace hone
