#include "conv_blocks.hpp"

#include "conv_taps.hpp"

namespace hone {
namespace HONE_LEAF_NS {
namespace {

Walk walk_of(const Window& s, std::size_t n, std::uint32_t rows, std::uint32_t cols) {
  Walk walk;
  walk.n = n;
  walk.h = rows;
  walk.w = cols;
  walk.dy_n = output_size(s);
  walk.dy_h = std::size_t{s.out_w} * s.out_c;
  walk.dy_w = s.out_c;
  return walk;
}

// The bias is a weight whose input is 1 at every output pixel.
constexpr float kOne = 1.0f;
WeightBlock bias_block(const ConvWeights& weights, const Window& s, std::size_t n) {
  return {weights.bias,
          weights.bias_sum,
          1,
          s.out_c,
          0,
          &kOne,
          walk_of(s, n, s.out_h, s.out_w),
          0,
          0,
          weights.bias_update};
}

WeightBlock tap_block(const ConvWeights& weights, const float* x, const Window& s, std::size_t n,
                      const Tap& tap, std::size_t g) {
  const std::size_t in_c = s.in_c / s.groups, out_c = s.out_c / s.groups;
  const std::size_t at = tap.at + g * out_c;
  WeightBlock b{weights.w + at,
                weights.sum ? weights.sum + at : nullptr,
                in_c,
                out_c,
                g * out_c,
                x + g * in_c,
                walk_of(s, n, tap.ys.end - tap.ys.begin, tap.xs.end - tap.xs.begin),
                tap.ys.begin,
                tap.xs.begin,
                weights.update};
  if (is_empty(tap.ys) || is_empty(tap.xs)) {
    b.walk.h = b.walk.w = 0;  // nothing is read
    return b;
  }
  b.x += first_pixel(s, tap, tap.ys.begin);
  b.walk.x_n = image_size(s);
  b.walk.x_h = std::size_t{s.stride} * s.in_w * s.in_c;
  b.walk.x_w = std::size_t{s.stride} * s.in_c;
  return b;
}

}  // namespace

WeightBlock block_of(const ConvWeights& weights, const float* x, const Window& s, std::size_t n,
                     std::size_t k) {
  const auto tap = static_cast<std::uint32_t>(k / s.groups);
  if (tap == s.kernel_h * s.kernel_w) return bias_block(weights, s, n);
  return tap_block(weights, x, s, n, tap_of(s, tap / s.kernel_w, tap % s.kernel_w), k % s.groups);
}

}  // namespace HONE_LEAF_NS
}  // namespace hone
