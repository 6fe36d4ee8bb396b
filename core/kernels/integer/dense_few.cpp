#include "dense_few.hpp"

#include "ends.hpp"
#include "kernels/dropout_draws.hpp"
#include "update.hpp"

namespace hone {
namespace HONE_LEAF_NS {
namespace integer {
namespace {

constexpr std::size_t kColumns = 8;  // at a time: that many sums are in registers

// sums[c] = the sum of x[k] * b[k * b_step + c] over k < count. Apart: inlined, the sums would
// share the registers with all of the caller.
template <class Row>
__attribute__((noinline)) void eight_sums(std::int32_t* sums, const std::int8_t* x, const Row* b,
                                          std::size_t b_step, std::size_t count) {
  std::int32_t s0 = 0, s1 = 0, s2 = 0, s3 = 0, s4 = 0, s5 = 0, s6 = 0, s7 = 0;
  for (const std::int8_t* const end = x + count; x != end; b += b_step) {
    const std::int32_t xk = *x++;
    if (xk == 0) continue;
    s0 += xk * b[0], s1 += xk * b[1], s2 += xk * b[2], s3 += xk * b[3];
    s4 += xk * b[4], s5 += xk * b[5], s6 += xk * b[6], s7 += xk * b[7];
  }
  sums[0] = s0, sums[1] = s1, sums[2] = s2, sums[3] = s3;
  sums[4] = s4, sums[5] = s5, sums[6] = s6, sums[7] = s7;
}
template <class Row>
void sums_of_columns(std::int32_t* sums, const std::int8_t* x, const Row* b, std::size_t b_step,
                     std::size_t count, std::size_t cols) {
  if (cols == kColumns) return eight_sums(sums, x, b, b_step, count);
  for (std::size_t c = 0; c < cols; ++c) {
    std::int32_t sum = 0;
    for (std::size_t k = 0; k < count; ++k) sum += x[k] * b[k * b_step + c];
    sums[c] = sum;
  }
}

struct Few {
  std::size_t n, in, out;
};
std::uint32_t size_bits(std::int32_t x) { return static_cast<std::uint32_t>(x ^ (x >> 31)); }

// ---- forward

// The ends of outputs: in 32 bits, where these are enough.
struct OutputEnds {
  const IntegerOutput& end;
  int bias_shift;
  bool fits;
  int bias_up, bias_down;
  std::int32_t bias_half, low, high, half;

  OutputEnds(const IntegerOutput& e, int s)
      : end(e),
        bias_shift(s),
        fits(e.act != Activation::leaky_relu && (e.sums || is_safe_shift(e.shift)) && s > -24 &&
             s <= kSafeBits),
        bias_up(s < 0 && fits ? -s : 0),
        bias_down(s > 0 && fits ? s : 0),
        bias_half((1 << bias_down) >> 1),
        low(e.act == Activation::none ? -kMost : 0),
        high(e.act == Activation::relu6 && e.six < kMost ? static_cast<std::int32_t>(e.six)
                                                         : kMost),
        half(fits && !e.sums ? 1 << (e.shift - 1) : 0) {}

