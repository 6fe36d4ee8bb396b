#pragma once
#include "window_geometry.hpp"

namespace hone {
namespace HONE_LEAF_NS {

/// One kernel position: the outputs that see a real pixel through it, and where its weights lie.
struct Tap {
  std::uint32_t ky, kx;
  Range ys, xs;
  std::size_t at;
};
static inline Tap tap_of(const Window& s, std::uint32_t ky, std::uint32_t kx) {
  const std::size_t place = std::size_t{ky} * s.kernel_w + kx;
  return {ky, kx, outputs_of_tap(ky, s.stride, s.pad_top, s.in_h, s.out_h),
          outputs_of_tap(kx, s.stride, s.pad_left, s.in_w, s.out_w),
          place * (s.in_c / s.groups) * s.out_c};
}
static inline bool is_empty(Range r) { return r.begin == r.end; }
static inline bool reaches(const Tap& tap, std::uint32_t oy) {
  return oy >= tap.ys.begin && oy < tap.ys.end && !is_empty(tap.xs);
}
/// Offset in a sample of the first pixel that the tap sees from row oy.
static inline std::size_t first_pixel(const Window& s, const Tap& tap, std::uint32_t oy) {
  return (image_at(oy, tap.ky, s.stride, s.pad_top) * s.in_w +
          image_at(tap.xs.begin, tap.kx, s.stride, s.pad_left)) *
         s.in_c;
}

}  // namespace HONE_LEAF_NS
}  // namespace hone
