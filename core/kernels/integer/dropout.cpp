#include "kernels/dropout_draws.hpp"

#include "leaves.hpp"

namespace hone {
namespace HONE_LEAF_NS {
namespace integer {

std::uint64_t dropout(std::int8_t* y, const std::int8_t* x, std::size_t spatial,
                      std::size_t channels, std::uint32_t u, std::uint32_t threshold,
                      std::int32_t scale, int shift) {
  std::uint32_t lane[kStreamLanes];
  seed_lanes(lane, u);
  std::uint64_t seen = 0;
  for (std::size_t c = 0; c < channels; c += kDropBlock) {
    std::uint32_t keep[kDropBlock];
    next_block(keep, lane, threshold);
    const std::size_t width = channels - c < kDropBlock ? channels - c : kDropBlock;
    for (std::size_t s = 0; s < spatial; ++s)
      for (std::size_t j = 0; j < width; ++j) {
        const std::size_t at = s * channels + c + j;
        const std::int64_t sum = keep[j] ? std::int64_t{x[at]} * scale : 0;
        seen |= magnitude_bits(sum);
        y[at] = quantised(sum, shift);
      }
  }
  return seen;
}

}  // namespace integer
}  // namespace HONE_LEAF_NS
}  // namespace hone
