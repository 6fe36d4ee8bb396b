#include "dropout_draws.hpp"

namespace hone {
namespace HONE_LEAF_NS {
namespace {

// The next block: keep[i] is all ones where 16-bit value i is at or above the threshold.
void next_block(std::uint32_t* keep, std::uint32_t* lane, std::uint32_t threshold) {
  for (std::size_t j = 0; j < kStreamLanes; ++j) {
    std::uint32_t s = lane[j];
    s ^= s << 13;
    s ^= s >> 17;
    s ^= s << 5;
    lane[j] = s;
    keep[j] = (s & 0xFFFFu) < threshold ? 0u : ~0u;
    keep[j + kStreamLanes] = (s >> 16) < threshold ? 0u : ~0u;
  }
}

}  // namespace

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
