#include "gradients.hpp"

namespace hone::layers {

std::uint32_t flatten_forward(const Pass& p, const LayerRun& l) {
  if (l.x != l.y) std::memcpy(p.floats(l.y), p.floats(l.x), output_size(p, l) * sizeof(float));
  return 0;
}

std::uint32_t flatten_backward(const Pass& p, const LayerRun& l) {
  contribute(p, l.dx, l.from, p.floats(l.dy), output_size(p, l));
  return 0;
}

}  // namespace hone::layers
