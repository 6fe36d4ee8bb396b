#pragma once
#include <vector>

#include "exact.hpp"
#include "guarded.hpp"
#include "kernels/window_terms.hpp"

// Convolutions, linear layers and their updates in the plainest form: sums of listed terms.
namespace hone_test {

using Weights = Guarded<std::int16_t>;
using Words = Guarded<std::int32_t>;
using Longs = Guarded<std::int64_t>;

/// What weights and words are filled with: any value of these bits, some of them the largest.
template <class T>
Guarded<T> numbers(std::size_t n, int bits, std::uint32_t seed, std::uint32_t largest_of_8 = 1) {
  Guarded<T> x(n);
  const std::int64_t most = (std::int64_t{1} << bits) - 1;
  hone::Stream stream(seed * 2654435761u + 5u);
  for (std::size_t i = 0; i < n; ++i) {
    const std::uint32_t u = stream.next32();
    const std::int64_t size = u % 8 < largest_of_8 ? most : stream.next32() & most;
    x[i] = static_cast<T>(u >> 31 ? -size : size);
  }
  return x;
}

/// Weights for the `turn`th case: as above, now and then all at their limits or all the largest.
inline Weights weights(std::size_t n, std::size_t turn) {
  Weights w = numbers<std::int16_t>(n, 15, static_cast<std::uint32_t>(turn) + 1, turn % 4 ? 1 : 8);
  if (turn % 7 == 5)
    for (std::size_t i = 0; i < n; ++i) w[i] = 32767;
  return w;
}

/// A linear layer as a convolution of one pixel.
inline hone::Window linear(std::size_t in, std::size_t out) {
  return window(1, 1, static_cast<std::uint32_t>(in), static_cast<std::uint32_t>(out), 1, 1, 1, {},
                1);
}

struct ExactForward {
  Codes y;
  Longs sums;
  std::uint64_t seen = 0;
};
inline ExactForward exact_forward(const Codes& x, const Weights& w, const Words* bias,
                                  int bias_shift, const hone::Window& s, std::size_t n,
                                  const hone::IntegerOutput& end) {
  const std::size_t outputs = n * s.out_size();
  std::vector<Wide> sum(outputs);
  for_each_term(s, n, [&](std::size_t xi, std::size_t wi, std::size_t yi) {
    sum[yi] += Wide{x[xi]} * w[wi];
  });
  ExactForward f{Codes(outputs), Longs(outputs)};
  for (std::size_t i = 0; i < outputs; ++i) {
    if (bias) sum[i] += exact_start((*bias)[i % s.out_c], bias_shift);
    const Wide v = exact_activated(sum[i], end.act, end.slope, end.six);
    f.seen |= exact_seen(v);
    f.sums[i] = static_cast<std::int64_t>(v);
    f.y[i] = exact_code(v, end.shift);
  }
  return f;
}

/// dx before is what it may resume from; y: of end. Returns what is seen.
inline std::uint64_t exact_gradient(Codes& dx, const Codes& dy, const Weights& w, const Codes& y,
                                    const hone::Window& s, std::size_t n,
                                    const hone::IntegerGradient& end) {
  std::vector<Wide> sum(dx.size());
  for_each_term(s, n, [&](std::size_t xi, std::size_t wi, std::size_t yi) {
    sum[xi] += Wide{dy[yi]} * w[wi];
  });
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < dx.size(); ++i) {
    if (end.resumes) sum[i] += exact_start(dx[i], -end.resumed_shift);
    seen |= exact_seen(sum[i]);
    const Wide d = exact_code(sum[i], end.shift);
    dx[i] =
        static_cast<std::int8_t>(limited(exact_masked(d, y[i], end.act, end.slope, end.six), 127));
  }
  return seen;
}

inline Wide rounded_down(Wide x, Wide unit) {
  const Wide down = x / unit;
  return x % unit < 0 ? down - 1 : down;
}

/// Parameters of one layer and what the last update did to the weights.
struct ExactParameters {
  Weights w;
  Words sum, velocity, bias, bias_sum, bias_velocity;
  Weights velocity16;
  std::uint32_t largest_changed = 0, largest = 0;
  bool changed = false;

