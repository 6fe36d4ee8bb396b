#include "gradients.hpp"

namespace hone::layers {

namespace {

struct Range {
  std::uint32_t from, to;  // output positions whose tap lies inside the image; empty: from == to
};
Range positions(std::uint32_t in, std::uint32_t out, std::uint32_t stride, std::uint32_t pad,
                std::uint32_t tap) {
  const std::uint32_t from = pad > tap ? (pad - tap + stride - 1) / stride : 0;
  if (in + pad <= tap) return {0, 0};
  const std::uint32_t last = (in + pad - tap - 1) / stride;
  const std::uint32_t to = last + 1 < out ? last + 1 : out;
  return from < to ? Range{from, to} : Range{0, 0};
}

/// The rows of W that meet one kernel tap: a walk over the output pixels whose tap is real.
std::uint32_t update_tap(const Pass& p, const LayerRun& l, std::uint32_t ky, std::uint32_t kx) {
  const Window& s = l.window;
  const Range oy = positions(s.in_h, s.out_h, s.stride, s.pad_top, ky);
  const Range ox = positions(s.in_w, s.out_w, s.stride, s.pad_left, kx);
  const std::size_t rows = s.in_c / s.groups, cols = s.out_c / s.groups;
  Walk walk;
  walk.n = p.n;
  walk.h = ox.from < ox.to ? oy.to - oy.from : 0;
  walk.w = ox.to - ox.from;
  walk.x_n = s.in_size();
  walk.x_h = std::size_t{s.stride} * s.in_w * s.in_c;
  walk.x_w = std::size_t{s.stride} * s.in_c;
  walk.dy_n = s.out_size();
  walk.dy_h = std::size_t{s.out_w} * s.out_c;
  walk.dy_w = s.out_c;
  // The first real position; for an empty walk nothing is read.
  const std::size_t iy = std::size_t{oy.from} * s.stride + ky - s.pad_top;
  const std::size_t ix = std::size_t{ox.from} * s.stride + kx - s.pad_left;
  const bool empty = walk.h == 0 || walk.w == 0;
  const float* const x = p.floats(l.x) + (empty ? 0 : (iy * s.in_w + ix) * s.in_c);
  const float* const dy =
      p.floats(l.dy) + (empty ? 0 : (std::size_t{oy.from} * s.out_w + ox.from) * s.out_c);
  const std::size_t tap = (std::size_t{ky} * s.kernel_w + kx) * rows * s.out_c;
  std::uint32_t flags = 0;
  for (std::uint32_t g = 0; g < s.groups; ++g) {
    const std::size_t at = tap + g * cols;
    float* const sum = sum_of(p, l.sum_w);
    flags |= p.kernels->outer_update(p.floats(l.w) + at, sum ? sum + at : nullptr, s.out_c, rows,
                                     cols, x + g * rows, dy + g * cols, walk, p.update);
  }
  return flags;
}

}  // namespace

std::uint32_t conv2d_forward(const Pass& p, const LayerRun& l) {
  p.kernels->conv_forward(p.floats(l.y), p.floats(l.x), p.floats(l.w),
                          l.is(LayerRun::kHasBias) ? p.floats(l.b) : nullptr, l.window, p.n);
  return 0;
}

std::uint32_t conv2d_backward(const Pass& p, const LayerRun& l) {
  if (l.dx.wanted) {
    start_chain(p, l);
    p.kernels->conv_input_gradient(p.floats(l.dx.offset), p.floats(l.dy), p.floats(l.w),
                                   p.floats(l.scratch), l.window, p.n);
    end_chain(p, l);
  }
  std::uint32_t flags = update_bias(p, l);
  for (std::uint32_t ky = 0; ky < l.window.kernel_h && l.is(LayerRun::kTrained); ++ky)
    for (std::uint32_t kx = 0; kx < l.window.kernel_w; ++kx) flags |= update_tap(p, l, ky, kx);
  return flags;
}

}  // namespace hone::layers
