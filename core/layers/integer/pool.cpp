#include "ends.hpp"

namespace hone::layers::integer {

std::uint32_t max_pool_forward(const Pass& p, const LayerRun& l) {
  output_scale(p, l.layer).now = output_scale(p, l.from).now;
  const bool routes = p.training && l.is(LayerRun::kBackward);
  p.integer->leaves->max_pool_forward(mantissas(p, l.y), routes ? p.arena + l.aux : nullptr,
                                      mantissas(p, l.x), l.window, p.n);
  return 0;
}

namespace {

// The derivative is read from the output of the pool.
IntegerGradient end_of_pool(const Pass& p, const LayerRun& l) {
  IntegerGradient end = end_of_gradient(p, l, gradient_scale(p, l.layer).now);
  end.y = l.applies == Activation::none ? nullptr : mantissas(p, l.y);
  return end;
}

}  // namespace

std::uint32_t pooled_backward(const Pass& p, const LayerRun& l) {
  const IntegerGradient end = end_of_pool(p, l);
  if (end.y) p.integer->leaves->finish_gradient(mantissas(p, l.dy), output_size(p, l), end);
  gradient_scale(p, l.from).now = gradient_scale(p, l.layer).now;
  return 0;
}

std::uint32_t max_pool_backward(const Pass& p, const LayerRun& l) {
  if (!l.dx.wanted) return 0;
  const int e = gradient_scale(p, l.layer).now;
  IntegerGradient end = end_of_pool(p, l);
  Scale& input = gradient_scale(p, l.from);
  const Window& s = l.window;
  // At most one window sends to a pixel: the mantissas only move.
  const bool moves = !l.dx.resumes && s.stride >= s.kernel_h && s.stride >= s.kernel_w;
  if (moves) end.shift = 0;
  const std::uint64_t seen = p.integer->leaves->max_pool_backward(
      gradient_of(p, l.from), mantissas(p, l.dy), p.arena + l.aux, s, p.n, end);
  if (moves) {
    input.now = static_cast<std::int8_t>(e);
  } else {
    note(p, input, e, seen);
  }
  return 0;
}

std::uint32_t avg_pool_forward(const Pass& p, const LayerRun& l) {
  Scale& output = output_scale(p, l.layer);
  const int e = output_scale(p, l.from).now - kAverageBits;
  note(p, output, e,
       p.integer->leaves->avg_pool_forward(mantissas(p, l.y), mantissas(p, l.x), l.window, p.n,
                                           output.e - e));
  return 0;
}

std::uint32_t avg_pool_backward(const Pass& p, const LayerRun& l) {
  if (!l.dx.wanted) return 0;
  const int e = gradient_scale(p, l.layer).now - kAverageBits;
  note(p, gradient_scale(p, l.from), e,
       p.integer->leaves->avg_pool_backward(gradient_of(p, l.from), mantissas(p, l.dy), l.window,
                                            p.n, end_of_gradient(p, l, e)));
  return 0;
}

}  // namespace hone::layers::integer
