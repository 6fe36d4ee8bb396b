#include "chain.hpp"
#include "pool.hpp"

namespace hone {
namespace HONE_LEAF_NS {
namespace {

std::uint32_t in_group(const Window& s) { return s.in_c / s.groups; }

/// The first input channel that output channel c reads.
std::uint32_t first_input(const Window& s, std::uint32_t c) {
  return c / (s.out_c / s.groups) * in_group(s);
}

/// The pixel of image x that tap (ky, kx) of output (oy, ox) reads; null: padding.
const float* pixel(const float* x, const Window& s, std::uint32_t oy, std::uint32_t ox,
                   std::uint32_t ky, std::uint32_t kx) {
  const std::uint32_t iy = image_at(oy, s.stride, s.pad_top, ky);
  const std::uint32_t ix = image_at(ox, s.stride, s.pad_left, kx);
  return iy < s.in_h && ix < s.in_w ? x + (std::size_t{iy} * s.in_w + ix) * s.in_c : nullptr;
}

std::size_t image_size(const Window& s) { return std::size_t{s.in_h} * s.in_w * s.in_c; }

/// One output of one sample x, activated.
float output(const float* x, const float* w, const float* bias, const Window& s, std::uint32_t oy,
             std::uint32_t ox, std::uint32_t c, const OutputEnd& end) {
  float chain = bias ? bias[c] : 0.0f;
  w += c;
  for (std::uint32_t ky = 0; ky < s.kernel_h; ++ky)
    for (std::uint32_t kx = 0; kx < s.kernel_w; ++kx) {
      const float* const from = pixel(x + first_input(s, c), s, oy, ox, ky, kx);
      for (std::uint32_t i = 0; i < in_group(s); ++i, w += s.out_c)
        if (from) chain = fma(from[i], *w, chain);
    }
  return activated(store_floor(chain), end.act, end.slope);
}

/// The gradient of the map: dy, or with a pool what it routes there.
struct MapGradient {
  const float* dy;
  const Window& s;
  const Pooled* pool;

  float at(std::size_t i, std::uint32_t oy, std::uint32_t ox, std::uint32_t c) const {
    if (!pool) return dy[((i * s.out_h + oy) * s.out_w + ox) * s.out_c + c];
    const Window& p = pool->window;
    const std::uint32_t py = oy / p.stride, ky = oy % p.stride;
    const std::uint32_t px = ox / p.stride, kx = ox % p.stride;
    if (py >= p.out_h || px >= p.out_w || ky >= p.kernel_h || kx >= p.kernel_w) return 0.0f;
    const std::size_t element = ((i * p.out_h + py) * p.out_w + px) * s.out_c + c;
    return route_at(pool->routes, element, p) == ky * p.kernel_w + kx ? dy[element] : 0.0f;
  }
};

void add_input_gradient(float* dx, const float* w, const MapGradient& map, std::size_t n) {
  const Window& s = map.s;
  for (std::size_t i = 0; i < n; ++i, dx += image_size(s))
    for (std::uint32_t oy = 0; oy < s.out_h; ++oy)
      for (std::uint32_t ox = 0; ox < s.out_w; ++ox)
        for (std::uint32_t c = 0; c < s.out_c; ++c) {
          const float d = map.at(i, oy, ox, c);
          if (d == 0.0f) continue;
          const float* weight = w + c;
          const float* const image = dx + first_input(s, c);
          for (std::uint32_t ky = 0; ky < s.kernel_h; ++ky)
            for (std::uint32_t kx = 0; kx < s.kernel_w; ++kx) {
              float* const to = const_cast<float*>(pixel(image, s, oy, ox, ky, kx));
              for (std::uint32_t j = 0; j < in_group(s); ++j, weight += s.out_c)
                if (to) to[j] = fma(d, *weight, to[j]);
            }
        }
}

/// The weight from tap (ky, kx) to output channel c. x: its input channel in the first pixel of the
/// images; null: the bias, whose input is 1.
struct WeightChain {
  const float* x;
  std::uint32_t ky, kx, c;

  float over(const MapGradient& map, std::size_t n, float chain) const {
    static constexpr float kOne = 1.0f;
    const Window& s = map.s;
    for (std::size_t i = 0; i < n; ++i)
      for (std::uint32_t oy = 0; oy < s.out_h; ++oy)
        for (std::uint32_t ox = 0; ox < s.out_w; ++ox) {
          const float* const from = x ? pixel(x + i * image_size(s), s, oy, ox, ky, kx) : &kOne;
          if (from) chain = fma(*from, map.at(i, oy, ox, c), chain);
        }
    return chain;
  }
};

}  // namespace

void conv_forward(float* y, const float* x, const float* w, const float* bias, const Window& s,
                  const Pooled* pool, std::size_t n, const OutputEnd& end, float*, bool) {
  const auto value = [=, &s, &end](std::size_t i, std::uint32_t oy, std::uint32_t ox,
                                   std::uint32_t c) {
    return output(x + i * image_size(s), w, bias, s, oy, ox, c, end);
  };
  // Without a pool: windows of one pixel.
  Window one;
  one.in_h = one.out_h = s.out_h;
  one.in_w = one.out_w = s.out_w;
  one.in_c = s.out_c;
  pool_windows(y, pool ? pool->routes : nullptr, pool ? pool->window : one, n, value);
}

std::uint32_t conv_backward(const ConvWeights& weights, float* dx, const float* x, const float* dy,
                            const Window& s, const Pooled* pool, std::size_t n,
                            const GradientEnd& end, float*, bool) {
  const MapGradient map{dy, s, pool};
  const std::size_t size = n * image_size(s);
  if (dx) {
    if (!end.resumes) std::memset(dx, 0, size * sizeof(float));
    add_input_gradient(dx, weights.w, map, n);
    if (end.finishes) finish_gradient(dx, end.y, size, end.act, end.slope);
  }
  if (!weights.update) return 0;
  // All weights in memory order, then the biases.
  const std::uint32_t count = s.kernel_h * s.kernel_w * in_group(s) * s.out_c;
  const std::uint32_t all = count + (weights.bias ? s.out_c : 0);
  std::uint32_t bad = 0;
  for (std::uint32_t k = 0; k < all; ++k) {
    const bool is_bias = k >= count;
    const std::uint32_t c = k % s.out_c, row = k / s.out_c, tap = row / in_group(s);
    const std::uint32_t input = first_input(s, c) + row % in_group(s);
    const WeightChain weight{is_bias ? nullptr : x + input, tap / s.kernel_w, tap % s.kernel_w, c};
    float* const w = is_bias ? weights.bias + (k - count) : weights.w + k;
    float* const sum = is_bias ? at(weights.bias_sum, k - count) : at(weights.sum, k);
    const Update& update = is_bias ? *weights.bias_update : *weights.update;
    bad |= end_chain(weight.over(map, n, start_chain(w, sum, update)), w, sum, update);
  }
  return bad;
}

void depthwise_forward(float* y, const float* x, const float* w, const float* bias, const Window& s,
                       std::size_t n, const OutputEnd& end) {
  conv_forward(y, x, w, bias, s, nullptr, n, end, nullptr, false);
}

std::uint32_t depthwise_backward(const ConvWeights& weights, float* dx, const float* x,
                                 const float* dy, const Window& s, std::size_t n,
                                 const GradientEnd& end) {
  return conv_backward(weights, dx, x, dy, s, nullptr, n, end, nullptr, false);
}

}  // namespace HONE_LEAF_NS
}  // namespace hone
