#include "ends.hpp"
#include "pool_cells.hpp"

namespace hone {
namespace HONE_LEAF_NS {
namespace {

template <int N>
void average(float* y, const float* x, const Window& s, const PoolWindow& window) {
  float sum[N] = {};
  for (std::uint32_t v = 0; v < window.rows; ++v) {
    const float* pixel = x + std::size_t{v} * s.in_w * s.in_c;
    for (std::uint32_t h = 0; h < window.cols; ++h, pixel += s.in_c)
      for (int j = 0; j < N; ++j) sum[j] += pixel[j];
  }
  for (int j = 0; j < N; ++j) y[j] = store_floor(sum[j] / window.count);
}

template <int N>
void spread(float* dx, const float* dy, const Window& s, const PoolWindow& window) {
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
      const PoolWindow window = pool_window(s, oy, ox);
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

void set_cell(float* dx, std::size_t sample, const float* dy, const Window& s, const PoolCell& cell,
              const GradientEnd& end) {
  for (std::size_t c = 0; c < s.in_c; c += kBlock) {
    const std::size_t n = s.in_c - c < kBlock ? s.in_c - c : kBlock;
    float share[kBlock];
    for (std::size_t j = 0; j < n; ++j) share[j] = dy[c + j] / cell.window.count;
    for (std::uint32_t v = cell.rows.begin; v < cell.rows.end; ++v)
      for (std::uint32_t h = cell.cols.begin; h < cell.cols.end; ++h) {
        const std::size_t pixel = (std::size_t{v} * s.in_w + h) * s.in_c;
        set_pixel(dx, sample + pixel + c, has_window_at(cell, v, h) ? share : nullptr, n, end);
      }
  }
}

}  // namespace

void avg_pool_forward(float* y, const float* x, const Window& s, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i, x += image_size(s))
    for (std::uint32_t oy = 0; oy < s.out_h; ++oy)
      for (std::uint32_t ox = 0; ox < s.out_w; ++ox, y += s.in_c) {
        const PoolWindow window = pool_window(s, oy, ox);
        const float* const from = x + window.first;
        std::size_t c = 0;
        for (; c + 8 <= s.in_c; c += 8) average<8>(y + c, from + c, s, window);
        for (; c < s.in_c; ++c) average<1>(y + c, from + c, s, window);
      }
}

void avg_pool_backward(float* dx, const float* dy, const Window& s, std::size_t n,
                       const GradientEnd& end) {
  for (std::size_t i = 0; i < n; ++i, dy += output_size(s)) {
    const std::size_t sample = i * image_size(s);
    if (windows_lie_apart(s)) {
      for_cells(s, dy, [&](const PoolCell& cell, const float* d) {
        set_cell(dx, sample, d, s, cell, end);
      });
      continue;
    }
    start(end, dx + sample, image_size(s));
    spread_sample(dx + sample, dy, s);
    finish(end, dx + sample, sample, image_size(s));
  }
}

}  // namespace HONE_LEAF_NS
}  // namespace hone
