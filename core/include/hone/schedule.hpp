#pragma once
#include <cstdint>

#include "hone/elementary.hpp"
#include "hone/optimizer.hpp"

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

/// bad_argument for a rate that is_rate() refuses, a period of 0, a factor outside (0, 1), or a
/// lowest rate above the base rate.
constexpr Status check(const Schedule& s) {
  const bool ok = is_rate(s.lr) && is_rate(s.lowest) && s.lowest <= s.lr && s.period > 0 &&
                  s.factor > 0 && s.factor < 1;
  return ok ? Status::ok : Status::bad_argument;
}

/// The rate of one step, for a schedule that passes check(). A rate below the store floor 2^-40 is
/// 0.
constexpr float learning_rate(const Schedule& s, std::uint64_t step) {
  constexpr double kPi = 3.14159265358979323846;
  const std::uint64_t period = s.period > 0 ? s.period : 1;
  double rate = s.lr;
  if (step < s.warmup) {
    rate = s.lr * static_cast<double>(step) / static_cast<double>(s.warmup);
  } else if (s.kind == Schedule::Kind::step) {
    for (std::uint64_t i = (step - s.warmup) / period; i > 0 && rate >= 0x1p-40; --i)
      rate *= s.factor;
  } else if (s.kind == Schedule::Kind::cosine) {
    const std::uint64_t at = step - s.warmup < period ? step - s.warmup : period;
    const double turn = kPi * static_cast<double>(at) / static_cast<double>(period);
    rate = s.lowest + (s.lr - s.lowest) * (1.0 + cos(turn)) / 2.0;
  }
  return rate < 0x1p-40 ? 0.0f : static_cast<float>(rate);
}

}  // namespace hone
