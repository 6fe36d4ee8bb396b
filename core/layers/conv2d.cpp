#include "gradients.hpp"

namespace hone::layers {

namespace {

/// The max pool that runs in one pass with l.
struct PoolOf {
  Pooled pooled;
  const Pooled* use;  ///< null: none

  PoolOf(const Pass& p, const LayerRun& l) : use(l.pool ? &pooled : nullptr) {
    if (!l.pool) return;
    const LayerRun& pool = p.layer[l.pool];
    pooled.window = pool.window;
    pooled.routes = p.training && pool.is(LayerRun::kBackward) ? p.arena + pool.aux : nullptr;
  }
};

}  // namespace

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
