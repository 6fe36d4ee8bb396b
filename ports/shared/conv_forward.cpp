#include "conv_rows.hpp"
#include "core/kernels/leaves.hpp"
#include "core/kernels/pool_rows.hpp"
#include "core/kernels/window_geometry.hpp"
#include "lanes.hpp"
#include "padded_image.hpp"
#include "pixel_rows.hpp"
#include "routes.hpp"
#include "unpool.hpp"

// Convolution straight from a padded copy of each sample: no im2col, no border code. The copy costs
// one load and one store a vector of input, against kernel_h * kernel_w * out_c products.
namespace hone {
namespace HONE_LEAF_NS {
namespace {

struct Layer {
  const float *w, *bias;  // of one group
  const Window& s;
  KernelRuns kernel;
  std::size_t pitch, in_c;  // of the padded image

  std::size_t pixel() const { return s.stride * in_c; }
  const float* row(const float* image, std::size_t oy) const {
    return image + oy * s.stride * pitch;
  }
  template <class C>
  HONE_INLINE typename C::Vec start(const C& columns, std::size_t c, int v) const {
    return bias ? columns.load(bias + c, v) : C::Vec::zero();
  }
};

// One row of outputs: y [out_w] pixels that are y_pixel floats apart.
template <Activation kAct>
void forward_row(float* y, std::size_t y_pixel, const float* image, const Layer& l,
                 std::size_t channels, float slope) {
  const PixelRow row{image, l.pixel(), l.s.out_w};
  for_columns(channels, [&](std::size_t c, auto columns) HONE_LAMBDA {
    forward_pixels<kAct>(y, y_pixel, row, l.w, l.bias, l.kernel, c, columns, slope);
  });
}

// The winner of four outputs a, b / c, d: the first in raster order where several are largest.
template <class V>
struct Winner {
  V value;
  typename V::Mask is_lower, is_right_above, is_right_below;

