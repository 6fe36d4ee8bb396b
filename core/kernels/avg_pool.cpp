#include "ends.hpp"
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

// Windows that overlap: the chains live in dx.
void spread_sample(float* dx, const float* dy, const Window& s) {
  for (std::uint32_t oy = 0; oy < s.out_h; ++oy)
    for (std::uint32_t ox = 0; ox < s.out_w; ++ox, dy += s.in_c) {
      const Pixels window = pixels_of(s, oy, ox);
      float* const to = dx + window.first;
      std::size_t c = 0;
      for (; c + 8 <= s.in_c; c += 8) spread<8>(to + c, dy + c, s, window);
      for (; c < s.in_c; ++c) spread<1>(to + c, dy + c, s, window);
    }
}

// n <= kBlock channels of one pixel whose chain is one addition, of share, or none (null). dx may
// be the memory of end.y.
constexpr std::size_t kBlock = 32;
void set_pixel(float* dx, std::size_t at, const float* share, std::size_t n,
               const GradientEnd& end) {
  float chain[kBlock];
  start(end, chain, n);
  if (end.resumes) std::memcpy(chain, dx + at, n * sizeof(float));
  for (std::size_t j = 0; share && j < n; ++j) chain[j] += share[j];
  finish(end, chain, at, n);
  std::memcpy(dx + at, chain, n * sizeof(float));
}

// The rows (or columns) from the start of window `o` to the start of the next one: the whole image
// is divided into such cells where windows do not overlap.
Range cell_of(std::uint32_t o, std::uint32_t stride, std::uint32_t pad, std::uint32_t in,
              std::uint32_t out) {
  const std::uint64_t at = std::uint64_t{o} * stride;
  const std::uint64_t begin = at < pad ? 0 : at - pad;
  const std::uint64_t end = at + stride < pad ? 0 : at + stride - pad;
  return range_within(o == 0 ? 0 : begin, o + 1 == out ? in : end, in);
}

struct Cell {
  Range rows, cols;
};
void set_cell(float* dx, std::size_t sample, const float* dy, const Window& s, const Cell& cell,
              const Pixels& window, const GradientEnd& end) {
  for (std::size_t c = 0; c < s.in_c; c += kBlock) {
    const std::size_t n = s.in_c - c < kBlock ? s.in_c - c : kBlock;
    float share[kBlock];
    for (std::size_t j = 0; j < n; ++j) share[j] = dy[c + j] / window.count;
    for (std::uint32_t v = cell.rows.begin; v < cell.rows.end; ++v)
      for (std::uint32_t h = cell.cols.begin; h < cell.cols.end; ++h) {
        const bool covered = v - cell.rows.begin < window.rows && h - cell.cols.begin < window.cols;
        const std::size_t pixel = (std::size_t{v} * s.in_w + h) * s.in_c;
        set_pixel(dx, sample + pixel + c, covered ? share : nullptr, n, end);
      }
  }
}

void set_cells(float* dx, std::size_t sample, const float* dy, const Window& s,
               const GradientEnd& end) {
  for (std::uint32_t oy = 0; oy < s.out_h; ++oy)
    for (std::uint32_t ox = 0; ox < s.out_w; ++ox, dy += s.in_c)
      set_cell(dx, sample, dy, s,
               {cell_of(oy, s.stride, s.pad_top, s.in_h, s.out_h),
                cell_of(ox, s.stride, s.pad_left, s.in_w, s.out_w)},
               pixels_of(s, oy, ox), end);
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

void avg_pool_backward(float* dx, const float* dy, const Window& s, std::size_t n,
                       const GradientEnd& end) {
  const bool apart =
      (s.stride >= s.kernel_h || s.out_h == 1) && (s.stride >= s.kernel_w || s.out_w == 1);
  for (std::size_t i = 0; i < n; ++i, dy += output_size(s)) {
    const std::size_t sample = i * image_size(s);
    if (apart) {
      set_cells(dx, sample, dy, s, end);
      continue;
    }
    start(end, dx + sample, image_size(s));
    spread_sample(dx + sample, dy, s);
    finish(end, dx + sample, sample, image_size(s));
  }
}

}  // namespace HONE_LEAF_NS
}  // namespace hone
