#include "each.hpp"

namespace hone {
namespace HONE_LEAF_NS {
namespace {

std::uint32_t is_kept(float y, Activation act) {
  switch (act) {
    case Activation::relu:
    case Activation::leaky_relu:
      return y > 0.0f ? 1u : 0u;
    case Activation::relu6:
      return (y > 0.0f ? 1u : 0u) & (y < 6.0f ? 1u : 0u);
    case Activation::none:
      break;
  }
  return 1u;
}

}  // namespace

void activate(float* y, const float* x, std::size_t n, Activation act, float slope) {
  switch (act) {
    case Activation::none:
      std::memmove(y, x, n * sizeof(float));
      return;
    case Activation::relu:
      return each(y, x, n, [](float v) { return v > 0.0f ? v : 0.0f; });
    case Activation::relu6:
      return each(y, x, n, [](float v) {
        const float positive = v > 0.0f ? v : 0.0f;
        return positive < 6.0f ? positive : 6.0f;
      });
    case Activation::leaky_relu:
      return each(y, x, n, [slope](float v) {
        const float small = store_floor(slope * v);
        return v > 0.0f ? v : small;
      });
  }
}

void finish_gradient(float* d, const float* y, std::size_t n, Activation act, float slope) {
  switch (act) {
    case Activation::none:
      return each(d, d, n, [](float g) { return store_floor(g); });
    case Activation::relu:
      return each_pair(d, d, y, n,
                       [](float g, float v) { return v > 0.0f ? store_floor(g) : 0.0f; });
    case Activation::relu6:
      return each_pair(d, d, y, n, [](float g, float v) {
        const float below = v < 6.0f ? store_floor(g) : 0.0f;
        return v > 0.0f ? below : 0.0f;
      });
    case Activation::leaky_relu:
      return each_pair(d, d, y, n, [slope](float g, float v) {
        const float whole = store_floor(g);
        const float small = store_floor(slope * whole);
        return v > 0.0f ? whole : small;
      });
  }
}

void keep_mask(std::uint8_t* bits, const float* y, std::size_t n, Activation act) {
  for (std::size_t i = 0; i < n; i += 8) {
    const std::size_t count = n - i < 8 ? n - i : 8;
    std::uint32_t byte = 0;
    for (std::size_t j = 0; j < count; ++j) byte |= is_kept(y[i + j], act) << j;
    bits[i / 8] = static_cast<std::uint8_t>(byte);
  }
}

void finish_gradient_masked(float* d, const std::uint8_t* bits, std::size_t n, Activation act,
                            float slope) {
  // What a cleared bit multiplies the gradient with: `none` clears no bit.
  const float other = act == Activation::leaky_relu ? slope : 0.0f;
  for (std::size_t i = 0; i < n; i += 8) {
    const std::uint32_t byte = bits[i / 8];
    const std::size_t count = n - i < 8 ? n - i : 8;
    float kept[8];
    for (std::uint32_t j = 0; j < 8; ++j) kept[j] = (byte >> j) & 1u ? 1.0f : 0.0f;
    each_pair(d + i, d + i, kept, count, [other](float g, float keep) {
      const float whole = store_floor(g);
      const float small = other == 0.0f ? 0.0f : store_floor(other * whole);
      return keep > 0.0f ? whole : small;
    });
  }
}

}  // namespace HONE_LEAF_NS
}  // namespace hone
