#pragma once
#include "hone/status.hpp"

namespace hone {

/// SGD with or without momentum, in place (docs/CONTRACT.md, "Update"). Numbers are doubles, so
/// that 0.1 here and 0.1 in a text mean the same; each becomes a float once.
struct Optimizer {
  double lr = 0;
  double decay = 0;  ///< weight decay d: the gradient of (d / 2) |w|^2 is added
  double mu = 0;     ///< momentum: v = mu v + g, w -= lr v
  bool has_momentum = false;
  bool decoupled_decay = false;  ///< w shrinks by lr d w, past the velocity
  bool decays_bias = false;      ///< else one-dimensional tensors do not decay
  bool velocity16 = false;       ///< of w16a8: weights have a velocity of 16 bits, half the memory

  constexpr Optimizer weight_decay(double d) const {
    Optimizer r = *this;
    r.decay = d;
    return r;
  }
  constexpr Optimizer momentum(double m) const {
    Optimizer r = *this;
    r.mu = m;
    r.has_momentum = true;
    return r;
  }
  constexpr Optimizer decoupled() const {
    Optimizer r = *this;
    r.decoupled_decay = true;
    return r;
  }
  constexpr Optimizer decay_bias() const {
    Optimizer r = *this;
    r.decays_bias = true;
    return r;
  }
  constexpr Optimizer narrow_velocity() const {
    Optimizer r = *this;
    r.velocity16 = true;
    return r;
  }
};

constexpr Optimizer sgd(double lr) {
  Optimizer o;
  o.lr = lr;
  return o;
}

/// 0, or finite and at least the store floor 2^-40 in magnitude, and not negative.
constexpr bool is_rate(double v) { return v == 0 || (v >= 0x1p-40 && v <= 3e38); }

/// bad_argument where a number is negative, not finite, or so small that the store floor would
/// silently make it 0, lr * decay too where the decay acts through it; momentum must lie in [0, 1);
/// a velocity of 16 bits needs momentum.
constexpr Status check(const Optimizer& o) {
  const bool in_velocity = o.has_momentum && !o.decoupled_decay;
  const float shrink = static_cast<float>(o.lr) * static_cast<float>(o.decay);
  const bool ok = is_rate(o.lr) && is_rate(o.decay) && is_rate(o.mu) && o.mu < 1 &&
                  (o.has_momentum || !o.velocity16) &&
                  (in_velocity || is_rate(static_cast<double>(shrink)));
  return ok ? Status::ok : Status::bad_argument;
}

/// What w16a8 has multipliers for: 0, or 2^-40 to 2^14.
constexpr bool is_integer_rate(double v) { return is_rate(v) && v < 0x1p14; }

}  // namespace hone
