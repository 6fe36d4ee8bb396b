#include "gradients.hpp"

namespace hone::layers {

std::uint32_t depthwise_forward(const Pass& p, const LayerRun& l) {
  p.kernels->depthwise_forward(p.floats(l.y), p.floats(l.x), p.floats(l.w), bias_of(p, l), l.window,
                               p.n, end_of_output(p, l));
  return 0;
}

std::uint32_t depthwise_backward(const Pass& p, const LayerRun& l) {
  const Update bias_update = update_of_bias(p, l);
  return p.kernels->depthwise_backward(conv_weights(p, l, bias_update), input_gradient(p, l),
                                       p.floats(l.x), p.floats(l.dy), l.window, p.n,
                                       end_of_gradient(p, l));
}

}  // namespace hone::layers
