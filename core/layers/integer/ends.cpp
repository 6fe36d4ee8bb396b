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

Multiplier slope_of(float slope) {
  std::uint32_t bits;
  std::memcpy(&bits, &slope, sizeof bits);
  return multiplier_from_bits(bits);
}

IntegerOutput end_of_output(const Pass& p, const LayerRun& l, int e) {
  IntegerOutput end;
  if (l.activation) {
    const LayerRun& activation = p.layer[l.activation];
    end.act = detail::activation_of(activation.op);
    end.slope = slope_of(activation.scale);
    end.six = rounded_shift(6, e);
  } else if (l.layer + 1u == p.integer->layers) {  // the loss reads the sums
    end.sums = reinterpret_cast<std::int64_t*>(p.arena + l.y);
  }
  end.shift = output_scale(p, l.layer).e - e;
  return end;
}

IntegerGradient end_of_gradient(const Pass& p, const LayerRun& l, int e) {
  const Scale& scale = gradient_scale(p, l.from);
  IntegerGradient end;
  end.resumes = l.dx.resumes;
  end.resumed_shift = scale.now - e;
  end.shift = scale.e - e;
  end.act = l.applies;
  if (l.applies != Activation::none) {
    end.slope = slope_of(l.scale);
    end.six = six_at(output_scale(p, l.from).now);
    end.y = mantissas(p, l.x);
  }
  return end;
}

void contribute(const Pass& p, const LayerRun::Gradient& g, std::uint32_t to, const std::int8_t* d,
                int e, std::size_t n) {
  if (!g.wanted) return;
  Scale& scale = gradient_scale(p, to);
  std::int8_t* const sum = mantissas(p, g.offset);
  if (!g.resumes) {
    if (sum != d) std::memcpy(sum, d, n);
    scale.now = static_cast<std::int8_t>(e);
    return;
  }
  // In units of the finer of both, as far as 32 bits hold the coarser one.
  const int least = e < scale.now ? e : scale.now, most = e < scale.now ? scale.now : e;
  const int unit = most - least > 24 ? most - 24 : least;
  note(p, scale, unit,
       p.kernels->integer->add(sum, sum, scale.now - unit, d, e - unit, n, scale.e - unit));
}

void parameters_of(const Pass& p, const LayerRun& l, Parameters& to) {
  to.use.w = reinterpret_cast<std::int16_t*>(p.arena + l.w);
  if (!l.is(LayerRun::kTrained) || !p.integer->updates) return;
  auto words = [&](std::uint32_t offset) {  // offset 0 is the first weight, never a sum
    return offset ? reinterpret_cast<std::int32_t*>(p.arena + offset) : nullptr;
  };
  const int dy = gradient_scale(p, l.layer).now;
  IntegerUpdate& u = to.update;
  u.rate = p.integer->rate.mantissa;
  u.rate_shift = weight_scale(p, l.layer).e - kVelocityBits - output_scale(p, l.from).now - dy +
                 p.integer->rate.shift;
  u.decay = p.integer->decay;
  u.mu = p.integer->mu;
  u.momentum = p.integer->momentum, u.decoupled = p.integer->decoupled;
  u.first = p.update.first, u.last = p.update.last;
  u.stream = stream_of(p.seed, Purpose::weight_update, p.step, l.layer);
  to.use.update = &u;
  to.use.sum = words(l.sum_w), to.use.velocity = words(l.velocity_w);
  if (!l.is(LayerRun::kHasBias)) return;
  to.bias_update = u;
  to.bias_update.rate_shift = kBiasExponent - kBiasVelocityBits - dy + p.integer->rate.shift;
  if (!l.is(LayerRun::kDecaysBias)) to.bias_update.decay = {};
  to.use.bias_update = &to.bias_update;
  to.use.bias = reinterpret_cast<std::int32_t*>(p.arena + l.b);
  to.use.bias_sum = words(l.sum_b), to.use.bias_velocity = words(l.velocity_b);
}

void finish_backward(const Pass& p, const LayerRun& l, int e, const IntegerReport& report) {
  if (l.dx.wanted) note(p, gradient_scale(p, l.from), e, report.gradient);
  if (!p.integer->counters || !p.update.last || !l.is(LayerRun::kTrained)) return;
  if (report.weights > std::uint32_t{kCrowded}) weight_scale(p, l.layer).wants(0);
  p.integer->counters[l.layer].unchanged += report.changes == 0;
}

}  // namespace hone::layers::integer
