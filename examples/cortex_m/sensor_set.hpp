#pragma once
#include <cstdint>
#include <hone/random.hpp>
#include <hone/trainer.hpp>

/// Readings of a sensor with 16 channels in 8 classes, as constants: they lie in flash.
namespace sensor {

constexpr std::uint32_t kChannels = 16, kClasses = 8;

template <std::uint32_t N>
struct Set {
  std::int8_t x[N][kChannels] = {};
  std::uint8_t label[N] = {};
};

/// What happened to the sensor: each channel has another gain, in 1/64, and another zero.
struct Drift {
  int gain[kChannels] = {}, zero[kChannels] = {};
};
constexpr Drift none() {
  Drift d;
  for (int& g : d.gain) g = 64;
  return d;
}
constexpr Drift other_sensor() {
  hone::Stream random(hone::mix(3));
  Drift d;
  for (int& g : d.gain) g = 24 + static_cast<int>(random.below(80));
  for (int& z : d.zero) z = static_cast<int>(random.below(121)) - 60;
  return d;
}

/// Each class has its own mean in every channel; a reading is the mean plus noise, a little
/// larger than the spread of the means.
template <std::uint32_t N>
constexpr Set<N> draw(std::uint32_t seed, const Drift& drift) {
  int mean[kClasses][kChannels] = {};
  hone::Stream classes(hone::mix(1));
  for (auto& row : mean)
    for (int& m : row) m = static_cast<int>(classes.below(61)) - 30;
  hone::Stream random(hone::mix(seed));
  Set<N> set;
  for (std::uint32_t i = 0; i < N; ++i) {
    const std::uint32_t label = random.below(kClasses);
    set.label[i] = static_cast<std::uint8_t>(label);
    for (std::uint32_t c = 0; c < kChannels; ++c) {
      const int noise = static_cast<int>(random.below(71)) - 35;
      const int v = (mean[label][c] + noise) * drift.gain[c] / 64 + drift.zero[c];
      set.x[i][c] = static_cast<std::int8_t>(v > 127 ? 127 : v < -127 ? -127 : v);
    }
  }
  return set;
}

constexpr Set<512> kTraining = draw<512>(10, none());
constexpr Set<256> kTest = draw<256>(11, none());
constexpr Set<256> kMovedTraining = draw<256>(12, other_sensor());
constexpr Set<256> kMovedTest = draw<256>(13, other_sensor());

/// A set of any size, in the order that training wants it.
struct View {
  const std::int8_t (*x)[kChannels];
  const std::uint8_t* label;
  std::uint32_t n;

  template <std::uint32_t N>
  constexpr View(const Set<N>& s) : x(s.x), label(s.label), n(N) {}
};

}  // namespace sensor
