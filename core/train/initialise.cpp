#include "initialise.hpp"

#include "hone/numeric.hpp"
#include "hone/random.hpp"

namespace hone {

void initialise(const LayerRun& l, std::uint64_t seed, float* weights, float* biases) {
  const float limit = __builtin_sqrtf(6.0f / static_cast<float>(l.fan()));
  Stream stream(seed, Purpose::init, 0, l.layer, 0);
  for (std::uint32_t i = 0; i < l.weights; ++i) {
    // Exact: an odd integer of 17 bits times a power of two.
    const std::int32_t odd = 2 * static_cast<std::int32_t>(stream.next16()) + 1 - 65536;
    weights[i] = store_floor(limit * (static_cast<float>(odd) * 0x1p-16f));
  }
  for (std::uint32_t i = 0; i < l.biases(); ++i) biases[i] = 0.0f;
}

}  // namespace hone
