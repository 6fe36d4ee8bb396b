#include "conv_blocks.hpp"
#include "conv_input_gradient.hpp"
#include "conv_pooled_backward.hpp"
#include "ends.hpp"
#include "product_tile.hpp"
#include "window_geometry.hpp"

namespace hone {
namespace HONE_LEAF_NS {
namespace {

HONE_OWN_FRAME std::uint32_t update(const ConvWeights& weights, const float* x, const float* dy,
                                    const Window& s, std::size_t n) {
  return for_each_block(weights, x, s, n, [&](const WeightBlock& b) {
    const std::size_t first = (std::size_t{b.oy} * s.out_w + b.ox) * s.out_c + b.channel;
    return outer_update(b.w, b.sum, s.out_c, b.rows, b.cols, b.x, dy + first, b.walk, *b.update);
  });
}

}  // namespace

std::uint32_t conv_backward(const ConvWeights& weights, float* dx, const float* x, const float* dy,
                            const Window& s, const Pooled* pool, std::size_t n,
                            const GradientEnd& end, float* scratch, bool fast) {
  std::uint32_t flags = 0;
  if (dx) start(end, dx, n * image_size(s));
  if (pool) {
    flags = conv_pooled_backward(weights, dx, x, dy, s, *pool, n, scratch, fast);
  } else {
    if (dx) conv_input_gradient(dx, dy, weights.w, scratch, s, n);
    if (weights.update) flags = update(weights, x, dy, s, n);
  }
  if (dx) finish(end, dx, 0, n * image_size(s));
  return flags;
}

}  // namespace HONE_LEAF_NS
}  // namespace hone
