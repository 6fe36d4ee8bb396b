#pragma once
#include "padded_image.hpp"
#include "routes.hpp"

namespace hone {
namespace HONE_LEAF_NS {

HONE_INLINE bool is_square_pool(const Window& pool) {
  return pool.kernel_h == 2 && pool.kernel_w == 2 && pool.stride == 2;
}

/// One sample's gradient at the resolution of a 2 x 2 pool's input: dy where a pixel won its
/// window, else 0. All of `to` is written.
static inline void unpool_squares(float* to, const float* dy, const std::uint8_t* routes,
                                  const Window& p, std::size_t sample) {
  const std::size_t channels = p.in_c, row = p.in_w * channels;
  const std::size_t first = sample * p.out_h * p.out_w * channels;
  for (std::size_t py = 0; py < p.out_h; ++py) {
    float* const upper = to + 2 * py * row;
    if (p.in_w > 2 * p.out_w) {
      clear_floats(upper + 2 * p.out_w * channels, row - 2 * p.out_w * channels);
      clear_floats(upper + row + 2 * p.out_w * channels, row - 2 * p.out_w * channels);
    }
    for_vectors(channels, [&](std::size_t c, auto columns) HONE_LAMBDA {
      using V = typename decltype(columns)::Vec;
      for (std::size_t px = 0; px < p.out_w; ++px) {
        const std::size_t element = first + (py * p.out_w + px) * channels + c;
        const V d = columns.load(dy + element, 0);
        const std::uint32_t place = RouteBits::get(routes, element, columns.count());
        const auto is_right = right_of(d, place), is_lower = lower_of(d, place);
        const V above = select(is_lower, V::zero(), d), below = keep(is_lower, d);
        float* const at = upper + 2 * px * channels + c;
        columns.store(at, select(is_right, V::zero(), above), 0);
        columns.store(at + channels, keep(is_right, above), 0);
        columns.store(at + row, select(is_right, V::zero(), below), 0);
        columns.store(at + row + channels, keep(is_right, below), 0);
      }
    });
  }
  if (p.in_h > 2 * p.out_h) clear_floats(to + 2 * p.out_h * row, (p.in_h - 2 * p.out_h) * row);
}

}  // namespace HONE_LEAF_NS
}  // namespace hone
