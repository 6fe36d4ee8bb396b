#pragma once
#include "random_tensor.hpp"
#include "window_terms.hpp"

// The pools that the tests of the pooling leaves run.
namespace hone_test {

inline hone::Window pool(std::uint32_t h, std::uint32_t w, std::uint32_t c, std::uint32_t kh,
                         std::uint32_t kw, std::uint32_t stride, Pad pad = {}) {
  return window(h, w, c, c, kh, kw, stride, pad, c);
}

inline std::vector<hone::Window> pool_cases() {
  std::vector<hone::Window> all;
  for (const std::uint32_t c : Counts{1, 2, 3, 5, 7, 8, 9, 12, 16, 17, 31, 33})
    all.push_back(pool(6, 8, c, 2, 2, 2));
  for (const std::uint32_t c : Counts{1, 3, 8, 11}) {
    all.push_back(pool(7, 9, c, 3, 3, 2, {1, 1, 1, 1}));
    all.push_back(pool(7, 5, c, 2, 2, 2, {0, 0, 1, 1}));  // windows partly outside
    all.push_back(pool(5, 7, c, 3, 3, 1));                // overlapping
    all.push_back(pool(9, 9, c, 1, 1, 4));
    all.push_back(pool(8, 9, c, 2, 3, 3));  // gaps, and rows left over
    all.push_back(pool(7, 8, c, 2, 3, 3, {1, 2, 1, 2}));
    all.push_back(pool(5, 6, c, 5, 6, 1));  // global
  }
  all.push_back(pool(16, 17, 9, 16, 17, 1));  // 272 pixels: routes of 16 bits
  return all;
}

/// Calls pixel(y index, x index, place in the window) for every real pixel in raster order.
template <class Pixel>
void for_each_pixel(const hone::Window& s, std::size_t n, Pixel pixel) {
  for_each_term(s, n, [&](std::size_t x, std::size_t w, std::size_t y) {
    pixel(y, x, static_cast<std::uint32_t>(w / s.out_c));
  });
}

}  // namespace hone_test
