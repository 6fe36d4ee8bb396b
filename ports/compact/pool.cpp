#include "pool.hpp"

#include "chain.hpp"

namespace hone {
namespace HONE_LEAF_NS {
namespace {

// route_bits of hone/kernels.hpp, whose inline copy a port's object must not hold.
std::uint32_t bits_of_route(const Window& s) {
  const std::uint32_t window = s.kernel_h * s.kernel_w;
  std::uint32_t bits = 2;
  while (window > 1u << bits) bits *= 2;
  return bits;
}

}  // namespace

std::uint32_t route_at(const std::uint8_t* routes, std::size_t element, const Window& s) {
  const std::uint32_t bits = bits_of_route(s);
  const std::size_t bit = element * bits;
  const std::uint8_t* const from = routes + bit / 8;
  if (bits == 16) return from[0] | static_cast<std::uint32_t>(from[1]) << 8;
  return (static_cast<std::uint32_t>(*from) >> (bit % 8)) & ((1u << bits) - 1u);
}

// Elements come in order, and the first of a byte clears the rest of it.
void put_route(std::uint8_t* routes, std::size_t element, const Window& s, std::uint32_t place) {
  const std::uint32_t bits = bits_of_route(s);
  const std::size_t bit = element * bits;
  std::uint8_t* const to = routes + bit / 8;
  const std::uint32_t kept = bit % 8 == 0 ? 0u : *to;
  to[0] = static_cast<std::uint8_t>(kept | place << (bit % 8));
  if (bits == 16) to[1] = static_cast<std::uint8_t>(place >> 8);
}

void replace_route(std::uint8_t* routes, std::size_t element, const Window& s,
                   std::uint32_t place) {
  const std::uint32_t bits = bits_of_route(s);
  const std::size_t bit = element * bits;
  std::uint8_t* const to = routes + bit / 8;
  const std::uint32_t others = *to & ~(((1u << bits) - 1u) << (bit % 8));
  to[0] = static_cast<std::uint8_t>(others | place << (bit % 8));
  if (bits == 16) to[1] = static_cast<std::uint8_t>(place >> 8);
}

void max_pool_forward(float* y, std::uint8_t* routes, const float* x, const Window& s,
                      std::size_t n) {
  pool_windows(y, routes, s, n,
               [=, &s](std::size_t i, std::uint32_t iy, std::uint32_t ix, std::uint32_t c) {
                 return x[((i * s.in_h + iy) * s.in_w + ix) * s.in_c + c];
               });
}

void max_pool_backward(float* dx, const float* dy, const std::uint8_t* routes, const float* y,
                       Activation act, float slope, const Window& s, std::size_t n) {
  std::size_t element = 0;
  for (std::size_t i = 0; i < n; ++i)
    for (std::uint32_t oy = 0; oy < s.out_h; ++oy)
      for (std::uint32_t ox = 0; ox < s.out_w; ++ox)
        for (std::uint32_t c = 0; c < s.in_c; ++c, ++element) {
          const std::uint32_t place = route_at(routes, element, s);
          const std::uint32_t iy = image_at(oy, s.stride, s.pad_top, place / s.kernel_w);
          const std::uint32_t ix = image_at(ox, s.stride, s.pad_left, place % s.kernel_w);
          dx[((i * s.in_h + iy) * s.in_w + ix) * s.in_c + c] +=
              finished(dy[element], y ? y[element] : 0.0f, act, slope);
        }
}

}  // namespace HONE_LEAF_NS
}  // namespace hone