  bool operator==(const ExactParameters& o) const {
    return w == o.w && sum == o.sum && velocity == o.velocity && velocity16 == o.velocity16 &&
           bias == o.bias && bias_sum == o.bias_sum && bias_velocity == o.bias_velocity;
  }
};

// Continues the batch sum; true where it is complete.
inline bool exact_batch_sum(Wide& acc, std::int32_t* sum, const hone::IntegerUpdate& u) {
  if (sum && !u.first) acc += *sum;
  acc = limited(acc, two_to(31) - 1);
  if (sum && !u.last) *sum = static_cast<std::int32_t>(acc);
  return u.last;
}
// t of struct IntegerUpdate.
inline Wide exact_step(Wide acc, Wide m, std::int32_t* v, const hone::IntegerUpdate& u, int bits) {
  const Wide g = exact_nearest(acc * u.rate.mantissa, u.rate.shift);
  const Wide d = exact_nearest(m * u.decay.mantissa, u.decay.shift - bits);
  if (!u.momentum) return g + d;
  const Wide kept = exact_nearest(Wide{*v} * u.mu.mantissa, u.mu.shift);
  *v = static_cast<std::int32_t>(limited(kept + g + (u.decoupled ? 0 : d), two_to(31) - 1));
  return *v + (u.decoupled ? d : 0);
}

// The same with a velocity of 16 bits in units of 2^12, which rounds by the low bits of u16.
inline Wide exact_narrow_step(Wide acc, Wide m, std::int16_t* v, const hone::IntegerUpdate& u,
                              std::uint32_t u16) {
  std::int32_t wide = *v * 4096;
  const Wide step = exact_step(acc, m, &wide, u, 16);
  *v = static_cast<std::int16_t>(limited(rounded_down(Wide{wide} + u16 % 4096, 4096), 32767));
  return step - wide + *v * Wide{4096};
}

/// has_sum: of a split batch.
inline void exact_update(ExactParameters& p, const Codes& x, const Codes& dy, const hone::Window& s,
                         std::size_t n, const hone::IntegerUpdate& u, bool has_sum) {
  std::vector<Wide> acc(p.w.size());
  for_each_term(s, n, [&](std::size_t xi, std::size_t wi, std::size_t yi) {
    acc[wi] += Wide{x[xi]} * dy[yi];
  });
  for (std::size_t row = 0; row < p.w.size() / s.out_c; ++row) {
    hone::Stream stream(hone::hash_word(u.stream, static_cast<std::uint32_t>(row)));
    for (std::size_t o = 0; o < s.out_c; ++o) {
      const std::size_t i = row * s.out_c + o;
      const std::uint32_t u16 = stream.next16();
      if (!exact_batch_sum(acc[i], has_sum ? &p.sum[i] : nullptr, u)) continue;
      const Wide t = u.velocity16
                         ? exact_narrow_step(acc[i], p.w[i], &p.velocity16[i], u, u16)
                         : exact_step(acc[i], p.w[i], u.momentum ? &p.velocity[i] : nullptr, u, 16);
      const Wide m = limited(p.w[i] - rounded_down(t + u16, two_to(16)), 32767);
      const bool changed = m != p.w[i];
      p.w[i] = static_cast<std::int16_t>(m);
      const std::uint32_t size = static_cast<std::uint32_t>(m < 0 ? -m : m);
      if (size > p.largest) p.largest = size;
      if (changed && size > p.largest_changed) p.largest_changed = size;
      p.changed = p.changed || changed;
    }
  }
}

inline void exact_bias_update(ExactParameters& p, const Codes& dy, const hone::IntegerUpdate& u,
                              bool has_sum) {
  for (std::size_t o = 0; o < p.bias.size(); ++o) {
    Wide acc = 0;
    for (std::size_t i = o; i < dy.size(); i += p.bias.size()) acc += dy[i];
    if (!exact_batch_sum(acc, has_sum ? &p.bias_sum[o] : nullptr, u)) continue;
    const Wide t = exact_step(acc, p.bias[o], u.momentum ? &p.bias_velocity[o] : nullptr, u, 8);
    p.bias[o] =
        static_cast<std::int32_t>(limited(p.bias[o] - rounded_down(t + 128, 256), two_to(31) - 1));
  }
}

}  // namespace hone_test
