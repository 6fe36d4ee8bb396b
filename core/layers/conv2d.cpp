#include "gradients.hpp"
#include "pool_of.hpp"

namespace hone::layers {

std::uint32_t conv2d_forward(const Pass& p, const LayerRun& l) {
  const PoolOf pool(p, l);
  p.kernels->conv_forward(p.floats(l.y), p.floats(l.x), p.floats(l.w), bias_of(p, l), l.window,
                          pool.use, p.n, end_of_output(p, l), p.floats(l.aux),
                          l.is(LayerRun::kFast));
  return 0;
}

std::uint32_t conv2d_backward(const Pass& p, const LayerRun& l) {
  const PoolOf pool(p, l);
  const Update bias_update = update_of_bias(p, l);
  return p.kernels->conv_backward(conv_weights(p, l, bias_update), input_gradient(p, l),
                                  p.floats(l.x), p.floats(l.dy), l.window, pool.use, p.n,
                                  end_of_gradient(p, l), p.floats(l.backward_scratch()),
                                  l.is(LayerRun::kFast));
}

}  // namespace hone::layers
