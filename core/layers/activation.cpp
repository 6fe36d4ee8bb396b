#include "gradients.hpp"

namespace hone::layers {

std::uint32_t activation_forward(const Pass& p, const LayerRun& l) {
  const Activation act = detail::activation_of(l.op);
  if (!l.is(LayerRun::kRunsBefore))
    p.kernels->activate(p.floats(l.y), p.floats(l.x), output_size(p, l), act, l.factor.f32);
  if (p.training && l.mask == Mask::bits)
    p.kernels->keep_mask(p.arena + l.aux, p.floats(l.y), output_size(p, l), act);
  return 0;
}

std::uint32_t activation_backward(const Pass& p, const LayerRun& l) {
  const Activation act = detail::activation_of(l.op);
  const std::size_t n = output_size(p, l);
  float* const d = p.floats(l.dy);
  if (l.mask == Mask::output) p.kernels->finish_gradient(d, p.floats(l.y), n, act, l.factor.f32);
  if (l.mask == Mask::bits)
    p.kernels->finish_gradient_masked(d, p.arena + l.aux, n, act, l.factor.f32);
  contribute(p, l.dx, l.from, d, n);
  return 0;
}

}  // namespace hone::layers
