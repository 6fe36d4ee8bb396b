#include "hone/random.hpp"
#include "kernels/integer/leaves.hpp"

namespace hone {
namespace HONE_LEAF_NS {
namespace integer {

std::uint64_t dropout(std::int8_t* y, const std::int8_t* x, std::size_t spatial,
                      std::size_t channels, std::uint32_t u, std::uint32_t threshold,
                      std::int32_t scale, int shift) {
  Stream stream(u);
  std::uint64_t seen = 0;
  for (std::size_t c = 0; c < channels; ++c) {
    const std::int32_t factor = stream.next16() < threshold ? 0 : scale;
    for (std::size_t i = c; i < spatial * channels; i += channels) {
      const std::int64_t sum = std::int64_t{x[i]} * factor;
      seen |= magnitude_bits(sum);
      y[i] = quantised(sum, shift);
    }
  }
  return seen;
}

}  // namespace integer
}  // namespace HONE_LEAF_NS
}  // namespace hone
