#include "gradients.hpp"
#include "hone/random.hpp"

// Inverted dropout without a mask in memory: backward draws again what forward drew.
namespace hone::layers {

namespace {

void drop(const Pass& p, const LayerRun& l, float* to, const float* from) {
  const Window& s = l.window;
  const std::size_t size = s.out_size();
  const std::size_t channels = l.is(LayerRun::kChannels) ? s.out_c : size;
  for (std::uint32_t i = 0; i < p.n; ++i) {
    const std::uint32_t u = stream_seed(p.seed, Purpose::dropout, p.step, l.layer, p.first + i);
    p.kernels->dropout(to + i * size, from + i * size, size / channels, channels, u,
                       l.drop_threshold(), l.factor.f32);
  }
}

}  // namespace

std::uint32_t dropout_forward(const Pass& p, const LayerRun& l) {
  if (p.training && l.is(LayerRun::kDrops)) {
    drop(p, l, p.floats(l.y), p.floats(l.x));
  } else if (l.x != l.y) {
    std::memcpy(p.floats(l.y), p.floats(l.x), output_size(p, l) * sizeof(float));
  }
  return 0;
}

std::uint32_t dropout_backward(const Pass& p, const LayerRun& l) {
  float* const d = p.floats(l.dy);
  if (l.is(LayerRun::kDrops)) drop(p, l, d, d);
  contribute(p, l.dx, l.from, d, output_size(p, l));
  return 0;
}

}  // namespace hone::layers
