#include "dense_few.hpp"

#include "ends.hpp"
#include "update_few.hpp"

namespace hone {
namespace HONE_LEAF_NS {
namespace integer {
namespace {

constexpr std::size_t kColumns = 8;  // at a time: that many sums are in registers
constexpr std::size_t kRows = 32;    // of W at a time

// sums[c] += the sum of x[k] * b[k * b_step + c] over k < count.
template <class Row>
HONE_OWN_FRAME void eight_sums(std::int32_t* sums, const std::int8_t* x, const Row* b,
                               std::size_t b_step, std::size_t count) {
  std::int32_t s0 = sums[0], s1 = sums[1], s2 = sums[2], s3 = sums[3];
  std::int32_t s4 = sums[4], s5 = sums[5], s6 = sums[6], s7 = sums[7];
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
    std::int32_t sum = sums[c];
    for (std::size_t k = 0; k < count; ++k) sum += x[k] * b[k * b_step + c];
    sums[c] = sum;
  }
}

struct Few {
  std::size_t n, in, out;
};
std::uint32_t size_bits(std::int32_t x) { return static_cast<std::uint32_t>(x ^ (x >> 31)); }

// ---- forward

// What sums of 32 bits become. `fits`: where these are enough for what is safe.
struct OutputEnds {
  const IntegerOutput& end;
  bool fits;
  std::int32_t low, high, half;

  explicit OutputEnds(const IntegerOutput& e)
      : end(e),
        fits(e.act != Activation::leaky_relu && (e.sums || is_safe_shift(e.shift))),
        low(e.act == Activation::none ? -kMost : 0),
        high(e.act == Activation::relu6 && e.six < kMost ? static_cast<std::int32_t>(e.six)
                                                         : kMost),
        half(fits && !e.sums ? 1 << (e.shift - 1) : 0) {}

