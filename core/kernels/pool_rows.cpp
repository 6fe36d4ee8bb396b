#include "pool_rows.hpp"

namespace hone {
namespace HONE_LEAF_NS {
namespace {

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

// The largest of N channels of one window and where it lies; x is the window's first real pixel.
template <int N>
void best_of_window(float* y, std::uint32_t* route, const float* x, const Window& s,
                    const PoolTaps& taps) {
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

void pool_pixel(float* y, RouteWriter& out, const float* x, const Window& s, const PoolTaps& taps) {
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

// The same of bytes, n channels at a time: gcc makes vectors of a loop whose count it does not
// know, and scalars of eight unrolled bytes. Values and places of one width share a comparison.
constexpr std::size_t kBytesBlock = 32;
void best_of_bytes(std::int8_t* __restrict y, std::uint16_t* __restrict where,
                   const std::int8_t* __restrict x, std::size_t n, const Window& s,
                   const PoolTaps& taps) {
  std::int16_t best[kBytesBlock];
  const std::uint32_t first = taps.ky.begin * s.kernel_w + taps.kx.begin;
  for (std::size_t j = 0; j < n; ++j) best[j] = x[j];
  for (std::size_t j = 0; j < n; ++j) where[j] = static_cast<std::uint16_t>(first);
  for (std::uint32_t v = taps.ky.begin; v < taps.ky.end; ++v) {
    const std::int8_t* row = x + std::size_t{v - taps.ky.begin} * s.in_w * s.in_c;
    for (std::uint32_t h = taps.kx.begin; h < taps.kx.end; ++h, row += s.in_c) {
      const std::uint16_t place = static_cast<std::uint16_t>(v * s.kernel_w + h);
      for (std::size_t j = 0; j < n; ++j) {
        const std::int16_t value = row[j];
        where[j] = value > best[j] ? place : where[j];
        best[j] = value > best[j] ? value : best[j];
      }
    }
  }
  for (std::size_t j = 0; j < n; ++j) y[j] = static_cast<std::int8_t>(best[j]);
}

void pool_pixel(std::int8_t* y, RouteWriter& out, const std::int8_t* x, const Window& s,
                const PoolTaps& taps) {
  std::uint16_t route[kBytesBlock];
  for (std::size_t c = 0; c < s.in_c; c += kBytesBlock) {
    const std::size_t n = s.in_c - c < kBytesBlock ? s.in_c - c : kBytesBlock;
    best_of_bytes(y + c, route, x + c, n, s, taps);
    for (std::size_t j = 0; out.at && j < n; ++j) put_route(out, route[j]);
  }
}

template <class T>
void pool_pixels(T* y, RouteWriter& out, const T* x, const Window& s, std::uint32_t oy) {
  for (std::uint32_t ox = 0; ox < s.out_w; ++ox, y += s.in_c) {
    const PoolTaps taps = pool_taps(s, oy, ox);
    pool_pixel(y, out, x + first_column(s, taps, ox), s, taps);
  }
}

template <class T>
bool unpool_pixels(T* row, const T* dy, const std::uint8_t* routes, const Window& s,
                   std::size_t sample, std::uint32_t iy, const Channels& part) {
  const std::uint32_t oy = iy / s.stride, ky = iy % s.stride;
  if (oy >= s.out_h || ky >= s.kernel_h) return false;
  std::memset(row, 0, s.in_w * part.count * sizeof(T));
  const std::uint32_t bits = bits_of_route(s);
  std::size_t at = ((sample * s.out_h + oy) * s.out_w) * s.in_c + part.first;
  for (std::uint32_t ox = 0; ox < s.out_w; ++ox, at += s.in_c) {
    T* const to = row + std::size_t{ox} * s.stride * part.count;
    for (std::size_t c = 0; c < part.count; ++c) {
      const std::uint32_t kx = route_at(routes, at + c, bits) - ky * s.kernel_w;
      if (kx < s.kernel_w) to[kx * part.count + c] = dy[at + c];  // else in another row
    }
  }
  return true;
}

}  // namespace

RouteWriter start_routes(std::uint8_t* routes, const Window& s) {
  return {routes, bits_of_route(s), 0, 0};
}

void max_pool_row(float* y, RouteWriter& out, const float* x, const Window& s, std::uint32_t oy) {
  pool_pixels(y, out, x, s, oy);
}
void max_pool_row(std::int8_t* y, RouteWriter& out, const std::int8_t* x, const Window& s,
                  std::uint32_t oy) {
  pool_pixels(y, out, x, s, oy);
}

void finish_routes(RouteWriter& out) {
  if (out.at && out.held_bits) *out.at = static_cast<std::uint8_t>(out.held);
}

bool unpool_row(float* row, const float* dy, const std::uint8_t* routes, const Window& s,
                std::size_t sample, std::uint32_t iy, const Channels& part) {
  return unpool_pixels(row, dy, routes, s, sample, iy, part);
}
bool unpool_row(std::int8_t* row, const std::int8_t* dy, const std::uint8_t* routes,
                const Window& s, std::size_t sample, std::uint32_t iy, const Channels& part) {
  return unpool_pixels(row, dy, routes, s, sample, iy, part);
}

}  // namespace HONE_LEAF_NS
}  // namespace hone
