#pragma once
#include "padded_image.hpp"

// The input gradient of a convolution is a convolution of the output gradient. With stride s the
// input rows (and columns) fall into s classes, each of which sees every s-th kernel row, so that
// no product with an inserted zero is computed.
namespace hone {
namespace HONE_LEAF_NS {

/// One axis: which kernel rows and outputs meet the input rows of class `first`, first + stride,
/// ...
struct AxisClass {
  std::size_t first, count;  ///< input rows
  std::size_t tap, taps;     ///< kernel rows tap, tap + stride, ...
  std::ptrdiff_t output;     ///< the first output that input row `first` meets; perhaps below 0
};
HONE_INLINE AxisClass axis_class(std::size_t c, std::size_t in, std::size_t stride, std::size_t pad,
                                 std::size_t kernel) {
  const std::size_t tap = (c + pad) % stride;
  const std::size_t taps = tap < kernel ? (kernel - tap + stride - 1) / stride : 0;
  const auto last = static_cast<std::ptrdiff_t>((c + pad) / stride);
  return {c, c < in ? (in - c + stride - 1) / stride : 0, tap, taps,
          last - static_cast<std::ptrdiff_t>(taps) + 1};
}

/// The zeros in front of the output gradient.
HONE_INLINE std::ptrdiff_t gradient_margin(std::size_t stride, std::size_t pad,
                                           std::size_t kernel) {
  return static_cast<std::ptrdiff_t>((kernel + stride - 1) / stride) - 1 -
         static_cast<std::ptrdiff_t>(pad / stride);
}

/// The output gradient of one group with zeros around it.
HONE_INLINE PaddedImage padded_gradient_of(const Window& s) {
  const std::size_t channels = s.out_c / s.groups;
  const std::size_t rows = std::size_t{s.in_h} + s.kernel_h - 1;
  const std::size_t cols = std::size_t{s.in_w} + s.kernel_w - 1;
  return {placement(s.out_h, gradient_margin(s.stride, s.pad_top, s.kernel_h), rows),
          placement(s.out_w, gradient_margin(s.stride, s.pad_left, s.kernel_w), cols),
          cols * channels,
          s.out_w,
          s.out_c,
          channels};
}

/// Calls f(row class, column class, where their weights begin among the flipped ones) for all
/// classes of input pixels.
template <class F>
HONE_INLINE void for_pixel_classes(const Window& s, F f) {
  std::size_t flipped = 0;
  const std::size_t matrix = std::size_t{s.in_c / s.groups} * (s.out_c / s.groups);
  for (std::size_t cy = 0; cy < s.stride; ++cy) {
    const AxisClass y = axis_class(cy, s.in_h, s.stride, s.pad_top, s.kernel_h);
    for (std::size_t cx = 0; cx < s.stride; ++cx) {
      const AxisClass x = axis_class(cx, s.in_w, s.stride, s.pad_left, s.kernel_w);
      f(y, x, flipped);
      flipped += y.taps * x.taps * matrix;
    }
  }
}

}  // namespace HONE_LEAF_NS
}  // namespace hone
