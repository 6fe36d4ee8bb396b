#include "ends.hpp"
#include "hone/random.hpp"

namespace hone::layers::integer {

std::uint32_t same_forward(const Pass& p, const LayerRun& l) {
  output_scale(p, l.layer).now = output_scale(p, l.from).now;
  return 0;
}

// Of a layer without parameters: where it has a backward pass, the gradient of its input is wanted.
std::uint32_t same_backward(const Pass& p, const LayerRun& l) {
  gradient_scale(p, l.from).now = gradient_scale(p, l.layer).now;
  return 0;
}

std::uint32_t activated_forward(const Pass& p, const LayerRun& l) {
  const int e = output_scale(p, l.from).now;
  output_scale(p, l.layer).now = static_cast<std::int8_t>(e);
  if (p.training && l.mask == Mask::bits)
    p.integer->leaves->keep_mask(p.arena + l.aux, mantissas(p, l.y), output_size(p, l),
                                 detail::activation_of(l.op), six_at(e));
  return 0;
}

std::uint32_t activation_forward(const Pass& p, const LayerRun& l) {
  IntegerOutput end;
  end.act = detail::activation_of(l.op);
  end.slope = l.factor.w16a8;
  end.six = six_at(output_scale(p, l.from).now);
  p.integer->leaves->activate(mantissas(p, l.y), mantissas(p, l.x), output_size(p, l), end);
  return activated_forward(p, l);
}

namespace {

void finish_gradient(const Pass& p, const LayerRun& l) {
  IntegerGradient end;
  end.act = detail::activation_of(l.op);
  end.slope = l.factor.w16a8;
  end.six = six_at(output_scale(p, l.layer).now);
  end.y = mantissas(p, l.y);
  p.integer->leaves->finish_gradient(mantissas(p, l.dy), output_size(p, l), end);
}

void finish_gradient_masked(const Pass& p, const LayerRun& l) {
  p.integer->leaves->finish_gradient_masked(mantissas(p, l.dy), p.arena + l.aux, output_size(p, l),
                                            detail::activation_of(l.op), l.factor.w16a8);
}

}  // namespace

std::uint32_t activation_backward(const Pass& p, const LayerRun& l) {
  finish_gradient(p, l);
  return flatten_backward(p, l);
}
std::uint32_t activation_resumed(const Pass& p, const LayerRun& l) {
  finish_gradient(p, l);
  return flatten_resumed(p, l);
}

std::uint32_t masked_backward(const Pass& p, const LayerRun& l) {
  finish_gradient_masked(p, l);
  return flatten_backward(p, l);
}
std::uint32_t masked_resumed(const Pass& p, const LayerRun& l) {
  finish_gradient_masked(p, l);
  return flatten_resumed(p, l);
}

std::uint32_t flatten_forward(const Pass& p, const LayerRun& l) {
  output_scale(p, l.layer).now = output_scale(p, l.from).now;
  if (l.x != l.y) std::memcpy(mantissas(p, l.y), mantissas(p, l.x), output_size(p, l));
  return 0;
}

std::uint32_t flatten_backward(const Pass& p, const LayerRun& l) {
  start_gradient(p, l.from, mantissas(p, l.dy), output_size(p, l));
  return same_backward(p, l);
}
std::uint32_t flatten_resumed(const Pass& p, const LayerRun& l) {
  resume_gradient(p, l.from, mantissas(p, l.dy), gradient_scale(p, l.layer).now, output_size(p, l));
  return 0;
}

std::uint32_t add_forward(const Pass& p, const LayerRun& l) {
  const int a = output_scale(p, l.from).now, b = output_scale(p, l.from2).now;
  // In units of the finer of both, as far as 32 bits hold the coarser one.
  const int least = a < b ? a : b, most = a < b ? b : a;
  const int unit = most - least > 24 ? most - 24 : least;
  Scale& output = output_scale(p, l.layer);
  note(p, output, unit,
       p.integer->leaves->add(mantissas(p, l.y), mantissas(p, l.x), a - unit,
                              mantissas(p, p.layer[l.from2].y), b - unit, output_size(p, l),
                              output.e - unit));
  return 0;
}

namespace {

void contribute(const Pass& p, const LayerRun& l, const LayerRun::Gradient& g, std::uint32_t to) {
  const Scale& dy = gradient_scale(p, l.layer);
  if (g.resumes) {
    resume_gradient(p, to, mantissas(p, l.dy), dy.now, output_size(p, l));
  } else if (g.wanted) {
    start_gradient(p, to, mantissas(p, l.dy), output_size(p, l));
    gradient_scale(p, to).now = dy.now;
  }
}

}  // namespace

std::uint32_t add_backward(const Pass& p, const LayerRun& l) {
  contribute(p, l, l.dx, l.from);
  contribute(p, l, l.dx2, l.from2);
  return 0;
}

// ---- dropout: backward draws again what forward drew

namespace {

// `to` and `from` at `e`; `scale` ends `to`.
void drop(const Pass& p, const LayerRun& l, std::int8_t* to, const std::int8_t* from, int e,
          Scale& scale) {
  const Window& s = l.window;
  const std::size_t size = s.out_size();
  const std::size_t channels = l.is(LayerRun::kChannels) ? s.out_c : size;
  const Multiplier keep = l.factor.w16a8;
  const int unit = e - keep.shift;
  std::uint64_t seen = 0;
  for (std::uint32_t i = 0; i < p.n; ++i) {
    const std::uint32_t u = stream_seed(p.seed, Purpose::dropout, p.step, l.layer, p.first + i);
    seen |= p.integer->leaves->dropout(to + i * size, from + i * size, size / channels, channels, u,
                                       l.drop_threshold(), keep.mantissa, scale.e - unit);
  }
  note(p, scale, unit, seen);
}

}  // namespace

std::uint32_t dropout_forward(const Pass& p, const LayerRun& l) {
  if (!p.training) return flatten_forward(p, l);
  drop(p, l, mantissas(p, l.y), mantissas(p, l.x), output_scale(p, l.from).now,
       output_scale(p, l.layer));
  return 0;
}

std::uint32_t dropout_backward(const Pass& p, const LayerRun& l) {
  std::int8_t* const d = mantissas(p, l.dy);
  drop(p, l, d, d, gradient_scale(p, l.layer).now, gradient_scale(p, l.from));
  start_gradient(p, l.from, d, output_size(p, l));
  return 0;
}
// The exponent of the gradient of the input is that of the sum of the others: the part of this
// layer gets the least that holds it.
std::uint32_t dropout_resumed(const Pass& p, const LayerRun& l) {
  std::int8_t* const d = mantissas(p, l.dy);
  const int e = gradient_scale(p, l.layer).now;
  Scale part;
  part.e = static_cast<std::int8_t>(e + 15 - l.factor.w16a8.shift);
  drop(p, l, d, d, e, part);
  resume_gradient(p, l.from, d, part.now, output_size(p, l));
  return 0;
}

}  // namespace hone::layers::integer
