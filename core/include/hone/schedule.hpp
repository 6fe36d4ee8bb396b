#pragma once
#include <cstdint>

#include "hone/elementary.hpp"

namespace hone {

/// A learning rate over the optimizer steps of a run, counted from 0. Double arithmetic with hone's
/// own cosine, so that every machine gets the same rates; formulas as PaddlePaddle's LinearWarmup,
/// StepDecay and CosineAnnealingDecay, stepped once an optimizer step.
struct Schedule {
  enum class Kind : std::uint8_t { constant, step, cosine };

  Kind kind = Kind::constant;
  double lr = 0;             ///< the base rate
  std::uint64_t warmup = 0;  ///< steps from rate 0 up to lr; what follows counts from their end
  std::uint64_t period = 1;  ///< step: steps until the next factor; cosine: steps down to `lowest`
  double factor = 0.1;       ///< step: what each period multiplies the rate by
  double lowest = 0;         ///< cosine: the rate after `period` steps, and from then on
};

/// The rate of one step. A rate below the store floor 2^-40 is 0.
constexpr float learning_rate(const Schedule& s, std::uint64_t step) {
  constexpr double kPi = 3.14159265358979323846;
  double rate = s.lr;
  if (step < s.warmup) {
    rate = s.lr * static_cast<double>(step) / static_cast<double>(s.warmup);
  } else if (s.kind == Schedule::Kind::step) {
    for (std::uint64_t i = (step - s.warmup) / s.period; i > 0 && rate >= 0x1p-40; --i)
      rate *= s.factor;
  } else if (s.kind == Schedule::Kind::cosine) {
    const std::uint64_t at = step - s.warmup < s.period ? step - s.warmup : s.period;
    const double turn = kPi * static_cast<double>(at) / static_cast<double>(s.period);
    rate = s.lowest + (s.lr - s.lowest) * (1.0 + cos(turn)) / 2.0;
  }
  return rate < 0x1p-40 ? 0.0f : static_cast<float>(rate);
}

}  // namespace hone
