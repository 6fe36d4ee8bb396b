#pragma once
#include "window_geometry.hpp"

// The windows of an average pool, and the cells around them.
namespace hone {
namespace HONE_LEAF_NS {

/// The real pixels of an output's window, and how many they are. `first` counts floats.
struct PoolWindow {
  std::size_t first;
  std::uint32_t rows, cols;
  float count;
};
static inline PoolWindow pool_window(const Window& s, std::uint32_t oy, std::uint32_t ox) {
  const Range ky = taps_inside(oy, s.stride, s.pad_top, s.kernel_h, s.in_h);
  const Range kx = taps_inside(ox, s.stride, s.pad_left, s.kernel_w, s.in_w);
  const std::uint32_t rows = ky.end - ky.begin, cols = kx.end - kx.begin;
  const std::size_t first = image_at(oy, ky.begin, s.stride, s.pad_top) * s.in_w +
                            image_at(ox, kx.begin, s.stride, s.pad_left);
  return {first * s.in_c, rows, cols, static_cast<float>(rows * cols)};
}

/// True if no pixel lies in two windows.
static inline bool windows_lie_apart(const Window& s) {
  return (s.stride >= s.kernel_h || s.out_h == 1) && (s.stride >= s.kernel_w || s.out_w == 1);
}

/// The rows (or columns) from the start of window `o` to the start of the next one: the whole image
/// is divided into such cells where windows lie apart.
static inline Range cell_of(std::uint32_t o, std::uint32_t stride, std::uint32_t pad,
                            std::uint32_t in, std::uint32_t out) {
  const std::uint64_t at = std::uint64_t{o} * stride;
  const std::uint64_t begin = at < pad ? 0 : at - pad;
  const std::uint64_t end = at + stride < pad ? 0 : at + stride - pad;
  return range_within(o == 0 ? 0 : begin, o + 1 == out ? in : end, in);
}

/// A window with the pixels behind it that no window has.
struct PoolCell {
  PoolWindow window;
  Range rows, cols;
};
static inline bool has_window_at(const PoolCell& cell, std::uint32_t row, std::uint32_t col) {
  return row - cell.rows.begin < cell.window.rows && col - cell.cols.begin < cell.window.cols;
}

/// Calls f(cell, its place in y) for the outputs of one sample.
template <class F>
static inline void for_cells(const Window& s, const float* y, F f) {
  for (std::uint32_t oy = 0; oy < s.out_h; ++oy)
    for (std::uint32_t ox = 0; ox < s.out_w; ++ox, y += s.in_c)
      f(PoolCell{pool_window(s, oy, ox), cell_of(oy, s.stride, s.pad_top, s.in_h, s.out_h),
                 cell_of(ox, s.stride, s.pad_left, s.in_w, s.out_w)},
        y);
}

}  // namespace HONE_LEAF_NS
}  // namespace hone
