#include "leaves.hpp"

namespace hone {
namespace HONE_LEAF_NS {
namespace {

// hone::Stream in the form that an ISA's object may hold: no inline function of a shared header.
// tests/kernels/test_dropout.cpp keeps the two equal.
constexpr std::size_t kStreamLanes = 8, kBlock = 16;

std::uint32_t mixed(std::uint32_t z) {
  z ^= z >> 16;
  z *= 0x85EBCA6Bu;
  z ^= z >> 13;
  z *= 0xC2B2AE35u;
  return z ^ (z >> 16);
}

void seed_lanes(std::uint32_t* lane, std::uint32_t u) {
  for (std::uint32_t j = 0; j < kStreamLanes; ++j) {
    const std::uint32_t z = mixed(u + 0x9E3779B9u * (j + 1));
    lane[j] = z ? z : 1;
  }
}

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

inline float scaled(float x, float scale, std::uint32_t keep) {
  const float y = store_floor(x * scale);
  std::uint32_t u;
  std::memcpy(&u, &y, sizeof u);
  u &= keep;
  float masked;
  std::memcpy(&masked, &u, sizeof masked);
  return masked;
}

}  // namespace

void dropout(float* y, const float* x, std::size_t spatial, std::size_t channels, std::uint32_t u,
             std::uint32_t threshold, float scale) {
  std::uint32_t lane[kStreamLanes];
  seed_lanes(lane, u);
  for (std::size_t c = 0; c < channels; c += kBlock) {
    std::uint32_t keep[kBlock];
    next_block(keep, lane, threshold);
    const std::size_t width = channels - c < kBlock ? channels - c : kBlock;
    for (std::size_t s = 0; s < spatial; ++s) {
      const float* const from = x + s * channels + c;
      float* const to = y + s * channels + c;
      if (width == kBlock) {
        float t[kBlock];
        for (std::size_t j = 0; j < kBlock; ++j) t[j] = scaled(from[j], scale, keep[j]);
        for (std::size_t j = 0; j < kBlock; ++j) to[j] = t[j];
      } else {
        for (std::size_t j = 0; j < width; ++j) to[j] = scaled(from[j], scale, keep[j]);
      }
    }
  }
}

}  // namespace HONE_LEAF_NS
}  // namespace hone
