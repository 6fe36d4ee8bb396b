#include "gradients.hpp"

// Linear, and a 1x1 convolution as linear over its pixels: y[n, out] = x[n, in] W + b.
namespace hone::layers {

namespace {

std::size_t rows_of(const Pass& p, const LayerRun& l) {
  return std::size_t{p.n} * l.window.out_h * l.window.out_w;
}

// The bias is a weight whose input is 1 in every row.
std::uint32_t update_bias(const Pass& p, const LayerRun& l) {
  if (!l.is(LayerRun::kHasBias) || !l.is(LayerRun::kTrained)) return 0;
  static constexpr float kOne = 1.0f;
  const std::size_t out = l.window.out_c;
  Walk walk;
  walk.n = rows_of(p, l);
  walk.dy_n = out;
  return p.kernels->outer_update(p.floats(l.b), sum_of(p, l.sum_b()), out, 1, out, &kOne,
                                 p.floats(l.dy), walk, update_of_bias(p, l));
}

}  // namespace

std::uint32_t linear_forward(const Pass& p, const LayerRun& l) {
  p.kernels->dense_forward(p.floats(l.y), p.floats(l.x), p.floats(l.w), bias_of(p, l),
                           rows_of(p, l), l.window.in_c, l.window.out_c, end_of_output(p, l));
  return 0;
}

std::uint32_t linear_backward(const Pass& p, const LayerRun& l) {
  const std::uint32_t bias = update_bias(p, l);
  return bias | p.kernels->dense_backward(
                    p.floats(l.w), sum_of(p, l.sum_w), input_gradient(p, l), p.floats(l.x),
                    p.floats(l.dy), p.floats(l.backward_scratch()), rows_of(p, l), l.window.in_c,
                    l.window.out_c, l.is(LayerRun::kTrained) ? &p.update : nullptr,
                    end_of_gradient(p, l));
}

}  // namespace hone::layers
