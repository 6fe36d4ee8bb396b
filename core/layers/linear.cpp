#include "gradients.hpp"

// Linear, and a 1x1 convolution as linear over its pixels: y[n, out] = x[n, in] W + b.
namespace hone::layers {

namespace {
std::size_t rows_of(const Pass& p, const LayerRun& l) {
  return std::size_t{p.n} * l.window.out_h * l.window.out_w;
}
}  // namespace

std::uint32_t linear_forward(const Pass& p, const LayerRun& l) {
  p.kernels->dense_forward(p.floats(l.y), p.floats(l.x), p.floats(l.w),
                           l.is(LayerRun::kHasBias) ? p.floats(l.b) : nullptr, rows_of(p, l),
                           l.window.in_c, l.window.out_c);
  return 0;
}

std::uint32_t linear_backward(const Pass& p, const LayerRun& l) {
  const std::uint32_t bias = update_bias(p, l);
  GradientEnd end;
  end.resumes = l.dx.resumes;
  end.finishes = l.dx.finishes;
  end.act = l.applies;
  end.slope = l.scale;
  if (l.applies != Activation::none) end.y = p.floats(l.x);
  return bias | p.kernels->dense_backward(p.floats(l.w), sum_of(p, l.sum_w),
                                          l.dx.wanted ? p.floats(l.dx.offset) : nullptr,
                                          p.floats(l.x), p.floats(l.dy), p.floats(l.scratch),
                                          rows_of(p, l), l.window.in_c, l.window.out_c,
                                          l.is(LayerRun::kTrained) ? &p.update : nullptr, end);
}

}  // namespace hone::layers