  HONE_INLINE Winner(V a, V b, V c, V d) {
    const V upper = larger(b, a), lower = larger(d, c);
    value = larger(lower, upper);
    is_lower = lower > upper;
    is_right_above = b > a;
    is_right_below = d > c;
  }
  HONE_INLINE std::uint32_t routes() const {
    return packed_routes(value, is_lower, is_right_above, is_right_below);
  }
};

// Q pixels of two rows of outputs, pooled 2 x 2 in registers. relu and relu6 keep the order of
// what they let through, so there only the winner is activated: where it becomes 0 or 6 its route
// carries no gradient.
template <Activation kAct, int Q, class C>
HONE_INLINE void pooled_tile(float* y, std::size_t y_pixel, RouteBits* routes, std::size_t element,
                             const float* image, const Layer& l, std::size_t c, const C& columns,
                             float slope) {
  using V = typename C::Vec;
  constexpr int N = C::kVectors;
  constexpr bool kActLast = kAct == Activation::relu || kAct == Activation::relu6;
  V sum[2][Q][N];
  HONE_UNROLL for (int i = 0; i < Q; ++i) HONE_UNROLL for (int v = 0; v < N; ++v) sum[0][i][v] =
      sum[1][i][v] = l.start(columns, c, v);
  const std::size_t below = l.s.stride * l.pitch, weights = l.kernel.run * l.kernel.weight_pitch;
  for (std::size_t row = 0; row < l.kernel.rows; ++row) {
    const float* const upper = image + row * l.pitch;
    add_pixels<Q>(sum, columns, {upper, upper + below, l.pixel()}, l.w + c + row * weights,
                  l.kernel.weight_pitch, l.kernel.run);
  }
  const auto activated = [&](V x) HONE_LAMBDA { return ended<kAct>(x, V::all(slope)); };
  if constexpr (!kActLast) {
    HONE_UNROLL for (int i = 0; i < Q; ++i) HONE_UNROLL for (int v = 0; v < N; ++v) {
      sum[0][i][v] = activated(sum[0][i][v]);
      sum[1][i][v] = activated(sum[1][i][v]);
    }
  }
  HONE_UNROLL for (int i = 0; i < Q; i += 2) HONE_UNROLL for (int v = 0; v < N; ++v) {
    const Winner<V> best(sum[0][i][v], sum[0][i + 1][v], sum[1][i][v], sum[1][i + 1][v]);
    const std::size_t at = static_cast<std::size_t>(i / 2) * y_pixel;
    columns.store(y + at, kActLast ? activated(best.value) : best.value, v);
    if (routes)
      routes->put(element + at + V::kWidth * static_cast<std::size_t>(v), best.routes(),
                  columns.count() / N);
  }
}

// Four lanes: two vectors side by side, so that a pixel is broadcast once for both.
constexpr int kPooledVectors = Wide::kWidth == 4 && kPooledPixels >= 4 ? 2 : 1;

// Calls f as for_vectors, first with columns of kPooledVectors.
template <class F>
HONE_INLINE void for_pooled_columns(std::size_t channels, F f) {
  constexpr std::size_t kStep = kPooledVectors * Wide::kWidth;
  std::size_t c = 0;
  if constexpr (kPooledVectors > 1)
    for (; c + kStep <= channels; c += kStep) f(c, WholeColumns<Wide, kPooledVectors>{});
  for_vectors(channels - c,
              [&](std::size_t first, auto columns) HONE_LAMBDA { f(c + first, columns); });
}

// One row of pooled outputs.
template <Activation kAct>
void pooled_row(float* y, std::size_t y_pixel, RouteBits* routes, std::size_t element,
                const float* image, const Layer& l, std::size_t width, std::size_t channels,
                float slope) {
  for_pooled_columns(channels, [&](std::size_t c, auto columns) HONE_LAMBDA {
    auto tile = [&](std::size_t px, auto pixels) HONE_LAMBDA {
      constexpr int Q = decltype(pixels)::value;
      pooled_tile<kAct, Q>(y + px * y_pixel + c, y_pixel, routes, element + px * y_pixel + c,
                           image + 2 * px * l.pixel(), l, c, columns, slope);
    };
    constexpr std::size_t kMost = kPooledPixels / 2 / decltype(columns)::kVectors;
    std::size_t px = 0;
    // Three windows and one would leave half of the units idle in the last tile: two and two.
    for (; px + kMost <= width && !(kMost == 3 && width - px == 4); px += kMost)
      tile(px, Int<2 * kMost>{});
    if constexpr (kMost > 2)
      for (; px + 2 <= width; px += 2) tile(px, Int<4>{});
    if constexpr (kMost > 1)
      for (; px < width; ++px) tile(px, Int<2>{});
  });
}

// Everything of one sample and one group.
struct Sample {
  float* y;
  const float* image;
  std::size_t n, group;
};

template <Activation kAct>
void plain_sample(const Sample& at, const Layer& l, float slope) {
  const std::size_t out_c = l.s.out_c;
  for (std::size_t oy = 0; oy < l.s.out_h; ++oy)
    forward_row<kAct>(at.y + oy * l.s.out_w * out_c, out_c, l.row(at.image, oy), l,
                      out_c / l.s.groups, slope);
}

template <Activation kAct>
void pooled_sample(const Sample& at, const Layer& l, const Pooled& pool, float slope) {
  const Window& p = pool.window;
  RouteBits routes(pool.routes);
  for (std::size_t py = 0; py < p.out_h; ++py) {
    const std::size_t row = py * p.out_w * p.out_c;
    pooled_row<kAct>(at.y + row, p.out_c, pool.routes ? &routes : nullptr,
                     at.n * output_size(p) + at.group * (p.out_c / l.s.groups) + row,
                     l.row(at.image, 2 * py), l, p.out_w, p.out_c / l.s.groups, slope);
  }
}

template <Activation kAct>
void forward(float* y, const float* x, const float* w, const float* bias, const Window& s,
             const Pooled* pool, std::size_t n, float slope, float* scratch) {
  const PaddedImage input = padded_input(s);
  const std::size_t in_c = s.in_c / s.groups, out_c = s.out_c / s.groups;
  const std::size_t y_size = pool ? output_size(pool->window) : output_size(s);
  const KernelRuns kernel{s.kernel_h, input.pitch, s.kernel_w * in_c, s.out_c};
  if (pool && pool->routes) RouteBits(pool->routes).clear(n * y_size, s.out_c / s.groups);
  for (std::size_t g = 0; g < s.groups; ++g) {
    const Layer l{w + g * out_c, bias ? bias + g * out_c : nullptr, s, kernel, input.pitch, in_c};
    clear_floats(scratch, padded_image(s));
    for (std::size_t i = 0; i < n; ++i) {
      input.copy_in(scratch, x + i * image_size(s) + g * in_c);
      const Sample at{y + i * y_size + g * out_c, scratch, i, g};
      if (pool) {
        pooled_sample<kAct>(at, l, *pool, slope);
      } else {
        plain_sample<kAct>(at, l, slope);
      }
    }
  }
}

// A pool that has no tile of its own: rows of the convolution in a band, then the plain pool.
template <Activation kAct>
void banded_forward(float* y, const float* x, const float* w, const float* bias, const Window& s,
                    const Pooled& pool, std::size_t n, float slope, float* scratch) {
  const Window& p = pool.window;
  const PaddedImage input = padded_input(s);
  const KernelRuns kernel{s.kernel_h, input.pitch, std::size_t{s.kernel_w} * s.in_c, s.out_c};
  const Layer l{w, bias, s, kernel, input.pitch, s.in_c};
  float* const band = scratch + padded_image(s);
  RouteWriter routes = start_routes(pool.routes, p);
  clear_floats(scratch, padded_image(s));
  for (std::size_t i = 0; i < n; ++i) {
    input.copy_in(scratch, x + i * image_size(s));
    for (std::uint32_t py = 0; py < p.out_h; ++py, y += p.out_w * p.out_c) {
      for (std::size_t r = 0; r < p.kernel_h; ++r)
        forward_row<kAct>(band + r * s.out_w * s.out_c, s.out_c, l.row(scratch, py * p.stride + r),
                          l, s.out_c, slope);
      max_pool_row(y, routes, band, p, py);
    }
  }
  finish_routes(routes);
}

}  // namespace

namespace lanes {

void conv_forward(float* y, const float* x, const float* w, const float* bias, const Window& s,
                  const Pooled* pool, std::size_t n, const OutputEnd& end, float* scratch,
                  bool fast) {
  const bool is_banded = pool && !is_square_pool(pool->window);
  float* const aligned = at_cache_line(scratch);
  if (!fast || (is_banded && s.groups > 1))
    return HONE_LEAF_NS::conv_forward(y, x, w, bias, s, pool, n, end, scratch, false);
  with_activation(end.act, [&](auto act) HONE_LAMBDA {
    constexpr Activation kAct = decltype(act)::value;
    if (is_banded) return banded_forward<kAct>(y, x, w, bias, s, *pool, n, end.slope, aligned);
    forward<kAct>(y, x, w, bias, s, pool, n, end.slope, aligned);
  });
}

}  // namespace lanes
}  // namespace HONE_LEAF_NS
}  // namespace hone