  static constexpr std::int32_t kMost = 0x7FFFFFFF;
};

// bias: of the first of `cols` columns; null: 0.
HONE_OWN_FRAME std::uint64_t put_few(std::int8_t* y, std::size_t at, const std::int32_t* sums,
                                     const std::int32_t* bias, std::size_t cols,
                                     const OutputEnds& to) {
  std::uint64_t wide = 0;
  std::uint32_t seen = 0;
  // Copies: a store through y might change what `to` refers to.
  const bool fits = to.fits;
  const int shift = to.end.shift, bias_down = to.bias_down, bias_bits = kSafeBits - to.bias_up;
  const std::int32_t up = 1 << to.bias_up, bias_half = to.bias_half, low = to.low, high = to.high,
                     half = to.half;
  y += at;
#pragma GCC unroll 1
  for (std::size_t j = 0; j < cols; ++j) {
    const std::int32_t b = bias ? bias[j] : 0, products = sums[j];
    if (!fits || (size_bits(b) >> bias_bits | size_bits(products) >> kSafeBits) != 0) {
      wide |= put(y - at, at + j, start_of_sum(b, to.bias_shift) + products, to.end);
      continue;
    }
    std::int32_t sum = products + ((b * up + bias_half) >> bias_down);
    sum = sum > high ? high : sum;
    sum = sum < low ? low : sum;
    seen |= size_bits(sum);
    if (to.end.sums) {
      to.end.sums[at + j] = sum;
      continue;
    }
    const std::int32_t q = (sum + half) >> shift, most = kMaxMantissa8;
    y[j] = static_cast<std::int8_t>(q > most ? most : q < -most ? -most : q);
  }
  return wide | seen;
}

// ---- the gradient of column k, of all samples, from its row of W

struct InputGradient {
  std::int8_t* dx;
  const std::int8_t* dy;
  Few few;
  const IntegerGradient& end;
  bool fits;
  std::int32_t half;

