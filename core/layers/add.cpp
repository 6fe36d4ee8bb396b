#include "gradients.hpp"

namespace hone::layers {

std::uint32_t add_forward(const Pass& p, const LayerRun& l) {
  p.kernels->add(p.floats(l.y), p.floats(l.x), p.floats(p.layer[l.from2].y), output_size(p, l));
  return 0;
}

std::uint32_t add_backward(const Pass& p, const LayerRun& l) {
  contribute(p, l.dx, l.from, p.floats(l.dy), output_size(p, l));
  contribute(p, l.dx2, l.from2, p.floats(l.dy), output_size(p, l));
  return 0;
}

}  // namespace hone::layers
