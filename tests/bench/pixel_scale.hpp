#pragma once
#include <cstddef>
#include <cstdint>

namespace hone::bench {

/// p / 255 as float division gives it, in operations that vectorise well on every target:
/// 1 / 255 = kHigh + kLow, where p * kHigh is exact and only the sum rounds.
constexpr float unit_pixel(std::uint8_t p) {
  constexpr float kHigh = 0x1.01p-8f, kLow = 0x1.010102p-24f;
  const float v = static_cast<float>(p);
  return v * kHigh + v * kLow;
}

constexpr bool unit_pixels_are_quotients() {
  for (int p = 0; p < 256; ++p)
    if (unit_pixel(static_cast<std::uint8_t>(p)) != static_cast<float>(p) / 255.0f) return false;
  return true;
}
static_assert(unit_pixels_are_quotients());

/// (p / 255 - centre) * factor.
struct PixelScale {
  float centre = 0, factor = 1;
};

inline void scale_pixels(float* x, const std::uint8_t* p, std::size_t n, PixelScale s) {
  for (std::size_t i = 0; i < n; ++i) x[i] = (unit_pixel(p[i]) - s.centre) * s.factor;
}

}  // namespace hone::bench
