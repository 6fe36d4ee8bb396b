#include "ends.hpp"
#include "layers/pool_of.hpp"

namespace hone::layers::integer {

namespace {

// The exponents of forward sums and of those of dx.
int forward_exponent(const Pass& p, const LayerRun& l) {
  return output_scale(p, l.from).now + weight_scale(p, l.layer).e;
}
int backward_exponent(const Pass& p, const LayerRun& l) {
  return gradient_scale(p, l.layer).now + weight_scale(p, l.layer).e;
}

const std::int16_t* weights_of(const Pass& p, const LayerRun& l) {
  return reinterpret_cast<const std::int16_t*>(p.arena + l.w);
}
const std::int32_t* bias_of(const Pass& p, const LayerRun& l) {
  return l.is(LayerRun::kHasBias) ? reinterpret_cast<const std::int32_t*>(p.arena + l.b) : nullptr;
}

std::uint32_t finish_forward(const Pass& p, const LayerRun& l, int e, std::uint64_t seen) {
  Scale& output = output_scale(p, l.layer);
  if (l.is(LayerRun::kToLoss)) {
    output.now = static_cast<std::int8_t>(e);
  } else {
    note(p, output, e, seen);
  }
  return 0;
}

std::size_t rows_of(const Pass& p, const LayerRun& l) {
  return std::size_t{p.n} * l.window.out_h * l.window.out_w;
}

}  // namespace

std::uint32_t linear_forward(const Pass& p, const LayerRun& l) {
  const int e = forward_exponent(p, l);
  return finish_forward(
      p, l, e,
      p.integer->leaves->dense_forward(mantissas(p, l.y), mantissas(p, l.x), weights_of(p, l),
                                       bias_of(p, l), e - kBiasExponent, rows_of(p, l),
                                       l.window.in_c, l.window.out_c, end_of_output(p, l, e)));
}

std::uint32_t linear_backward(const Pass& p, const LayerRun& l) {
  const int e = backward_exponent(p, l);
  const Parameters parameters(p, l);
  return finish_backward(p, l, e,
                         p.integer->leaves->dense_backward(
                             parameters.use, input_gradient(p, l), mantissas(p, l.x),
                             mantissas(p, l.dy), rows_of(p, l), l.window.in_c, l.window.out_c,
                             end_of_gradient(p, l, e), mantissas(p, l.backward_scratch())));
}

std::uint32_t conv2d_forward(const Pass& p, const LayerRun& l) {
  const int e = forward_exponent(p, l);
  const PoolOf pool(p, l);
  return finish_forward(
      p, l, e,
      p.integer->leaves->conv_forward(mantissas(p, l.y), mantissas(p, l.x), weights_of(p, l),
                                      bias_of(p, l), e - kBiasExponent, l.window, pool.use, p.n,
                                      end_of_output(p, l, e), mantissas(p, l.aux)));
}

std::uint32_t conv2d_backward(const Pass& p, const LayerRun& l) {
  const int e = backward_exponent(p, l);
  const PoolOf pool(p, l);
  const Parameters parameters(p, l);
  return finish_backward(
      p, l, e,
      p.integer->leaves->conv_backward(
          parameters.use, input_gradient(p, l), mantissas(p, l.x), mantissas(p, l.dy), l.window,
          pool.use, p.n, end_of_gradient(p, l, e), mantissas(p, l.backward_scratch())));
}

std::uint32_t depthwise_forward(const Pass& p, const LayerRun& l) {
  const int e = forward_exponent(p, l);
  return finish_forward(p, l, e,
                        p.integer->leaves->depthwise_forward(
                            mantissas(p, l.y), mantissas(p, l.x), weights_of(p, l), bias_of(p, l),
                            e - kBiasExponent, l.window, p.n, end_of_output(p, l, e)));
}

std::uint32_t depthwise_backward(const Pass& p, const LayerRun& l) {
  const int e = backward_exponent(p, l);
  const Parameters parameters(p, l);
  return finish_backward(p, l, e,
                         p.integer->leaves->depthwise_backward(
                             parameters.use, input_gradient(p, l), mantissas(p, l.x),
                             mantissas(p, l.dy), l.window, p.n, end_of_gradient(p, l, e)));
}

}  // namespace hone::layers::integer
