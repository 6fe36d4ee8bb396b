#include "pool_rows.hpp"
#include "window_geometry.hpp"

namespace hone {
namespace HONE_LEAF_NS {
namespace {

// route_bits of hone/kernels.hpp, whose inline copy an ISA's object must not hold.
std::uint32_t bits_of_route(const Window& s) {
  const std::uint32_t window = s.kernel_h * s.kernel_w;
  return window <= 4 ? 2u : window <= 16 ? 4u : window <= 256 ? 8u : 16u;
}

void put_route(RouteWriter& out, std::uint32_t route) {
  out.held |= route << out.held_bits;
  out.held_bits += out.bits;
  for (; out.held_bits >= 8; out.held_bits -= 8, out.held >>= 8)
    *out.at++ = static_cast<std::uint8_t>(out.held);
}

void put_eight_routes(RouteWriter& out, const std::uint32_t* route) {
  if (out.held_bits != 0 || out.bits > 8) {
    for (int j = 0; j < 8; ++j) put_route(out, route[j]);
    return;
  }
  std::uint64_t word = 0;
  for (std::uint32_t j = 0; j < 8; ++j) word |= std::uint64_t{route[j]} << (j * out.bits);
  for (std::uint32_t i = 0; i < out.bits; ++i, word >>= 8)
    *out.at++ = static_cast<std::uint8_t>(word);
}

struct Taps {
  Range ky, kx;
};
Taps taps_of(const Window& s, std::uint32_t oy, std::uint32_t ox) {
  return {taps_inside(oy, s.stride, s.pad_top, s.kernel_h, s.in_h),
          taps_inside(ox, s.stride, s.pad_left, s.kernel_w, s.in_w)};
}

// Offset of the first real pixel of a window within its row; the window holds one.
std::size_t first_column(const Window& s, const Taps& taps, std::uint32_t ox) {
  return image_at(ox, taps.kx.begin, s.stride, s.pad_left) * s.in_c;
}

// The largest of N channels of one window and where it lies; x is the window's first real pixel.
template <int N>
void best_of_window(float* y, std::uint32_t* route, const float* x, const Window& s,
                    const Taps& taps) {
  float best[N];
  std::uint32_t where[N];
  const std::uint32_t first = taps.ky.begin * s.kernel_w + taps.kx.begin;
  for (int j = 0; j < N; ++j) best[j] = x[j];
  for (int j = 0; j < N; ++j) where[j] = first;
  for (std::uint32_t v = taps.ky.begin; v < taps.ky.end; ++v) {
    const float* row = x + std::size_t{v - taps.ky.begin} * s.in_w * s.in_c;
    for (std::uint32_t h = taps.kx.begin; h < taps.kx.end; ++h, row += s.in_c) {
      const std::uint32_t place = v * s.kernel_w + h;
      for (int j = 0; j < N; ++j) {
        const bool more = row[j] > best[j];
        best[j] = more ? row[j] : best[j];
        where[j] = more ? place : where[j];
      }
    }
  }
  for (int j = 0; j < N; ++j) y[j] = store_floor(best[j]);
  for (int j = 0; j < N; ++j) route[j] = where[j];
}

void pool_pixel(float* y, RouteWriter& out, const float* x, const Window& s, const Taps& taps) {
  std::uint32_t route[8];
  std::size_t c = 0;
  for (; c + 8 <= s.in_c; c += 8) {
    best_of_window<8>(y + c, route, x + c, s, taps);
    if (out.at) put_eight_routes(out, route);
  }
  for (; c < s.in_c; ++c) {
    best_of_window<1>(y + c, route, x + c, s, taps);
    if (out.at) put_route(out, route[0]);
  }
}

std::uint32_t route_at(const std::uint8_t* routes, std::size_t i, std::uint32_t bits) {
  if (bits == 16) return routes[2 * i] | static_cast<std::uint32_t>(routes[2 * i + 1]) << 8;
  const std::size_t bit = i * bits;
  return (routes[bit / 8] >> (bit % 8)) & ((1u << bits) - 1u);
}

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
                   const Taps& taps) {
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

void scatter_one(float* dx, float d, std::uint32_t route, const Window& s, const Taps& taps) {
  const std::uint32_t v = route / s.kernel_w, h = route % s.kernel_w;
  dx[(std::size_t{v - taps.ky.begin} * s.in_w + (h - taps.kx.begin)) * s.in_c] += d;
}

}  // namespace

std::size_t pool_row_start(const Window& s, std::uint32_t oy) {
  const Range ky = taps_inside(oy, s.stride, s.pad_top, s.kernel_h, s.in_h);
  return image_at(oy, ky.begin, s.stride, s.pad_top) * s.in_w * s.in_c;
}

RouteWriter start_routes(std::uint8_t* routes, const Window& s) {
  return {routes, bits_of_route(s), 0, 0};
}

void max_pool_row(float* y, RouteWriter& out, const float* x, const Window& s, std::uint32_t oy) {
  for (std::uint32_t ox = 0; ox < s.out_w; ++ox, y += s.in_c) {
    const Taps taps = taps_of(s, oy, ox);
    pool_pixel(y, out, x + first_column(s, taps, ox), s, taps);
  }
}

void finish_routes(RouteWriter& out) {
  if (out.at && out.held_bits) *out.at = static_cast<std::uint8_t>(out.held);
}

bool unpool_row(float* row, const float* dy, const std::uint8_t* routes, const Window& s,
                std::size_t sample, std::uint32_t iy, const Channels& part) {
  const std::uint32_t oy = iy / s.stride, ky = iy % s.stride;
  if (oy >= s.out_h || ky >= s.kernel_h) return false;
  std::memset(row, 0, s.in_w * part.count * sizeof(float));
  const std::uint32_t bits = bits_of_route(s);
  std::size_t at = ((sample * s.out_h + oy) * s.out_w) * s.in_c + part.first;
  for (std::uint32_t ox = 0; ox < s.out_w; ++ox, at += s.in_c) {
    float* const to = row + std::size_t{ox} * s.stride * part.count;
    for (std::size_t c = 0; c < part.count; ++c) {
      const std::uint32_t kx = route_at(routes, at + c, bits) - ky * s.kernel_w;
      if (kx < s.kernel_w) to[kx * part.count + c] = dy[at + c];  // else in another row
    }
  }
  return true;
}

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
        const Taps taps = taps_of(s, oy, ox);
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
