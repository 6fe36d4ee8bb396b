#include "core/kernels/dropout_draws.hpp"
#include "isa.hpp"
#include "lanes.hpp"

namespace hone {
namespace HONE_LEAF_NS {
namespace {

// Integers side by side, one for each lane of a stream: gcc and clang divide them among registers.
// A lane type has no integers, and this is their one use; the plain loops took 4 cycles an element
// on AVX2 (8 % of a step of W2b64), these vectors less than 1. Signed, because x86 before AVX-512
// compares no others; values and thresholds are below 2^17.
using Lanes = std::int32_t __attribute__((vector_size(kStreamLanes * 4)));
using Draws = std::uint32_t __attribute__((vector_size(kStreamLanes * 4)));
using Floats = float __attribute__((vector_size(kStreamLanes * 4)));

HONE_INLINE void drop_half(float* y, const float* x, const Lanes& keep, float scale) {
  Floats v;
  std::memcpy(&v, x, sizeof v);
  v *= scale;
  Lanes bits;
  std::memcpy(&bits, &v, sizeof bits);
  bits &= keep & ((bits & 0x7FFFFFFF) > kBelowFloor);
  std::memcpy(y, &bits, sizeof bits);
}

}  // namespace

namespace lanes {

void dropout(float* y, const float* x, std::size_t spatial, std::size_t channels, std::uint32_t u,
             std::uint32_t threshold, float scale) {
  const auto least = static_cast<std::int32_t>(threshold);
  std::uint32_t seeds[kStreamLanes];
  seed_lanes(seeds, u);
  Draws state;
  std::memcpy(&state, seeds, sizeof state);
  for (std::size_t c = 0; c < channels; c += kDropBlock) {
    advance(state);
    const Lanes low = (Lanes)(state & 0xFFFFu) >= least, high = (Lanes)(state >> 16) >= least;
    if (c + kDropBlock <= channels) {
      for (std::size_t s = 0; s < spatial; ++s) {
        const std::size_t at = s * channels + c;
        drop_half(y + at, x + at, low, scale);
        drop_half(y + at + kStreamLanes, x + at + kStreamLanes, high, scale);
      }
      continue;
    }
    std::uint32_t keep[kDropBlock];
    std::memcpy(keep, &low, sizeof low);
    std::memcpy(keep + kStreamLanes, &high, sizeof high);
    for (std::size_t s = 0; s < spatial; ++s)
      for (std::size_t j = 0; j < channels - c; ++j)
        y[s * channels + c + j] = dropped(x[s * channels + c + j], scale, keep[j]);
  }
}

}  // namespace lanes
}  // namespace HONE_LEAF_NS
}  // namespace hone
