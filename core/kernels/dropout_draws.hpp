#pragma once
#include "leaves.hpp"

// hone::Stream in the form that an ISA's object may hold: no inline function of a shared header.
// tests/kernels/test_dropout.cpp keeps the two equal.
namespace hone {
namespace HONE_LEAF_NS {

constexpr std::size_t kStreamLanes = 8;
/// Values of 16 bits that one step of all lanes gives: the low halves, then the high ones.
constexpr std::size_t kDropBlock = 2 * kStreamLanes;

/// One number, or several side by side.
template <class T>
static inline void mix(T& z) {
  z ^= z >> 16;
  z *= 0x85EBCA6Bu;
  z ^= z >> 13;
  z *= 0xC2B2AE35u;
  z ^= z >> 16;
}
static inline std::uint32_t mixed(std::uint32_t z) {
  mix(z);
  return z;
}

constexpr std::uint32_t kLaneStep = 0x9E3779B9u;
/// A lane before its first value; of_lane: kLaneStep * (1 + lane).
static inline std::uint32_t seeded_lane(std::uint32_t u, std::uint32_t of_lane) {
  const std::uint32_t z = mixed(u + of_lane);
  return z | (z == 0 ? 1u : 0u);
}
static inline void seed_lanes(std::uint32_t* lane, std::uint32_t u) {
  for (std::uint32_t j = 0; j < kStreamLanes; ++j) lane[j] = seeded_lane(u, kLaneStep * (j + 1));
}
/// The next value, of one lane or of several side by side.
template <class T>
static inline void advance(T& s) {
  s ^= s << 13;
  s ^= s >> 17;
  s ^= s << 5;
}

/// The next block: keep[i] is all ones where 16-bit value i is at or above the threshold.
static inline void next_block(std::uint32_t* keep, std::uint32_t* lane, std::uint32_t threshold) {
  for (std::size_t j = 0; j < kStreamLanes; ++j) {
    advance(lane[j]);
    const std::uint32_t s = lane[j];
    keep[j] = (s & 0xFFFFu) < threshold ? 0u : ~0u;
    keep[j + kStreamLanes] = (s >> 16) < threshold ? 0u : ~0u;
  }
}

/// store_floor(x * scale) where `keep` is all ones, +0 where it is 0.
static inline float dropped(float x, float scale, std::uint32_t keep) {
  const float y = store_floor(x * scale);
  std::uint32_t u;
  std::memcpy(&u, &y, sizeof u);
  u &= keep;
  float masked;
  std::memcpy(&masked, &u, sizeof masked);
  return masked;
}

}  // namespace HONE_LEAF_NS
}  // namespace hone
