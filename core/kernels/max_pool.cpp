#include "pool_rows.hpp"

namespace hone {
namespace HONE_LEAF_NS {
namespace {

float through(float dy, const float* y, std::size_t i, Activation act, float slope) {
  switch (act) {
    case Activation::none:
      break;
    case Activation::relu:
      return y[i] > 0.0f ? dy : 0.0f;
    case Activation::relu6:
      return y[i] > 0.0f && y[i] < 6.0f ? dy : 0.0f;
    case Activation::leaky_relu:
      return y[i] > 0.0f ? dy : store_floor(slope * dy);
  }
  return dy;
}

// Eight channels of one output: every real pixel of the window adds where it is the winner.
void scatter_eight(float* dx, const float* d, const std::uint32_t* route, const Window& s,
                   const PoolTaps& taps) {
  for (std::uint32_t v = taps.ky.begin; v < taps.ky.end; ++v) {
    float* to = dx + std::size_t{v - taps.ky.begin} * s.in_w * s.in_c;
    for (std::uint32_t h = taps.kx.begin; h < taps.kx.end; ++h, to += s.in_c) {
      const std::uint32_t place = v * s.kernel_w + h;
      float t[8];
      for (int j = 0; j < 8; ++j) {
        const float more = to[j] + d[j];
        t[j] = route[j] == place ? more : to[j];
      }
      for (int j = 0; j < 8; ++j) to[j] = t[j];
    }
  }
}

void scatter_one(float* dx, float d, std::uint32_t route, const Window& s, const PoolTaps& taps) {
  const std::uint32_t v = route / s.kernel_w, h = route % s.kernel_w;
  dx[(std::size_t{v - taps.ky.begin} * s.in_w + (h - taps.kx.begin)) * s.in_c] += d;
}

}  // namespace

void max_pool_forward(float* y, std::uint8_t* routes, const float* x, const Window& s,
                      std::size_t n) {
  RouteWriter out = start_routes(routes, s);
  for (std::size_t i = 0; i < n; ++i, x += image_size(s))
    for (std::uint32_t oy = 0; oy < s.out_h; ++oy, y += std::size_t{s.out_w} * s.in_c)
      max_pool_row(y, out, x + pool_row_start(s, oy), s, oy);
  finish_routes(out);
}

void max_pool_backward(float* dx, const float* dy, const std::uint8_t* routes, const float* y,
                       Activation act, float slope, const Window& s, std::size_t n) {
  const std::uint32_t bits = bits_of_route(s);
  // With more pixels than channels side by side, one addition beats a sweep over the window.
  const std::size_t in_blocks = s.kernel_h * s.kernel_w <= 16 ? s.in_c / 8 * 8 : 0;
  std::size_t at = 0;
  for (std::size_t i = 0; i < n; ++i, dx += image_size(s))
    for (std::uint32_t oy = 0; oy < s.out_h; ++oy)
      for (std::uint32_t ox = 0; ox < s.out_w; ++ox) {
        const PoolTaps taps = pool_taps(s, oy, ox);
        float* const to = dx + pool_row_start(s, oy) + first_column(s, taps, ox);
        std::size_t c = 0;
        for (; c < in_blocks; c += 8, at += 8) {
          float d[8];
          std::uint32_t route[8];
          for (std::size_t j = 0; j < 8; ++j) d[j] = through(dy[at + j], y, at + j, act, slope);
          for (std::size_t j = 0; j < 8; ++j) route[j] = route_at(routes, at + j, bits);
          scatter_eight(to + c, d, route, s, taps);
        }
        for (; c < s.in_c; ++c, ++at)
          scatter_one(to + c, through(dy[at], y, at, act, slope), route_at(routes, at, bits), s,
                      taps);
      }
}

}  // namespace HONE_LEAF_NS
}  // namespace hone
