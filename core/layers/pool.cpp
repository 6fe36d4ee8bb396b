#include "gradients.hpp"

namespace hone::layers {

std::uint32_t max_pool_forward(const Pass& p, const LayerRun& l) {
  if (l.is(LayerRun::kRunsBefore)) return 0;
  const bool routes = p.training && l.is(LayerRun::kBackward);
  p.kernels->max_pool_forward(p.floats(l.y), routes ? p.arena + l.aux : nullptr, p.floats(l.x),
                              l.window, p.n);
  return 0;
}

std::uint32_t max_pool_backward(const Pass& p, const LayerRun& l) {
  const float* const y = l.applies == Activation::none ? nullptr : p.floats(l.y);
  float* const dy = p.floats(l.dy);
  if (l.is(LayerRun::kRunsBefore)) {  // the convolution before it routes dy as it is
    if (y) p.kernels->finish_gradient(dy, y, output_size(p, l), l.applies, l.factor.f32);
    return 0;
  }
  if (!l.dx.wanted) return 0;
  float* const dx = gradient_of(p, l.from);
  const std::size_t n = input_size(p, l);
  if (!l.dx.resumes) std::memset(dx, 0, n * sizeof(float));
  p.kernels->max_pool_backward(dx, dy, p.arena + l.aux, y, l.applies, l.factor.f32, l.window, p.n);
  if (l.dx.finishes) p.kernels->finish_gradient(dx, nullptr, n, Activation::none, 0);
  return 0;
}

std::uint32_t avg_pool_forward(const Pass& p, const LayerRun& l) {
  p.kernels->avg_pool_forward(p.floats(l.y), p.floats(l.x), l.window, p.n);
  return 0;
}

std::uint32_t avg_pool_backward(const Pass& p, const LayerRun& l) {
  if (!l.dx.wanted) return 0;
  p.kernels->avg_pool_backward(gradient_of(p, l.from), p.floats(l.dy), l.window, p.n,
                               end_of_gradient(p, l));
  return 0;
}

}  // namespace hone::layers