  static constexpr std::int32_t kMost = 0x7FFFFFFF;
};

// What the sums of `cols` columns start from; false: they are not safe.
bool start_few(std::int32_t* starts, const std::int32_t* bias, int shift, std::size_t cols) {
  if (shift <= -kSafeBits || shift > kSafeBits) return false;
  const int up = shift < 0 ? -shift : 0, down = shift > 0 ? shift : 0;
  const std::uint32_t half = (1u << down) >> 1;
  std::uint32_t bits = 0;
#pragma GCC unroll 1
  for (std::size_t c = 0; c < cols; ++c) {
    const std::int32_t b = bias ? bias[c] : 0;
    bits |= size_bits(b);
    starts[c] = static_cast<std::int32_t>((static_cast<std::uint32_t>(b) << up) + half) >> down;
  }
  return bits >> (kSafeBits - up) == 0;
}

constexpr std::uint32_t kUnsafe = ~0u;
// Outputs of a sample from the whole sums of `cols` columns; kUnsafe: one is not safe.
HONE_OWN_FRAME std::uint32_t put_safe(std::int8_t* y, std::size_t at, const std::int32_t* sums,
                                      std::size_t cols, const OutputEnds& to) {
  // Copies: a store through y might change what `to` refers to.
  const std::int32_t low = to.low, high = to.high, half = to.half;
  const int shift = to.end.shift;
  std::int64_t* const wide = to.end.sums;
  const std::int32_t* const end = sums + cols;
  std::uint32_t seen = 0;
  const auto activated = [&](std::int32_t sum) {
    sum = sum > high ? high : sum;
    sum = sum < low ? low : sum;
    seen |= size_bits(sum);
    return sum;
  };
  if (wide) {
#pragma GCC unroll 1
    for (std::int64_t* z = wide + at; sums != end; ++sums) {
      if (!is_safe(*sums)) return kUnsafe;
      *z++ = activated(*sums);
    }
    return seen;
  }
#pragma GCC unroll 1
  for (y += at; sums != end; ++sums) {
    if (!is_safe(*sums)) return kUnsafe;
    *y++ = limited_code((activated(*sums) + half) >> shift);
  }
  return seen;
}

struct EightSums {
  std::int32_t of[kColumns];
};

// Any sums.
HONE_OWN_FRAME std::uint64_t put_wide(std::int8_t* y, std::size_t at, const std::int8_t* x,
                                      const std::int16_t* w, const Few& few,
                                      const std::int32_t* bias, int bias_shift, std::size_t cols,
                                      const IntegerOutput& end) {
  EightSums products = {};
  sums_of_columns(products.of, x, w, few.out, few.in, cols);
  std::uint64_t seen = 0;
  for (std::size_t j = 0; j < cols; ++j)
    seen |= put(y, at + j, start_of_sum(bias ? bias[j] : 0, bias_shift) + products.of[j], end);
  return seen;
}

// ---- the gradient of rows of W

// sums[r] += the dot of dy[8] and row r.
HONE_OWN_FRAME void eight_dots(std::int32_t* sums, std::size_t rows, const std::int16_t* w,
                               std::size_t step, const std::int8_t* dy) {
  const std::int32_t d0 = dy[0], d1 = dy[1], d2 = dy[2], d3 = dy[3];
  const std::int32_t d4 = dy[4], d5 = dy[5], d6 = dy[6], d7 = dy[7];
#pragma GCC unroll 1
  for (const std::int32_t* const end = sums + rows; sums != end; w += step) {
    std::int32_t sum = *sums;
    sum += w[0] * d0, sum += w[1] * d1, sum += w[2] * d2, sum += w[3] * d3;
    sum += w[4] * d4, sum += w[5] * d5, sum += w[6] * d6, sum += w[7] * d7;
    *sums++ = sum;
  }
}
void dots_of_rows(std::int32_t* sums, std::size_t rows, const std::int16_t* w,
                  const std::int8_t* dy, std::size_t out) {
  for (std::size_t r = 0; r < rows; ++r) sums[r] = 0;
  std::size_t c = 0;
  for (; c + kColumns <= out; c += kColumns) eight_dots(sums, rows, w + c, out, dy + c);
  for (; c < out; ++c)
    for (std::size_t r = 0; r < rows; ++r) sums[r] += w[r * out + c] * dy[c];
}

struct InputGradient {
  std::int8_t* dx;
  const std::int8_t* dy;
  Few few;
  const IntegerGradient& end;
};

// Elements [at, at + count) of dx.
HONE_OWN_FRAME std::uint64_t put_dots(std::int8_t* dx, std::size_t at, const std::int32_t* sums,
                                      std::size_t count, const IntegerGradient& end) {
  std::uint32_t bits = 0;
#pragma GCC unroll 1
  for (std::size_t r = 0; r < count; ++r) bits |= size_bits(sums[r]);
  if (end.resumes || end.act == Activation::leaky_relu || !is_safe_shift(end.shift) ||
      bits >> kSafeBits != 0) {
    std::uint64_t seen = 0;
    for (std::size_t r = 0; r < count; ++r) seen |= put(dx, at + r, sums[r], end);
    return seen;
  }
  const int shift = end.shift;
  const std::int32_t half = 1 << (shift - 1);
  const std::int32_t six = end.act == Activation::relu6 ? end.six : kMaxMantissa8 + 1;
  const std::int8_t* y = end.act == Activation::none ? nullptr : end.y + at;
  dx += at;
#pragma GCC unroll 1
  for (const std::int32_t* const last = sums + count; sums != last; ++sums) {
    const std::int32_t v = y ? *y++ : 1;
    *dx++ = v > 0 && v < six ? limited_code((*sums + half) >> shift) : std::int8_t{0};
  }
  return bits;
}

// Rows [k, k + rows), of all samples.
HONE_OWN_FRAME std::uint64_t gradient_of_rows(const InputGradient& to, const std::int16_t* w,
                                              std::size_t k, std::size_t rows) {
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < to.few.n; ++i) {
    std::int32_t sums[kRows];
    dots_of_rows(sums, rows, w, to.dy + i * to.few.out, to.few.out);
    seen |= put_dots(to.dx, i * to.few.in + k, sums, rows, to.end);
  }
  return seen;
}

// ---- the update of rows of W

struct Rows {
  std::size_t first, count;
  Factors x;
};

// One sample: every row by itself.
void update_of_one(IntegerReport& report, std::int16_t* w, const Rows& rows, std::size_t out,
                   Live& live, const IntegerUpdate& update, const QuickUpdate& q) {
  for (std::size_t r = 0; r < rows.count; ++r, w += out) {
    const std::int32_t x = rows.x.at[r];
    if (x == 0 && !q.decays) continue;
    update_by_sample(report, w, seed_of_row(update, rows.first + r), live, x, q);
  }
}

HONE_OWN_FRAME void update_of_several(IntegerReport& report, std::int16_t* w, const Rows& rows,
                                      const std::int8_t* dy, std::size_t n, std::size_t out,
                                      Live& live, const IntegerUpdate& update,
                                      const QuickUpdate& q) {
  for (std::size_t r = 0; r < rows.count; ++r, w += out) {
    std::int8_t x[kFewSamples];
    std::int32_t size = 0;
    for (std::size_t i = 0; i < n; ++i) size |= x[i] = rows.x.at[r + i * rows.x.term_step];
    if (size == 0 && !q.decays) continue;
    for (std::size_t c = 0; c < out; ++c) live.g[c] = 0;
    for (std::size_t c = 0; c < out; c += kColumns)
      sums_of_columns(live.g + c, x, dy + c, out, n, at_most(out - c, kColumns));
    size = 0;
    for (std::size_t c = 0; c < out; ++c) size |= live.g[c] < 0 ? -live.g[c] : live.g[c];
    if (size == 0 && !q.decays) continue;
    update_by_sums(report, w, seed_of_row(update, rows.first + r), live, update, q, size);
  }
}

}  // namespace

std::uint64_t forward_few(std::int8_t* y, const std::int8_t* x, const std::int16_t* w,
                          const std::int32_t* bias, int bias_shift, std::size_t n, std::size_t in,
                          std::size_t out, const IntegerOutput& end) {
  const OutputEnds to(end);
  std::uint64_t seen = 0;
  for (std::size_t c = 0; c < out; c += kColumns) {
    const std::size_t cols = at_most(out - c, kColumns);
    const std::int32_t* const b = bias ? bias + c : nullptr;
    EightSums starts;
    const bool fits = start_few(starts.of, b, bias_shift, cols) && to.fits;
    for (std::size_t i = 0; i < n; ++i) {
      std::uint32_t bits = kUnsafe;
      if (fits) {
        EightSums sums = starts;
        sums_of_columns(sums.of, x + i * in, w + c, out, in, cols);
        bits = put_safe(y, i * out + c, sums.of, cols, to);
      }
      seen |= bits != kUnsafe ? bits
                              : put_wide(y, i * out + c, x + i * in, w + c, {n, in, out}, b,
                                         bias_shift, cols, end);
    }
  }
  return seen;
}

bool backward_few(IntegerReport& report, const IntegerParameters& p, std::int8_t* dx,
                  const std::int8_t* x, const std::int8_t* dy, std::size_t n, std::size_t in,
                  std::size_t out, const IntegerGradient& end) {
  if (!p.update || p.sum) return false;
  const QuickUpdate q = quick_of(*p.update);
  if (q.most < kMaxMantissa8 * kMaxMantissa8) return false;
  Live live;
  find_live(live, dy, n, out, q.decays);
  const QuickUpdate of_bias = p.bias && p.bias_update ? quick_of(*p.bias_update) : q;
  if (of_bias.most < static_cast<std::int32_t>(n) * kMaxMantissa8 || of_bias.decays || p.bias_sum) {
    update_biases(p, dy, n, out);
  } else if (p.bias && p.bias_update) {
    update_biases_few(p, dy, n, out, live, of_bias);
  }
  for (std::size_t i = 0; n == 1 && i < live.columns; ++i)
    live.g[live.column[i]] = dy[live.column[i]] * q.rate;
  const InputGradient gradient{dx, dy, {n, in, out}, end};
  std::int8_t kept[2 * kRows];
  const std::size_t step = at_most(kRows, sizeof kept / n);
  for (std::size_t k = 0; k < in; k += step) {
    std::int16_t* const w = p.w + k * out;
    const std::size_t count = at_most(in - k, step);
    const Rows rows{k, count, columns_of(x + k, dx == x ? kept : nullptr, count, n, in)};
    if (dx) report.gradient |= gradient_of_rows(gradient, w, k, count);
    if (n == 1) {
      update_of_one(report, w, rows, out, live, *p.update, q);
    } else {
      update_of_several(report, w, rows, dy, n, out, live, *p.update, q);
    }
  }
  return true;
}

}  // namespace integer
}  // namespace HONE_LEAF_NS
}  // namespace hone
