#include "conv_gradient.hpp"
#include "conv_routed.hpp"
#include "conv_rows.hpp"
#include "conv_weights.hpp"
#include "core/kernels/leaves.hpp"
#include "core/kernels/pool_rows.hpp"
#include "core/kernels/waiting_chains.hpp"
#include "core/kernels/window_geometry.hpp"
#include "lanes.hpp"
#include "turn.hpp"
#include "unpool.hpp"

namespace hone {
namespace HONE_LEAF_NS {
namespace {

struct Group {
  std::size_t in_c, out_c;          // of the group
  std::size_t first_in, first_out;  // channels
};
Group group_of(const Window& s, std::size_t g) {
  const std::size_t in_c = s.in_c / s.groups, out_c = s.out_c / s.groups;
  return {in_c, out_c, g * in_c, g * out_c};
}

// ---- input gradient

// The kernel of one class of pixels: [taps down, descending][taps right, descending][out_c][in_c].
void flip_class(float* to, const float* w, const Window& s, const Group& g, const AxisClass& y,
                const AxisClass& x) {
  for (std::size_t j = y.taps; j-- > 0;)
    for (std::size_t i = x.taps; i-- > 0; to += g.out_c * g.in_c) {
      const std::size_t ky = y.tap + j * s.stride, kx = x.tap + i * s.stride;
      turn(to, g.in_c, w + (ky * s.kernel_w + kx) * g.in_c * s.out_c, s.out_c, g.in_c, g.out_c);
    }
}

// One sample: dx and y_at point to its group.
template <class End>
void input_gradient(float* dx, std::size_t y_at, const float* padded, const float* flipped,
                    const Window& s, const Group& g, const End& end) {
  const PaddedImage layout = padded_gradient_of(s);
  const std::ptrdiff_t margin_y = gradient_margin(s.stride, s.pad_top, s.kernel_h);
  const std::ptrdiff_t margin_x = gradient_margin(s.stride, s.pad_left, s.kernel_w);
  for_pixel_classes(s, [&](const AxisClass& y, const AxisClass& x, std::size_t w) HONE_LAMBDA {
    const KernelRuns kernel{y.taps, layout.pitch, x.taps * g.out_c, g.in_c};
    for (std::size_t r = 0; r < y.count; ++r) {
      const std::size_t at = ((y.first + r * s.stride) * s.in_w + x.first) * std::size_t{s.in_c};
      const std::size_t row = r + static_cast<std::size_t>(y.output + margin_y);
      const std::size_t col = static_cast<std::size_t>(x.output + margin_x);
      const PixelRow pixels{padded + row * layout.pitch + col * g.out_c, g.out_c, x.count};
      gradient_pixels(dx + at, std::size_t{s.stride} * s.in_c, y_at + at, pixels, flipped + w,
                      kernel, g.in_c, end);
    }
  });
}

// ---- weights

struct WeightGroup {
  float *chain, *bias;   // of the group
  std::size_t tap, row;  // floats from tap to tap and from kernel row to kernel row
};

// K kernel rows from ky on by J taps from j on.
template <int K, int J, class C>
void add_tile(const WeightGroup& to, const WeightWalk& walk, std::size_t ky, std::size_t j,
              std::size_t c, const C& columns) {
  float* const chain = to.chain + ky * to.row + j * to.tap + c;
  const float* const image = walk.image + ky * walk.pitch + j;
  if (ky == 0 && j == 0 && to.bias) {
    add_weight_tile<K, J, true>(chain, to.row, to.tap, to.bias + c, walk, image, walk.dy + c,
                                columns);
  } else {
    add_weight_tile<K, J, false>(chain, to.row, to.tap, nullptr, walk, image, walk.dy + c, columns);
  }
}

// All kernel rows of J taps each, K at a time: a row alone would be too few chains.
template <int K, int J>
void add_short_rows(const WeightGroup& to, const WeightWalk& walk, std::size_t kernel_h,
                    std::size_t out_c) {
  for_vectors(out_c, [&](std::size_t c, auto columns) HONE_LAMBDA {
    std::size_t ky = 0;
    for (; ky + K <= kernel_h; ky += K) add_tile<K, J>(to, walk, ky, 0, c, columns);
    for (; ky < kernel_h; ++ky) add_tile<1, J>(to, walk, ky, 0, c, columns);
  });
}

void add_long_rows(const WeightGroup& to, const WeightWalk& walk, std::size_t kernel_h,
                   std::size_t run, std::size_t out_c) {
  for_columns(out_c, [&](std::size_t c, auto columns) HONE_LAMBDA {
    for (std::size_t ky = 0; ky < kernel_h; ++ky)
      for_rows<kTileRows>(run, [&](std::size_t j, auto taps) HONE_LAMBDA {
        add_tile<1, decltype(taps)::value>(to, walk, ky, j, c, columns);
      });
  });
}

void add_weights(const WeightGroup& to, const WeightWalk& walk, std::size_t kernel_h,
                 std::size_t run, std::size_t out_c) {
  switch (run) {
    case 1:
      return add_short_rows<3, 1>(to, walk, kernel_h, out_c);
    case 2:
      return add_short_rows<3, 2>(to, walk, kernel_h, out_c);
    case 3:
      return add_short_rows<3, 3>(to, walk, kernel_h, out_c);
    case 5:
      return add_short_rows<2, 5>(to, walk, kernel_h, out_c);
    default:
      return add_long_rows(to, walk, kernel_h, run, out_c);
  }
}

// ---- both

struct Scratch {
  float *image, *gradient, *flipped, *chains, *bias, *unpooled;
};
Scratch scratch_of(float* at, const Window& s, bool has_dx) {
  auto take = [&](std::size_t floats) {
    float* const here = at;
    at += floats;
    return here;
  };
  Scratch p{};
  p.image = take(padded_image(s));
  p.gradient = take(has_dx ? padded_gradient(s) : 0);
  p.flipped = take(has_dx ? group_weights(s) : 0);
  p.chains = take(group_weights(s) * s.groups);
  p.bias = take(s.out_c);
  p.unpooled = at;
  return p;
}

// The gradient at the resolution of the convolution.
const float* gradient_of_sample(float* unpooled, const float* dy, const Window& s,
                                const Pooled* pool, std::size_t sample) {
  if (!pool) return dy + sample * output_size(s);
  if (is_square_pool(pool->window)) {
    unpool_squares(unpooled, dy, pool->routes, pool->window, sample);
    return unpooled;
  }
  const std::size_t row = std::size_t{s.out_w} * s.out_c;
  for (std::uint32_t oy = 0; oy < s.out_h; ++oy)
    if (!unpool_row(unpooled + oy * row, dy, pool->routes, pool->window, sample, oy, {0, s.out_c}))
      clear_floats(unpooled + oy * row, row);
  return unpooled;
}

template <class End>
std::uint32_t backward(const ConvWeights& given, float* dx, const float* x, const float* dy,
                       const Window& s, const Pooled* pool, std::size_t n, const End& end,
                       const Scratch& scratch) {
  const ConvWeights weights = with_sums(given, scratch.chains, scratch.bias);
  start_waiting(weights, s);
  const PaddedImage input = padded_input(s), gradient = padded_gradient_of(s);
  for (std::size_t group = 0; group < s.groups; ++group) {
    const Group g = group_of(s, group);
    if (dx) {
      clear_floats(scratch.gradient, padded_gradient(s));
      for_pixel_classes(s,
                        [&](const AxisClass& cy, const AxisClass& cx, std::size_t to) HONE_LAMBDA {
                          flip_class(scratch.flipped + to, weights.w + g.first_out, s, g, cy, cx);
                        });
    }
    clear_floats(scratch.image, padded_image(s));
    const WeightGroup chains{weights.sum + g.first_out,
                             weights.bias ? weights.bias_sum + g.first_out : nullptr, s.out_c,
                             s.kernel_w * g.in_c * s.out_c};
    for (std::size_t i = 0; i < n; ++i) {
      const float* const d = gradient_of_sample(scratch.unpooled, dy, s, pool, i) + g.first_out;
      if (dx) {
        const std::size_t at = i * image_size(s) + g.first_in;
        gradient.copy_in(scratch.gradient, d);
        input_gradient(dx + at, at, scratch.gradient, scratch.flipped, s, g, end);
      }
      if (!weights.update) continue;
      input.copy_in(scratch.image, x + i * image_size(s) + g.first_in);
      const WeightWalk walk{scratch.image,
                            d,
                            input.pitch,
                            s.stride * input.pitch,
                            s.stride * g.in_c,
                            std::size_t{s.out_w} * s.out_c,
                            s.out_c,
                            s.out_h,
                            s.out_w};
      add_weights(chains, walk, s.kernel_h, s.kernel_w * g.in_c, g.out_c);
    }
  }
  return finish_waiting(weights, s);
}

}  // namespace

namespace lanes {

std::uint32_t conv_backward(const ConvWeights& weights, float* dx, const float* x, const float* dy,
                            const Window& s, const Pooled* pool, std::size_t n,
                            const GradientEnd& end, float* scratch, bool fast) {
  if (!fast)
    return HONE_LEAF_NS::conv_backward(weights, dx, x, dy, s, pool, n, end, scratch, false);
  if (pool && is_routed(s, pool->window, dx != nullptr))
    return routed_backward(weights, dx, x, dy, s, *pool, n, end, at_cache_line(scratch));
  std::uint32_t bad = 0;
  with_gradient_end(end, [&](auto ends) HONE_LAMBDA {
    bad = backward(weights, dx, x, dy, s, pool, n, ends,
                   scratch_of(at_cache_line(scratch), s, dx != nullptr));
  });
  return bad;
}

}  // namespace lanes
}  // namespace HONE_LEAF_NS
}  // namespace hone
