#include "integer_update.hpp"

namespace hone {
namespace HONE_LEAF_NS {
namespace integer {
namespace {

constexpr std::int64_t kMost32 = 0x7FFFFFFF;
constexpr std::uint32_t kHalf = 1u << (kBiasVelocityBits - 1);  // to the nearest

__attribute__((noinline)) std::int32_t limited(std::int64_t x) {
  return static_cast<std::int32_t>(clamp(x, kMost32));
}

// m less t of units of 2^-bits, which `draw` rounds down.
std::int64_t moved(std::int32_t m, std::int64_t t, int bits, std::uint32_t draw) {
  t = (t + draw) >> kBiasVelocityBits;
  if (bits != kBiasVelocityBits) t >>= kVelocityBits - kBiasVelocityBits;
  return m - t;
}

std::int64_t gradient_step(const IntegerUpdate& update, std::int64_t acc) {
  return scaled_by(acc, update.rate);
}

// What parameters i of one kind have; null: none.
struct Chains {
  std::int32_t *sum, *velocity;
  std::int16_t* velocity16;
};

std::int64_t updated(const IntegerUpdate& update, const Chains& of, std::size_t i, std::int64_t acc,
                     std::int32_t m, int bits, std::uint32_t draw) {
  if (of.sum && !update.first) acc += of.sum[i];
  const std::int32_t whole = limited(acc);
  if (!update.last) {
    of.sum[i] = whole;
    return m;
  }
  const std::int64_t d = scaled_by(m, update.decay, -bits);
  std::int64_t t = gradient_step(update, whole);
  if (!update.decoupled) t += d;
  if (update.momentum) {
    const std::int32_t v = of.velocity16 ? of.velocity16[i] * (1 << kNarrowBits) : of.velocity[i];
    t = limited(scaled_by(v, update.mu) + t);
    if (of.velocity16) {
      of.velocity16[i] = narrow_velocity(t, draw);
      t = of.velocity16[i] * (1 << kNarrowBits);
    } else {
      of.velocity[i] = static_cast<std::int32_t>(t);
    }
  }
  if (update.decoupled) t += d;
  return moved(m, t, bits, draw);
}

// The same where the velocity moves m.
std::int64_t moved_by(std::int32_t& velocity, const IntegerUpdate& update, std::int64_t acc,
                      std::int32_t m, int bits, std::uint32_t draw) {
  velocity = limited(scaled_by(velocity, update.mu) + gradient_step(update, limited(acc)) +
                     scaled_by(m, update.decay, -bits));
  return moved(m, velocity, bits, draw);
}

}  // namespace

std::int64_t AnyRule::weight(const IntegerParameters& p, std::size_t i, std::int64_t acc,
                             std::uint32_t u16) {
  return updated(*p.update, {p.sum, p.velocity, p.velocity16}, i, acc, p.w[i], kVelocityBits, u16);
}
std::int32_t AnyRule::bias(const IntegerParameters& p, std::size_t i, std::int64_t acc) {
  return limited(updated(*p.bias_update, {p.bias_sum, p.bias_velocity, nullptr}, i, acc, p.bias[i],
                         kBiasVelocityBits, kHalf));
}

std::int64_t MomentumRule::weight(const IntegerParameters& p, std::size_t i, std::int64_t acc,
                                  std::uint32_t u16) {
  return moved_by(p.velocity[i], *p.update, acc, p.w[i], kVelocityBits, u16);
}
std::int32_t MomentumRule::bias(const IntegerParameters& p, std::size_t i, std::int64_t acc) {
  return limited(
      moved_by(p.bias_velocity[i], *p.bias_update, acc, p.bias[i], kBiasVelocityBits, kHalf));
}

std::int64_t PlainRule::weight(const IntegerParameters& p, std::size_t i, std::int64_t acc,
                               std::uint32_t u16) {
  return moved(p.w[i], gradient_step(*p.update, limited(acc)), kVelocityBits, u16);
}
std::int32_t PlainRule::bias(const IntegerParameters& p, std::size_t i, std::int64_t acc) {
  return limited(
      moved(p.bias[i], gradient_step(*p.bias_update, limited(acc)), kBiasVelocityBits, kHalf));
}

void put_weight(IntegerReport& report, const IntegerParameters& p, std::size_t i,
                std::int64_t unlimited) {
  const std::int32_t m = p.w[i];
  const std::int32_t to = static_cast<std::int32_t>(clamp(unlimited, kMaxMantissa16));
  if (to == m) return;
  p.w[i] = static_cast<std::int16_t>(to);
  const std::uint32_t size = static_cast<std::uint32_t>(to < 0 ? -to : to);
  if (size > report.weights) report.weights = size;
  report.changes |= static_cast<std::uint32_t>(to ^ m);
}

}  // namespace integer
}  // namespace HONE_LEAF_NS
}  // namespace hone
