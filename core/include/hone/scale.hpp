#pragma once
#include <cstdint>

// What w16a8 keeps about its tensors beside their mantissas.
namespace hone {

/// The exponent of one tensor: value = mantissa * 2^now. Stored exponents follow what the sums of a
/// whole batch want: raised at once, lowered by one after kQuietSteps steps in a row that wanted
/// less; so neither the composition of a batch nor its micro-batches change a bit within a step.
struct Scale {
  static constexpr int kLowest = -60, kHighest = 60;
  static constexpr int kQuietSteps = 32;
  static constexpr std::int8_t kNothing = -128;

  std::int8_t e = kLowest;      ///< in force; of a tensor not seen yet the lowest
  std::uint8_t quiet = 0;       ///< steps in a row that wanted less
  std::int8_t now = 0;          ///< of the mantissas in memory: e, or handed on by a layer
  std::int8_t want = kNothing;  ///< the largest that this step's sums asked for

  constexpr void wants(int exponent) {
    const int limited = exponent < kLowest ? kLowest : exponent > kHighest ? kHighest : exponent;
    if (limited > want) want = static_cast<std::int8_t>(limited);
  }
  constexpr bool saturates() const { return want > e; }
  /// True if the exponent rose.
  constexpr bool raise() {
    const bool rises = saturates();
    if (rises) e = want;
    want = kNothing;
    return rises;
  }
  /// The end of a step.
  constexpr void settle() {
    if (want == kNothing) return;
    quiet = want < e ? static_cast<std::uint8_t>(quiet + 1) : std::uint8_t{0};
    if (quiet == kQuietSteps) --e, quiet = 0;
    raise();
  }
};

/// Of each layer: its output, the gradient of its output, its weights.
constexpr int kScalesPerLayer = 3;

/// Steps of a layer in which something went wrong, since init() or since the caller cleared them:
/// why it does not learn. They stop at kMost.
struct LayerCounters {
  static constexpr std::uint16_t kMost = 65535;

  std::uint16_t saturated = 0;           ///< an output left its range and was cut
  std::uint16_t gradient_saturated = 0;  ///< so did a gradient of its output
  std::uint16_t gradient_zero = 0;       ///< every gradient of its output rounded to 0
  std::uint16_t unchanged = 0;           ///< no weight changed
  std::uint16_t rescaled = 0;            ///< weights neared their range: the exponent rose by one

  static constexpr void count(std::uint16_t& counter, bool happened) {
    if (happened && counter != kMost) ++counter;
  }
};

/// Samples of a step at most: the mean is taken with 32-bit integers.
constexpr int kMaxIntegerBatch = 16384;

}  // namespace hone
