#include "window_geometry.hpp"

namespace hone {
namespace HONE_LEAF_NS {
namespace {

// One output: its window's real pixels, and how many they are.
struct Pixels {
  std::size_t first;
  std::uint32_t rows, cols;
  float count;
};
Pixels pixels_of(const Window& s, std::uint32_t oy, std::uint32_t ox) {
  const Range ky = taps_inside(oy, s.stride, s.pad_top, s.kernel_h, s.in_h);
  const Range kx = taps_inside(ox, s.stride, s.pad_left, s.kernel_w, s.in_w);
  const std::uint32_t rows = ky.end - ky.begin, cols = kx.end - kx.begin;
  const std::size_t first = image_at(oy, ky.begin, s.stride, s.pad_top) * s.in_w +
                            image_at(ox, kx.begin, s.stride, s.pad_left);
  return {first * s.in_c, rows, cols, static_cast<float>(rows * cols)};
}

template <int N>
void average(float* y, const float* x, const Window& s, const Pixels& window) {
  float sum[N] = {};
  for (std::uint32_t v = 0; v < window.rows; ++v) {
    const float* pixel = x + std::size_t{v} * s.in_w * s.in_c;
    for (std::uint32_t h = 0; h < window.cols; ++h, pixel += s.in_c)
      for (int j = 0; j < N; ++j) sum[j] += pixel[j];
  }
  for (int j = 0; j < N; ++j) y[j] = store_floor(sum[j] / window.count);
}

template <int N>
void spread(float* dx, const float* dy, const Window& s, const Pixels& window) {
  float share[N];
  for (int j = 0; j < N; ++j) share[j] = dy[j] / window.count;
  for (std::uint32_t v = 0; v < window.rows; ++v) {
    float* pixel = dx + std::size_t{v} * s.in_w * s.in_c;
    for (std::uint32_t h = 0; h < window.cols; ++h, pixel += s.in_c)
      for (int j = 0; j < N; ++j) pixel[j] += share[j];
  }
}

}  // namespace

void avg_pool_forward(float* y, const float* x, const Window& s, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i, x += image_size(s))
    for (std::uint32_t oy = 0; oy < s.out_h; ++oy)
      for (std::uint32_t ox = 0; ox < s.out_w; ++ox, y += s.in_c) {
        const Pixels window = pixels_of(s, oy, ox);
        const float* const from = x + window.first;
        std::size_t c = 0;
        for (; c + 8 <= s.in_c; c += 8) average<8>(y + c, from + c, s, window);
        for (; c < s.in_c; ++c) average<1>(y + c, from + c, s, window);
      }
}

void avg_pool_backward(float* dx, const float* dy, const Window& s, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i, dx += image_size(s))
    for (std::uint32_t oy = 0; oy < s.out_h; ++oy)
      for (std::uint32_t ox = 0; ox < s.out_w; ++ox, dy += s.in_c) {
        const Pixels window = pixels_of(s, oy, ox);
        float* const to = dx + window.first;
        std::size_t c = 0;
        for (; c + 8 <= s.in_c; c += 8) spread<8>(to + c, dy + c, s, window);
        for (; c < s.in_c; ++c) spread<1>(to + c, dy + c, s, window);
      }
}

}  // namespace HONE_LEAF_NS
}  // namespace hone
