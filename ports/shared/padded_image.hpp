#pragma once
#include <cstring>

#include "hone/conv_scratch.hpp"
#include "isa.hpp"

namespace hone {
namespace HONE_LEAF_NS {

/// Where the rows and columns of an image lie in one that has zeros around it, or cuts some off.
struct Placement {
  std::size_t from, to, count;  ///< image[from + i] lies at padded[to + i]
};
/// `before`: zeros in front, negative where the padded image starts inside the other.
HONE_INLINE Placement placement(std::size_t size, std::ptrdiff_t before, std::size_t padded) {
  const std::size_t from = before < 0 ? static_cast<std::size_t>(-before) : 0;
  const std::size_t to = before > 0 ? static_cast<std::size_t>(before) : 0;
  if (from >= size || to >= padded) return {0, 0, 0};
  const std::size_t room = padded - to, rest = size - from;
  return {from, to, room < rest ? room : rest};
}

HONE_INLINE void copy_floats(float* to, const float* from, std::size_t n) {
  constexpr std::size_t W = Narrow::kWidth;
  std::size_t i = 0;
  for (; i + W <= n; i += W) Narrow::load(from + i).store(to + i);
  if (i < n) Narrow::load(from + i, Narrow::part(n - i)).store(to + i, Narrow::part(n - i));
}
HONE_INLINE void clear_floats(float* to, std::size_t n) { std::memset(to, 0, n * sizeof(float)); }

/// Channels [first, first + count) of an image [h, w, c] inside a padded one [rows, cols, count].
struct PaddedImage {
  Placement rows, cols;
  std::size_t pitch;  ///< floats of a padded row
  std::size_t image_cols, image_channels, channels;

  /// The padding is not touched.
  HONE_INLINE void copy_in(float* padded, const float* image) const {
    for (std::size_t r = 0; r < rows.count; ++r) {
      const float* from = image + ((rows.from + r) * image_cols + cols.from) * image_channels;
      float* to = padded + (rows.to + r) * pitch + cols.to * channels;
      if (channels == image_channels) {
        copy_floats(to, from, cols.count * channels);
      } else {
        for (std::size_t i = 0; i < cols.count; ++i, to += channels, from += image_channels)
          copy_floats(to, from, channels);
      }
    }
  }
};

/// One group of the input of a convolution, with its padding.
HONE_INLINE PaddedImage padded_input(const Window& s) {
  const std::size_t channels = s.in_c / s.groups, cols = padded_width(s);
  return {placement(s.in_h, s.pad_top, padded_height(s)),
          placement(s.in_w, s.pad_left, cols),
          cols * channels,
          s.in_w,
          s.in_c,
          channels};
}

}  // namespace HONE_LEAF_NS
}  // namespace hone
