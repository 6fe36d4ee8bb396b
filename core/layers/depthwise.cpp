#include "gradients.hpp"

namespace hone::layers {

std::uint32_t depthwise_forward(const Pass& p, const LayerRun& l) {
  p.kernels->depthwise_forward(p.floats(l.y), p.floats(l.x), p.floats(l.w),
                               l.is(LayerRun::kHasBias) ? p.floats(l.b) : nullptr, l.window, p.n);
  return 0;
}

std::uint32_t depthwise_backward(const Pass& p, const LayerRun& l) {
  if (l.dx.wanted) {
    start_chain(p, l);
    p.kernels->depthwise_input_gradient(p.floats(l.dx.offset), p.floats(l.dy), p.floats(l.w),
                                        l.window, p.n);
    end_chain(p, l);
  }
  if (!l.is(LayerRun::kTrained)) return 0;
  return update_bias(p, l) | p.kernels->depthwise_update(p.floats(l.w), sum_of(p, l.sum_w),
                                                         p.floats(l.x), p.floats(l.dy), l.window,
                                                         p.n, p.update);
}

}  // namespace hone::layers
