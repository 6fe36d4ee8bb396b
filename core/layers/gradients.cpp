#include "gradients.hpp"

namespace hone::layers {

// The bias is a weight whose input is 1 at every output pixel.
std::uint32_t update_bias(const Pass& p, const LayerRun& l) {
  if (!l.is(LayerRun::kHasBias) || !l.is(LayerRun::kTrained)) return 0;
  static constexpr float kOne = 1.0f;
  const Window& s = l.window;
  Update update = p.update;
  if (!l.is(LayerRun::kDecaysBias)) update.shrink = update.pull = 0;
  Walk walk;
  walk.n = std::size_t{p.n} * s.out_h * s.out_w;
  walk.dy_n = s.out_c;
  return p.kernels->outer_update(p.floats(l.b), sum_of(p, l.sum_b), s.out_c, 1, s.out_c, &kOne,
                                 p.floats(l.dy), walk, update);
}

}  // namespace hone::layers