  InputGradient(std::int8_t* to, const std::int8_t* from, const Few& f, const IntegerGradient& e)
      : dx(to),
        dy(from),
        few(f),
        end(e),
        fits(!e.resumes && e.act != Activation::leaky_relu && is_safe_shift(e.shift)),
        half(fits ? 1 << (e.shift - 1) : 0) {}
};

std::int32_t dot(const std::int16_t* w, const std::int8_t* dy, std::size_t n) {
  std::int32_t sum = 0;
  for (; n >= 4; n -= 4, w += 4, dy += 4)
    sum += w[0] * dy[0] + w[1] * dy[1] + w[2] * dy[2] + w[3] * dy[3];
#pragma GCC unroll 1
  for (; n != 0; --n) sum += *w++ * *dy++;
  return sum;
}

HONE_OWN_FRAME std::uint64_t put_column(const InputGradient& to, const std::int16_t* w,
                                        std::size_t k) {
  std::uint64_t wide = 0;
  std::uint32_t seen = 0;
  const std::int8_t* dy = to.dy;
#pragma GCC unroll 1
  for (std::size_t i = 0; i < to.few.n; ++i, k += to.few.in, dy += to.few.out) {
    const std::int32_t sum = dot(w, dy, to.few.out);
    if (!to.fits || !is_safe(sum)) {
      wide |= put(to.dx, k, sum, to.end);
      continue;
    }
    seen |= size_bits(sum);
    std::int32_t q = (sum + to.half) >> to.end.shift;
    if (to.end.act != Activation::none) {
      const std::int32_t y = to.end.y[k];
      if (y <= 0 || (to.end.act == Activation::relu6 && y >= to.end.six)) q = 0;
    }
    const std::int32_t most = kMaxMantissa8;
    to.dx[k] = static_cast<std::int8_t>(q > most ? most : q < -most ? -most : q);
  }
  return wide | seen;
}

// ---- the update, along each lane of a row's stream: only columns with a gradient

struct Column {
  std::int32_t g;         // its sum of the row; of one sample the part behind x
  std::uint32_t of_lane;  // what the seed of the row becomes that of the lane with
  std::uint8_t at, steps, high, begins;
};
struct Columns {
  std::size_t count;
  Column column[kFewColumns + 1];  // behind the last one: a lane begins
};

// steps: of the lane since the column before.
void find_columns(Columns& live, const std::int8_t* dy, std::size_t n, std::size_t out, bool all) {
  live.count = 0;
  for (std::size_t lane = 0; lane < kStreamLanes; ++lane) {
    std::size_t steps = 1;
    bool begins = true;
    for (std::size_t c = lane; c < out; c += kStreamLanes) {
      const bool is_high = c & kStreamLanes;
      std::int32_t any = all;
      for (std::size_t i = 0; i < n; ++i) any |= dy[i * out + c];
      if (any) {
        live.column[live.count++] = {dy[c],
                                     0x9E3779B9u * static_cast<std::uint32_t>(lane + 1),
                                     static_cast<std::uint8_t>(c),
                                     static_cast<std::uint8_t>(steps),
                                     static_cast<std::uint8_t>(is_high ? 16 : 0),
                                     begins};
        steps = 0;
        begins = false;
      }
      steps += is_high;
    }
  }
  live.column[live.count].begins = true;
}

// next(column, m, u16): the new weight, which may pass its range.
template <class Next>
void update_row(IntegerReport& report, std::int16_t* w, std::uint32_t seed, const Columns& live,
                Next next) {
  std::int32_t largest = static_cast<std::int32_t>(report.weights), changes = 0;
  const Column* c = live.column;
  const Column* const end = c + live.count;
  while (c != end) {
    std::uint32_t s = mixed(seed + c->of_lane);
    if (s == 0) s = 1;
    do {
      for (std::uint32_t steps = c->steps; steps != 0; --steps) {
        s ^= s << 13;
        s ^= s >> 17;
        s ^= s << 5;
      }
      const std::int32_t m = w[c->at];
      std::int32_t to = next(*c, m, s >> c->high & 0xFFFFu);
      const std::int32_t size = to < 0 ? -to : to;
      if (size > largest) {
        to = static_cast<std::int32_t>(clamp(to, kMaxMantissa16));
        largest = size > kMaxMantissa16 ? kMaxMantissa16 : size;
      }
      changes |= to ^ m;
      w[c->at] = static_cast<std::int16_t>(to);
      ++c;
    } while (!c->begins);
  }
  report.weights = static_cast<std::uint32_t>(largest);
  report.changes |= static_cast<std::uint32_t>(changes);
}

struct RowOfWeights {
  std::int16_t* w;
  std::uint32_t seed;
};

// Of one sample: the sums are x * g, and g holds the rate.
void update_by_sample(IntegerReport& report, const RowOfWeights& row, const Columns& live,
                      std::int32_t x, const QuickUpdate& q) {
  if (q.decays) {
    update_row(
        report, row.w, row.seed, live, [=](const Column& c, std::int32_t m, std::uint32_t u16) {
          const std::int32_t t =
              ((x * c.g + q.half) >> q.shift) + ((m * q.decay + q.decay_half) >> q.decay_shift);
          return m - ((t + static_cast<std::int32_t>(u16)) >> kVelocityBits);
        });
  } else if (x != 0) {
    const std::int32_t half = q.half;
    const int shift = q.shift;
    update_row(report, row.w, row.seed, live,
               [=](const Column& c, std::int32_t m, std::uint32_t u16) {
                 const std::int32_t t = (x * c.g + half) >> shift;
                 return m - ((t + static_cast<std::int32_t>(u16)) >> kVelocityBits);
               });
  }
}

// Several: g gets their sums.
void update_by_sums(IntegerReport& report, const RowOfWeights& row, Columns& live,
                    const std::int32_t* sums, const IntegerUpdate& update, const QuickUpdate& q) {
  std::int32_t size = 0;
  for (std::size_t i = 0; i < live.count; ++i) {
    const std::int32_t sum = sums[live.column[i].at];
    size |= sum < 0 ? -sum : sum;
  }
  if (size == 0 && !q.decays) return;
  if (size <= q.most) {
    for (std::size_t i = 0; i < live.count; ++i)
      live.column[i].g = sums[live.column[i].at] * q.rate;
    return update_by_sample(report, row, live, 1, q);
  }
  update_row(report, row.w, row.seed, live,
             [=, &update](const Column& c, std::int32_t m, std::uint32_t u16) {
               return std::int32_t{
                   updated(update, sums[c.at], static_cast<std::int16_t>(m), nullptr, u16)};
             });
}

}  // namespace

std::uint64_t forward_few(std::int8_t* y, const std::int8_t* x, const std::int16_t* w,
                          const std::int32_t* bias, int bias_shift, std::size_t n, std::size_t in,
                          std::size_t out, const IntegerOutput& end) {
  const OutputEnds to(end, bias_shift);
  std::uint64_t seen = 0;
  for (std::size_t c = 0; c < out; c += kColumns) {
    const std::size_t cols = at_most(out - c, kColumns);
    for (std::size_t i = 0; i < n; ++i) {
      std::int32_t sums[kColumns];
      sums_of_columns(sums, x + i * in, w + c, out, in, cols);
      seen |= put_few(y, i * out + c, sums, bias ? bias + c : nullptr, cols, to);
    }
  }
  return seen;
}

namespace {

HONE_OWN_FRAME void update_biases_few(const IntegerParameters& p, const std::int8_t* dy,
                                      std::size_t n, std::size_t out, const QuickUpdate& q) {
#pragma GCC unroll 1
  for (std::size_t c = 0; c < out; ++c) {
    std::int32_t acc = 0;
#pragma GCC unroll 1
    for (std::size_t i = c; i < n * out; i += out) acc += dy[i];
    if (acc == 0) continue;
    const std::int32_t t = (acc * q.rate + q.half) >> q.shift;
    const std::int64_t b = p.bias[c] - ((std::int64_t{t} + 128) >> kBiasVelocityBits);
    p.bias[c] = static_cast<std::int32_t>(clamp(b, 0x7FFFFFFF));
  }
}

// One sample: every row by itself.
void backward_one(IntegerReport& report, const InputGradient& gradient, const std::int8_t* x,
                  std::int16_t* w, Columns& live, const IntegerUpdate& update,
                  const QuickUpdate& q) {
  for (std::size_t i = 0; i < live.count; ++i) live.column[i].g *= q.rate;
  std::uint64_t seen = 0;
  for (std::size_t k = 0; k < gradient.few.in; ++k, w += gradient.few.out) {
    const std::int32_t xk = x[k];  // dx may be x
    if (gradient.dx) seen |= put_column(gradient, w, k);
    if (xk != 0 || q.decays) update_by_sample(report, {w, seed_of_row(update, k)}, live, xk, q);
  }
  report.gradient = seen;
}

void backward_several(IntegerReport& report, const InputGradient& gradient, const std::int8_t* x,
                      std::int16_t* w, Columns& live, const IntegerUpdate& update,
                      const QuickUpdate& q) {
  const Few& few = gradient.few;
  std::uint64_t seen = 0;
  for (std::size_t k = 0; k < few.in; ++k, w += few.out) {
    std::int8_t old[kFewSamples];
    std::int32_t any = q.decays;
    for (std::size_t i = 0, at = k; i < few.n; ++i, at += few.in) any |= old[i] = x[at];
    if (gradient.dx) seen |= put_column(gradient, w, k);
    if (any == 0) continue;
    std::int32_t sums[kFewColumns];
    for (std::size_t c = 0; c < few.out; c += kColumns)
      sums_of_columns(sums + c, old, gradient.dy + c, few.out, few.n,
                      at_most(few.out - c, kColumns));
    update_by_sums(report, {w, seed_of_row(update, k)}, live, sums, update, q);
  }
  report.gradient = seen;
}

}  // namespace

bool backward_few(IntegerReport& report, const IntegerParameters& p, std::int8_t* dx,
                  const std::int8_t* x, const std::int8_t* dy, std::size_t n, std::size_t in,
                  std::size_t out, const IntegerGradient& end) {
  if (!p.update || p.sum) return false;
  const QuickUpdate q = quick_of(*p.update);
  if (q.most < kMaxMantissa8 * kMaxMantissa8) return false;
  Columns live;
  find_columns(live, dy, n, out, q.decays);
  (n == 1 ? backward_one : backward_several)(report, {dx, dy, {n, in, out}, end}, x, p.w, live,
                                             *p.update, q);
  if (!p.bias || !p.bias_update) return true;
  const QuickUpdate of_bias = quick_of(*p.bias_update);
  const std::int32_t most = static_cast<std::int32_t>(n) * kMaxMantissa8;
  if (of_bias.most < most || of_bias.decays || p.bias_sum) {
    update_biases(p, dy, n, out);
  } else {
    update_biases_few(p, dy, n, out, of_bias);
  }
  return true;
}

}  // namespace integer
}  // namespace HONE_LEAF_NS
}  // namespace hone
