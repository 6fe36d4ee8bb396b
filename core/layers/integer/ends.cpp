#include "ends.hpp"

#include "hone/random.hpp"

namespace hone::layers::integer {

void note(const Pass& p, Scale& scale, int e, std::uint64_t seen) {
  if (p.integer->looks && seen) scale.wants(wanted_exponent(e, seen));
  scale.now = scale.e;
}

std::int32_t six_at(int e) {
  const std::int64_t six = rounded_shift(6, e);
  return six > 127 ? 128 : six < 1 ? 1 : static_cast<std::int32_t>(six);
}

Multiplier slope_of(const float& slope) {
  std::uint32_t bits;
  std::memcpy(&bits, &slope, sizeof bits);
  return multiplier_from_bits(bits);
}

// Without branches, which cost more bytes than what they save: layer 0 is no activation.
IntegerOutput end_of_output(const Pass& p, const LayerRun& l, int e) {
  const LayerRun& activation = p.layer[l.activation];
  const bool to_loss = l.activation == 0 && l.layer + 1u == p.integer->layers;  // reads the sums
  return {detail::activation_of(activation.op), slope_of(activation.scale), rounded_shift(6, e),
          output_scale(p, l.layer).e - e,
          to_loss ? reinterpret_cast<std::int64_t*>(p.arena + l.y) : nullptr};
}

IntegerGradient end_of_gradient(const Pass& p, const LayerRun& l, int e) {
  const Scale& scale = gradient_scale(p, l.from);
  return {l.dx.resumes,
          scale.now - e,
          l.applies,
          slope_of(l.scale),
          six_at(output_scale(p, l.from).now),
          l.applies == Activation::none ? nullptr : mantissas(p, l.x),
          scale.e - e};
}

void contribute(const Pass& p, const LayerRun::Gradient& g, std::uint32_t to, const std::int8_t* d,
                int e, std::size_t n) {
  if (!g.wanted) return;
  Scale& scale = gradient_scale(p, to);
  std::int8_t* const sum = gradient_of(p, to);
  if (!g.resumes) {
    if (sum != d) std::memcpy(sum, d, n);
    scale.now = static_cast<std::int8_t>(e);
    return;
  }
  // In units of the finer of both, as far as 32 bits hold the coarser one.
  const int least = e < scale.now ? e : scale.now, most = e < scale.now ? scale.now : e;
  const int unit = most - least > 24 ? most - 24 : least;
  note(p, scale, unit,
       p.integer->leaves->add(sum, sum, scale.now - unit, d, e - unit, n, scale.e - unit));
}

Parameters::Parameters(const Pass& p, const LayerRun& l)
    : update(p.integer->update), bias_update(p.integer->update) {
  use.w = reinterpret_cast<std::int16_t*>(p.arena + l.w);
  if (!l.is(LayerRun::kTrained) || !p.integer->updates) return;
  auto words = [&](std::uint32_t offset) {  // offset 0 is the first weight, never a sum
    return offset ? reinterpret_cast<std::int32_t*>(p.arena + offset) : nullptr;
  };
  const int dy = gradient_scale(p, l.layer).now;
  update.rate_shift +=
      weight_scale(p, l.layer).e - kVelocityBits - output_scale(p, l.from).now - dy;
  update.stream = hash_word(update.stream, l.layer);
  use.update = &update;
  use.sum = words(l.sum_w);
  if (update.velocity16)
    use.velocity16 = reinterpret_cast<std::int16_t*>(p.arena + l.velocity_w);
  else
    use.velocity = words(l.velocity_w);
  if (!l.is(LayerRun::kHasBias)) return;
  bias_update.rate_shift += kBiasExponent - kBiasVelocityBits - dy;
  if (!l.is(LayerRun::kDecaysBias)) bias_update.decay = {};
  use.bias_update = &bias_update;
  use.bias = reinterpret_cast<std::int32_t*>(p.arena + l.b);
  use.bias_sum = words(l.sum_b), use.bias_velocity = words(l.velocity_b);
}

void finish_backward(const Pass& p, const LayerRun& l, int e, const IntegerReport& report) {
  if (l.dx.wanted) note(p, gradient_scale(p, l.from), e, report.gradient);
  if (!p.integer->counters || !p.integer->update.last || !l.is(LayerRun::kTrained)) return;
  if (report.weights > std::uint32_t{kCrowded}) weight_scale(p, l.layer).wants(0);
  LayerCounters::count(p.integer->counters[l.layer - 1].unchanged, report.changes == 0);
}

}  // namespace hone::layers::integer
