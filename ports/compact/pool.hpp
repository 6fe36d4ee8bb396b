#pragma once
#include "leaves.hpp"

namespace hone {
namespace HONE_LEAF_NS {

/// The place of the winner in the window of output `element`, as max_pool_forward stored it.
std::uint32_t route_at(const std::uint8_t* routes, std::size_t element, const Window& s);
void put_route(std::uint8_t* routes, std::size_t element, const Window& s, std::uint32_t place);

/// In any order of the elements.
void replace_route(std::uint8_t* routes, std::size_t element, const Window& s, std::uint32_t place);

/// The image row or column that tap k of output o reads; out of range (a large number) where that
/// is padding.
static inline std::uint32_t image_at(std::uint32_t o, std::uint32_t stride, std::uint32_t pad,
                                     std::uint32_t k) {
  return o * stride + k - pad;
}

/// y = max over the real pixels of each window of value(sample, row, column, channel).
template <class Value>
static inline void pool_windows(float* y, std::uint8_t* routes, const Window& s, std::size_t n,
                                Value value) {
  std::size_t element = 0;
  for (std::size_t i = 0; i < n; ++i)
    for (std::uint32_t oy = 0; oy < s.out_h; ++oy)
      for (std::uint32_t ox = 0; ox < s.out_w; ++ox)
        for (std::uint32_t c = 0; c < s.in_c; ++c, ++element) {
          float best = 0;
          std::uint32_t winner = ~0u;
          for (std::uint32_t place = 0; place < s.kernel_h * s.kernel_w; ++place) {
            const std::uint32_t iy = image_at(oy, s.stride, s.pad_top, place / s.kernel_w);
            const std::uint32_t ix = image_at(ox, s.stride, s.pad_left, place % s.kernel_w);
            if (iy >= s.in_h || ix >= s.in_w) continue;
            const float v = value(i, iy, ix, c);
            if (winner != ~0u && !(v > best)) continue;
            best = v;
            winner = place;
          }
          y[element] = store_floor(best);
          if (routes) put_route(routes, element, s, winner);
        }
}

}  // namespace HONE_LEAF_NS
}  // namespace hone
