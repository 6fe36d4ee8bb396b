#pragma once
#include "window_geometry.hpp"

// Max pooling a row at a time, of floats and of whole numbers: max_pool_forward runs through it,
// and so does a convolution that is fused with its pool (struct Pooled).
namespace hone {
namespace HONE_LEAF_NS {

/// Packs routes of `bits` each, low bits first. `at` may be null: then nothing is kept.
struct RouteWriter {
  std::uint8_t* at;
  std::uint32_t bits;
  std::uint32_t held, held_bits;
};

/// Rows follow each other from the first of sample 0 to the last, since routes share bytes.
RouteWriter start_routes(std::uint8_t* routes, const Window& s);
/// Row oy of the output. x: the first image row that its windows touch.
void max_pool_row(float* y, RouteWriter& routes, const float* x, const Window& s, std::uint32_t oy);
void max_pool_row(std::int8_t* y, RouteWriter& routes, const std::int8_t* x, const Window& s,
                  std::uint32_t oy);
void finish_routes(RouteWriter& routes);

struct Channels {
  std::size_t first, count;
};
/// The gradient of row iy of the pool's input, without padding or overlap: row[in_w][part.count] is
/// dy where a pixel won its window, else 0. False, with nothing written, where no window touches
/// the row. dy and routes are those of all samples.
bool unpool_row(float* row, const float* dy, const std::uint8_t* routes, const Window& s,
                std::size_t sample, std::uint32_t iy, const Channels& part);
bool unpool_row(std::int8_t* row, const std::int8_t* dy, const std::uint8_t* routes,
                const Window& s, std::size_t sample, std::uint32_t iy, const Channels& part);

/// The real pixels of the window of output (oy, ox).
struct PoolTaps {
  Range ky, kx;
};
static inline PoolTaps pool_taps(const Window& s, std::uint32_t oy, std::uint32_t ox) {
  return {taps_inside(oy, s.stride, s.pad_top, s.kernel_h, s.in_h),
          taps_inside(ox, s.stride, s.pad_left, s.kernel_w, s.in_w)};
}
/// Offset of the first of them within its row; the window holds one.
static inline std::size_t first_column(const Window& s, const PoolTaps& taps, std::uint32_t ox) {
  return image_at(ox, taps.kx.begin, s.stride, s.pad_left) * s.in_c;
}
/// Offset of the first image row that the windows of an output row touch.
static inline std::size_t pool_row_start(const Window& s, std::uint32_t oy) {
  const Range ky = taps_inside(oy, s.stride, s.pad_top, s.kernel_h, s.in_h);
  return image_at(oy, ky.begin, s.stride, s.pad_top) * s.in_w * s.in_c;
}

/// route_bits of hone/kernels.hpp, whose inline copy an ISA's object must not hold.
static inline std::uint32_t bits_of_route(const Window& s) {
  const std::uint32_t window = s.kernel_h * s.kernel_w;
  return window <= 4 ? 2u : window <= 16 ? 4u : window <= 256 ? 8u : 16u;
}
static inline std::uint32_t route_at(const std::uint8_t* routes, std::size_t i,
                                     std::uint32_t bits) {
  if (bits == 16) return routes[2 * i] | static_cast<std::uint32_t>(routes[2 * i + 1]) << 8;
  const std::size_t bit = i * bits;
  return (routes[bit / 8] >> (bit % 8)) & ((1u << bits) - 1u);
}

}  // namespace HONE_LEAF_NS
}  // namespace hone
