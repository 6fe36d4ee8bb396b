#include "dropout_draws.hpp"

namespace hone {
namespace HONE_LEAF_NS {

void dropout(float* y, const float* x, std::size_t spatial, std::size_t channels, std::uint32_t u,
             std::uint32_t threshold, float scale) {
  std::uint32_t lane[kStreamLanes];
  seed_lanes(lane, u);
  for (std::size_t c = 0; c < channels; c += kDropBlock) {
    std::uint32_t keep[kDropBlock];
    next_block(keep, lane, threshold);
    const std::size_t width = channels - c < kDropBlock ? channels - c : kDropBlock;
    for (std::size_t s = 0; s < spatial; ++s) {
      const float* const from = x + s * channels + c;
      float* const to = y + s * channels + c;
      if (width == kDropBlock) {
        float t[kDropBlock];
        for (std::size_t j = 0; j < kDropBlock; ++j) t[j] = dropped(from[j], scale, keep[j]);
        for (std::size_t j = 0; j < kDropBlock; ++j) to[j] = t[j];
      } else {
        for (std::size_t j = 0; j < width; ++j) to[j] = dropped(from[j], scale, keep[j]);
      }
    }
  }
}

}  // namespace HONE_LEAF_NS
}  // namespace hone
