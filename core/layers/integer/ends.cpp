#include "ends.hpp"

#include "hone/random.hpp"

namespace hone::layers::integer {

void note(const Pass& p, Scale& scale, int e, std::uint64_t seen) {
  if (p.integer->looks && seen) scale.wants(wanted_exponent(e, seen));
  scale.now = scale.e;
}

std::int32_t six_at(int e) {
  if (e < -4) return 128;  // 192 and more
  if (e > 3) return 1;     // less than half of a unit
  return ((6 << 5 >> (e + 4)) + 1) >> 1;
}

// Without branches, which cost more bytes than what they save: layer 0 is no activation.
IntegerOutput end_of_output(const Pass& p, const LayerRun& l, int e) {
  const LayerRun& activation = p.layer[l.activation];
  return {detail::activation_of(activation.op), activation.factor.w16a8, rounded_shift(6, e),
          output_scale(p, l.layer).e - e,
          l.is(LayerRun::kToLoss) ? reinterpret_cast<std::int64_t*>(p.arena + l.y) : nullptr};
}

IntegerGradient end_of_gradient(const Pass& p, const LayerRun& l, int e) {
  const Scale& scale = gradient_scale(p, l.from);
  return {l.dx.resumes,
          scale.now - e,
          l.applies,
          l.factor.w16a8,
          six_at(output_scale(p, l.from).now),
          l.applies == Activation::none ? nullptr : mantissas(p, l.x),
          scale.e - e};
}

void start_gradient(const Pass& p, std::uint32_t to, const std::int8_t* d, std::size_t n) {
  std::int8_t* const sum = gradient_of(p, to);
  if (sum != d) std::memcpy(sum, d, n);
}

void resume_gradient(const Pass& p, std::uint32_t to, const std::int8_t* d, int e, std::size_t n) {
  Scale& scale = gradient_scale(p, to);
  std::int8_t* const sum = gradient_of(p, to);
  // In units of the finer of both, as far as 32 bits hold the coarser one.
  const int least = e < scale.now ? e : scale.now, most = e < scale.now ? scale.now : e;
  const int unit = most - least > 24 ? most - 24 : least;
  note(p, scale, unit,
       p.integer->leaves->add(sum, sum, scale.now - unit, d, e - unit, n, scale.e - unit));
}

Parameters::Parameters(const Pass& p, const LayerRun& l)
    : update(p.integer->update), bias_update(p.integer->update) {
  use.w = reinterpret_cast<std::int16_t*>(p.arena + l.w);
  if (!l.is(LayerRun::kTrained) || !p.integer->counters) return;
  auto words = [&](std::uint32_t offset) {  // at offset 0 are parameters, never a sum
    return offset ? reinterpret_cast<std::int32_t*>(p.arena + offset) : nullptr;
  };
  const int dy = gradient_scale(p, l.layer).now;
  update.rate = update.rate.times(kVelocityBits - weight_scale(p, l.layer).e +
                                  output_scale(p, l.from).now + dy);
  update.stream = hash_word(update.stream, l.layer);
  use.update = &update;
  use.sum = words(l.sum_w);
  if (update.velocity16)
    use.velocity16 = reinterpret_cast<std::int16_t*>(p.arena + l.velocity_w);
  else
    use.velocity = words(l.velocity_w);
  if (!l.is(LayerRun::kHasBias)) return;
  bias_update.rate = bias_update.rate.times(kBiasVelocityBits - kBiasExponent + dy);
  if (!l.is(LayerRun::kDecaysBias)) bias_update.decay = {};
  use.bias_update = &bias_update;
  use.bias = reinterpret_cast<std::int32_t*>(p.arena + l.b);
  use.bias_sum = words(l.sum_b()), use.bias_velocity = words(l.velocity_b());
}

std::uint32_t finish_backward(const Pass& p, const LayerRun& l, int e,
                              const IntegerReport& report) {
  if (l.dx.wanted) note(p, gradient_scale(p, l.from), e, report.gradient);
  if (!p.integer->counters || !p.integer->update.last || !l.is(LayerRun::kTrained)) return 0;
  if (report.weights > std::uint32_t{kCrowded}) weight_scale(p, l.layer).wants(0);
  LayerCounters::count(p.integer->counters[l.layer - 1].unchanged, report.changes == 0);
  return 0;
}

}  // namespace hone::layers::integer
