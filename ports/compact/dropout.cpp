#include "hone/random.hpp"
#include "leaves.hpp"

namespace hone {
namespace HONE_LEAF_NS {

void dropout(float* y, const float* x, std::size_t spatial, std::size_t channels, std::uint32_t u,
             std::uint32_t threshold, float scale) {
  Stream stream(u);
  for (std::size_t c = 0; c < channels; ++c) {
    const bool drops = stream.next16() < threshold;
    for (std::size_t i = c; i < spatial * channels; i += channels)
      y[i] = drops ? 0.0f : store_floor(x[i] * scale);
  }
}

}  // namespace HONE_LEAF_NS
}  // namespace hone
