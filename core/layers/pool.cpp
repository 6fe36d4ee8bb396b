#include "gradients.hpp"

namespace hone::layers {

std::uint32_t max_pool_forward(const Pass& p, const LayerRun& l) {
  const bool routes = p.training && l.is(LayerRun::kBackward);
  p.kernels->max_pool_forward(p.floats(l.y), routes ? p.arena + l.aux : nullptr, p.floats(l.x),
                              l.window, p.n);
  return 0;
}

std::uint32_t max_pool_backward(const Pass& p, const LayerRun& l) {
  if (!l.dx.wanted) return 0;
  start_chain(p, l);
  const float* const y = l.applies == Activation::none ? nullptr : p.floats(l.y);
  p.kernels->max_pool_backward(p.floats(l.dx.offset), p.floats(l.dy), p.arena + l.aux, y, l.applies,
                               l.scale, l.window, p.n);
  end_chain(p, l);
  return 0;
}

std::uint32_t avg_pool_forward(const Pass& p, const LayerRun& l) {
  p.kernels->avg_pool_forward(p.floats(l.y), p.floats(l.x), l.window, p.n);
  return 0;
}

std::uint32_t avg_pool_backward(const Pass& p, const LayerRun& l) {
  if (!l.dx.wanted) return 0;
  start_chain(p, l);
  p.kernels->avg_pool_backward(p.floats(l.dx.offset), p.floats(l.dy), l.window, p.n);
  end_chain(p, l);
  return 0;
}

}  // namespace hone::layers
