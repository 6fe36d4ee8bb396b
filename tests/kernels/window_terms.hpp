#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "hone/kernels.hpp"

// The plain definition of a convolution as a list of terms, shared by the tests of its leaves.
namespace hone_test {

/// Calls term(x index, w index, y index) for every product of a convolution, in the order of the
/// numeric contract: samples, outputs in raster order, output channels, then the memory order of
/// W. Restricted to the chain of one y, one x or one w, this is that chain's order.
template <class Term>
void for_each_term(const hone::Window& s, std::size_t n, Term term) {
  const std::int64_t in_c = s.in_c / s.groups, out_c = s.out_c / s.groups;
  for (std::size_t i = 0; i < n; ++i)
    for (std::int64_t oy = 0; oy < std::int64_t{s.out_h}; ++oy)
      for (std::int64_t ox = 0; ox < std::int64_t{s.out_w}; ++ox)
        for (std::int64_t oc = 0; oc < std::int64_t{s.out_c}; ++oc)
          for (std::int64_t ky = 0; ky < std::int64_t{s.kernel_h}; ++ky)
            for (std::int64_t kx = 0; kx < std::int64_t{s.kernel_w}; ++kx)
              for (std::int64_t ic = 0; ic < in_c; ++ic) {
                const std::int64_t iy = oy * s.stride - s.pad_top + ky,
                                   ix = ox * s.stride - s.pad_left + kx;
                if (iy < 0 || ix < 0 || iy >= std::int64_t{s.in_h} || ix >= std::int64_t{s.in_w})
                  continue;
                const std::int64_t pixel = (iy * s.in_w + ix) * s.in_c + oc / out_c * in_c + ic;
                const std::int64_t output = (oy * s.out_w + ox) * s.out_c + oc;
                term(i * s.in_size() + static_cast<std::size_t>(pixel),
                     static_cast<std::size_t>(((ky * s.kernel_w + kx) * in_c + ic) * s.out_c + oc),
                     i * s.out_size() + static_cast<std::size_t>(output));
              }
}

inline std::size_t weights_of(const hone::Window& s) {
  return std::size_t{s.kernel_h} * s.kernel_w * (s.in_c / s.groups) * s.out_c;
}

/// in_h x in_w x in_c to out_c channels; `pad` are top, left, bottom, right.
struct Pad {
  std::uint32_t top = 0, left = 0, bottom = 0, right = 0;
};
inline hone::Window window(std::uint32_t in_h, std::uint32_t in_w, std::uint32_t in_c,
                           std::uint32_t out_c, std::uint32_t kernel_h, std::uint32_t kernel_w,
                           std::uint32_t stride, Pad pad, std::uint32_t groups) {
  hone::Window s;
  s.in_h = s.side(in_h);
  s.in_w = s.side(in_w);
  s.in_c = in_c;
  s.out_c = out_c;
  s.kernel_h = s.side(kernel_h);
  s.kernel_w = s.side(kernel_w);
  s.stride = s.side(stride);
  s.pad_top = s.side(pad.top);
  s.pad_left = s.side(pad.left);
  s.groups = s.side(groups);
  s.out_h = s.side((in_h + pad.top + pad.bottom - kernel_h) / stride + 1);
  s.out_w = s.side((in_w + pad.left + pad.right - kernel_w) / stride + 1);
  return s;
}

inline std::string text_of(const hone::Window& s) {
  std::string text;
  const std::uint32_t sizes[] = {s.in_h,     s.in_w,     s.in_c,   s.out_h,   s.out_w,    s.out_c,
                                 s.kernel_h, s.kernel_w, s.stride, s.pad_top, s.pad_left, s.groups};
  for (const std::uint32_t v : sizes) text += std::to_string(v) + " ";
  return "in h w c, out h w c, kernel h w, stride, pad top left, groups: " + text;
}

}  // namespace hone_test
