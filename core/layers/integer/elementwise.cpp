#include "ends.hpp"
#include "hone/random.hpp"

namespace hone::layers::integer {

std::uint32_t same_forward(const Pass& p, const LayerRun& l) {
  output_scale(p, l.layer).now = output_scale(p, l.from).now;
  return 0;
}

std::uint32_t same_backward(const Pass& p, const LayerRun& l) {
  if (l.dx.wanted) gradient_scale(p, l.from).now = gradient_scale(p, l.layer).now;
  return 0;
}

std::uint32_t activation_forward(const Pass& p, const LayerRun& l) {
  const Activation act = detail::activation_of(l.op);
  const Scale& input = output_scale(p, l.from);
  output_scale(p, l.layer).now = input.now;
  if (!l.is(LayerRun::kRunsBefore)) {
    IntegerOutput end;
    end.act = act;
    end.slope = l.multiplier;
    end.six = six_at(input.now);
    p.integer->leaves->activate(mantissas(p, l.y), mantissas(p, l.x), output_size(p, l), end);
  }
  if (p.training && l.mask == Mask::bits)
    p.integer->leaves->keep_mask(p.arena + l.aux, mantissas(p, l.y), output_size(p, l), act,
                                 six_at(input.now));
  return 0;
}

std::uint32_t activation_backward(const Pass& p, const LayerRun& l) {
  const std::size_t n = output_size(p, l);
  std::int8_t* const d = mantissas(p, l.dy);
  IntegerGradient end;
  end.act = detail::activation_of(l.op);
  end.slope = l.multiplier;
  end.six = six_at(output_scale(p, l.layer).now);
  end.y = mantissas(p, l.y);
  if (l.mask == Mask::output) p.integer->leaves->finish_gradient(d, n, end);
  if (l.mask == Mask::bits)
    p.integer->leaves->finish_gradient_masked(d, p.arena + l.aux, n, end.act, end.slope);
  contribute(p, l.dx, l.from, d, gradient_scale(p, l.layer).now, n);
  return 0;
}

std::uint32_t flatten_forward(const Pass& p, const LayerRun& l) {
  output_scale(p, l.layer).now = output_scale(p, l.from).now;
  if (l.x != l.y) std::memcpy(mantissas(p, l.y), mantissas(p, l.x), output_size(p, l));
  return 0;
}

std::uint32_t flatten_backward(const Pass& p, const LayerRun& l) {
  contribute(p, l.dx, l.from, mantissas(p, l.dy), gradient_scale(p, l.layer).now,
             output_size(p, l));
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

std::uint32_t add_backward(const Pass& p, const LayerRun& l) {
  const int e = gradient_scale(p, l.layer).now;
  contribute(p, l.dx, l.from, mantissas(p, l.dy), e, output_size(p, l));
  contribute(p, l.dx2, l.from2, mantissas(p, l.dy), e, output_size(p, l));
  return 0;
}

// ---- dropout: backward draws again what forward drew

namespace {

/// p = 0 draws nothing. A p below 2^-17 drops nothing either, but scales.
bool drops(const LayerRun& l) {
  constexpr std::uint32_t kOne = 0x3F800000u;  // 1 as bits: no float is computed with
  std::uint32_t bits;
  std::memcpy(&bits, &l.scale, sizeof bits);
  return l.drop_threshold > 0 || bits != kOne;
}

// `to` and `from` at `e`; `scale` ends `to`.
void drop(const Pass& p, const LayerRun& l, std::int8_t* to, const std::int8_t* from, int e,
          Scale& scale) {
  const Window& s = l.window;
  const std::size_t size = s.out_size();
  const std::size_t channels = l.is(LayerRun::kChannels) ? s.out_c : size;
  const Multiplier keep = l.multiplier;
  const int unit = e - keep.shift;
  std::uint64_t seen = 0;
  for (std::uint32_t i = 0; i < p.n; ++i) {
    const std::uint32_t u = stream_seed(p.seed, Purpose::dropout, p.step, l.layer, p.first + i);
    seen |= p.integer->leaves->dropout(to + i * size, from + i * size, size / channels, channels, u,
                                       l.drop_threshold, keep.mantissa, scale.e - unit);
  }
  note(p, scale, unit, seen);
}

}  // namespace

std::uint32_t dropout_forward(const Pass& p, const LayerRun& l) {
  const Scale& input = output_scale(p, l.from);
  Scale& output = output_scale(p, l.layer);
  std::int8_t* const y = mantissas(p, l.y);
  if (p.training && drops(l)) {
    drop(p, l, y, mantissas(p, l.x), input.now, output);
  } else {
    output.now = input.now;
    if (l.x != l.y) std::memcpy(y, mantissas(p, l.x), output_size(p, l));
  }
  return 0;
}

std::uint32_t dropout_backward(const Pass& p, const LayerRun& l) {
  std::int8_t* const d = mantissas(p, l.dy);
  Scale own = gradient_scale(p, l.layer);
  if (drops(l)) {
    // Where others have added to the gradient of the input, its exponent is that of their sum: the
    // part of this layer gets the least that holds it.
    const int room = 15 - l.multiplier.shift;
    const bool adds = l.dx.resumes;
    Scale part;
    part.e = static_cast<std::int8_t>(own.now + room);
    Scale& to = adds || !l.dx.wanted ? part : gradient_scale(p, l.from);
    drop(p, l, d, d, own.now, to);
    own.now = to.now;
  }
  contribute(p, l.dx, l.from, d, own.now, output_size(p, l));
  return 0;
}

}  // namespace hone::layers::integer
