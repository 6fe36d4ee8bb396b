#include "ends.hpp"

namespace hone::layers::integer {

namespace {

// What the three kinds of products share.
struct Product {
  const Pass& p;
  const LayerRun& l;
  std::int8_t *y, *x, *dy;
  const std::int16_t* w;
  const std::int32_t* bias;
  Scale &input, &output, &gradient, &weights;
  int e;           // of forward sums
  int e_gradient;  // of the sums of dx

  Product(const Pass& pass, const LayerRun& run)
      : p(pass),
        l(run),
        y(mantissas(p, l.y)),
        x(mantissas(p, l.x)),
        dy(mantissas(p, l.dy)),
        w(reinterpret_cast<const std::int16_t*>(p.arena + l.w)),
        bias(l.is(LayerRun::kHasBias) ? reinterpret_cast<const std::int32_t*>(p.arena + l.b)
                                      : nullptr),
        input(output_scale(p, l.from)),
        output(output_scale(p, l.layer)),
        gradient(gradient_scale(p, l.layer)),
        weights(weight_scale(p, l.layer)),
        e(input.now + weights.e),
        e_gradient(gradient.now + weights.e) {}

  int bias_shift() const { return e - kBiasExponent; }
  std::uint32_t end_forward(const IntegerOutput& end, std::uint64_t seen) const {
    if (end.sums) {
      output.now = static_cast<std::int8_t>(e);
    } else {
      note(p, output, e, seen);
    }
    return 0;
  }
  std::uint32_t end_backward(const IntegerReport& report) const {
    finish_backward(p, l, e_gradient, report);
    return 0;
  }
};

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

std::size_t rows_of(const Pass& p, const LayerRun& l) {
  return std::size_t{p.n} * l.window.out_h * l.window.out_w;
}

}  // namespace

std::uint32_t linear_forward(const Pass& p, const LayerRun& l) {
  const Product a(p, l);
  const IntegerOutput end = end_of_output(p, l, a.e);
  return a.end_forward(
      end, p.integer->leaves->dense_forward(a.y, a.x, a.w, a.bias, a.bias_shift(), rows_of(p, l),
                                            l.window.in_c, l.window.out_c, end));
}

std::uint32_t linear_backward(const Pass& p, const LayerRun& l) {
  const Product a(p, l);
  const Parameters parameters(p, l);
  return a.end_backward(p.integer->leaves->dense_backward(
      parameters.use, input_gradient(p, l), a.x, a.dy, rows_of(p, l), l.window.in_c, l.window.out_c,
      end_of_gradient(p, l, a.e_gradient), mantissas(p, l.backward_scratch)));
}

std::uint32_t conv2d_forward(const Pass& p, const LayerRun& l) {
  const Product a(p, l);
  const PoolOf pool(p, l);
  const IntegerOutput end = end_of_output(p, l, a.e);
  return a.end_forward(
      end, p.integer->leaves->conv_forward(a.y, a.x, a.w, a.bias, a.bias_shift(), l.window,
                                           pool.use, p.n, end, mantissas(p, l.scratch)));
}

std::uint32_t conv2d_backward(const Pass& p, const LayerRun& l) {
  const Product a(p, l);
  const PoolOf pool(p, l);
  const Parameters parameters(p, l);
  return a.end_backward(p.integer->leaves->conv_backward(
      parameters.use, input_gradient(p, l), a.x, a.dy, l.window, pool.use, p.n,
      end_of_gradient(p, l, a.e_gradient), mantissas(p, l.backward_scratch)));
}

std::uint32_t depthwise_forward(const Pass& p, const LayerRun& l) {
  const Product a(p, l);
  const IntegerOutput end = end_of_output(p, l, a.e);
  return a.end_forward(end, p.integer->leaves->depthwise_forward(
                                a.y, a.x, a.w, a.bias, a.bias_shift(), l.window, p.n, end));
}

std::uint32_t depthwise_backward(const Pass& p, const LayerRun& l) {
  const Product a(p, l);
  const Parameters parameters(p, l);
  return a.end_backward(p.integer->leaves->depthwise_backward(parameters.use, input_gradient(p, l),
                                                              a.x, a.dy, l.window, p.n,
                                                              end_of_gradient(p, l, a.e_gradient)));
}

}  // namespace hone::layers::integer
