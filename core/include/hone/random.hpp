#pragma once
#include <cstddef>
#include <cstdint>

namespace hone {

/// What a stream of random numbers is for; part of its seed, so that streams never meet.
enum class Purpose : std::uint32_t {
  init = 1,
  shuffle = 2,
  dropout = 3,
  weight_update = 4,
  augmentation = 5,
  split = 6,
  synth = 7,
};

/// Bijective mixing of 32 bits (the finalizer of MurmurHash3).
constexpr std::uint32_t mix(std::uint32_t z) {
  z ^= z >> 16;
  z *= 0x85EBCA6Bu;
  z ^= z >> 13;
  z *= 0xC2B2AE35u;
  return z ^ (z >> 16);
}

/// The hash of one more word of a stream's seed.
constexpr std::uint32_t hash_word(std::uint32_t h, std::uint32_t word) {
  return mix(h ^ word) + 0x9E3779B9u;
}
/// What the streams of one step have in common; each stands for a word that follows.
constexpr std::uint32_t stream_of_step(std::uint64_t seed, Purpose purpose, std::uint64_t step) {
  const std::uint32_t words[5] = {
      static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32),
      static_cast<std::uint32_t>(purpose), static_cast<std::uint32_t>(step),
      static_cast<std::uint32_t>(step >> 32)};
  std::uint32_t h = 0x243F6A88u;
  for (const std::uint32_t w : words) h = hash_word(h, w);
  return h;
}
/// Those of a layer, which differ in their index only.
constexpr std::uint32_t stream_of(std::uint64_t seed, Purpose purpose, std::uint64_t step,
                                  std::uint32_t layer) {
  return hash_word(stream_of_step(seed, purpose, step), layer);
}
/// Seed of the stream (seed, purpose, step, layer, index): docs/CONTRACT.md, "Random streams".
constexpr std::uint32_t stream_seed(std::uint64_t seed, Purpose purpose, std::uint64_t step,
                                    std::uint32_t layer, std::uint32_t index) {
  return hash_word(stream_of(seed, purpose, step, layer), index);
}

/// Eight lanes of xorshift32 (Marsaglia 2003, shifts 13, 17, 5). A stream has no state to save:
/// it is seeded from what it is for, so that backward redraws the mask of forward, and a resumed
/// run goes on exactly.
///
/// One step of all lanes is a block: eight 32-bit values in lane order, or sixteen 16-bit values,
/// the low halves of lanes 0..7 and then the high halves.
class Stream {
 public:
  static constexpr int kLanes = 8;

  constexpr explicit Stream(std::uint32_t u) {
    for (std::uint32_t j = 0; j < kLanes; ++j) {
      const std::uint32_t z = mix(u + 0x9E3779B9u * (j + 1));
      lane_[j] = z ? z : 1;
    }
  }
  constexpr Stream(std::uint64_t seed, Purpose purpose, std::uint64_t step, std::uint32_t layer,
                   std::uint32_t index)
      : Stream(stream_seed(seed, purpose, step, layer, index)) {}

  /// The next 16-bit value.
  constexpr std::uint32_t next16() {
    const int at = used_;
    if (at == 0) step();
    used_ = (at + 1) & 15;
    return (lane_[at & 7] >> (at < 8 ? 0 : 16)) & 0xFFFFu;
  }
  /// The next 32-bit value. One stream serves either next16 or next32, never both.
  constexpr std::uint32_t next32() {
    const int at = used_;
    if (at == 0) step();
    used_ = (at + 1) & 7;
    return lane_[at];
  }
  /// A value in [0, n) by multiplication: (next32 * n) >> 32.
  constexpr std::uint32_t below(std::uint32_t n) {
    return static_cast<std::uint32_t>((static_cast<std::uint64_t>(next32()) * n) >> 32);
  }

 private:
  constexpr void step() {
    for (std::uint32_t& s : lane_) {
      s ^= s << 13;
      s ^= s >> 17;
      s ^= s << 5;
    }
  }

  std::uint32_t lane_[kLanes] = {};
  int used_ = 0;
};

/// Fisher-Yates over order[0..n): for i = n-1..1 swap order[i] with order[below(i + 1)].
template <class Index>
constexpr void shuffle(Index* order, std::size_t n, Stream stream) {
  for (std::size_t i = n; i-- > 1;) {
    const std::size_t j = stream.below(static_cast<std::uint32_t>(i + 1));
    const Index t = order[i];
    order[i] = order[j];
    order[j] = t;
  }
}

}  // namespace hone
