#include "integer_sums.hpp"

namespace hone {
namespace HONE_LEAF_NS {
namespace integer {
namespace {

constexpr std::int64_t kMost32 = 0x7FFFFFFF;

__attribute__((noinline)) std::int32_t limited(std::int64_t x) {
  return static_cast<std::int32_t>(clamp(x, kMost32));
}

template <class B>
std::int64_t products(std::int64_t sum, const std::int8_t* a, std::size_t a_step, const B* b,
                      std::size_t b_step, std::size_t n) {
  for (; n != 0; --n, a += a_step, b += b_step) sum += std::int64_t{*a * *b};
  return sum;
}

}  // namespace

std::int64_t start_of_sum(std::int64_t x, int s) { return clamp(rounded_shift(x, s), kMaxSum / 2); }

std::int8_t masked(std::int8_t d, std::int32_t y, const IntegerGradient& end) {
  if (end.act == Activation::none) return d;
  if (y > 0) return end.act == Activation::relu6 && y >= end.six ? std::int8_t{0} : d;
  if (end.act != Activation::leaky_relu) return 0;
  return static_cast<std::int8_t>(clamp(scaled_by(d, end.slope), kMaxMantissa8));
}

std::uint64_t put_output(std::int8_t* y, std::size_t at, std::int64_t sum,
                         const IntegerOutput& end) {
  if (end.act != Activation::none) {
    if (sum < 0) sum = end.act == Activation::leaky_relu ? scaled_by(sum, end.slope) : 0;
    if (end.act == Activation::relu6 && sum > end.six) sum = end.six;
  }
  if (end.sums) {
    end.sums[at] = sum;
  } else {
    y[at] = quantised(sum, end.shift);
  }
  return magnitude_bits(sum);
}

std::uint64_t put_gradient(std::int8_t* dx, std::size_t at, std::int64_t sum,
                           const IntegerGradient& end) {
  if (end.resumes) sum += start_of_sum(dx[at], -end.resumed_shift);
  dx[at] = masked(quantised(sum, end.shift), end.y ? end.y[at] : 0, end);
  return magnitude_bits(sum);
}

std::int32_t updated(const IntegerUpdate& update, std::int64_t acc, std::int32_t m,
                     std::int32_t* sum, std::int32_t* velocity, int bits, std::uint32_t draw) {
  if (sum && !update.first) acc += *sum;
  const std::int32_t whole = limited(acc);
  if (!update.last) {
    *sum = whole;
    return m;
  }
  const std::int64_t d = scaled_by(m, update.decay, -bits);
  std::int64_t t = scaled_by(whole, {update.rate, update.rate_shift});
  if (!update.decoupled) t += d;
  if (update.momentum) {
    t = limited(scaled_by(*velocity, update.mu) + t);
    if (update.velocity16 && bits == kVelocityBits)
      t = narrow_velocity(t, draw) * (1 << kNarrowBits);
    *velocity = static_cast<std::int32_t>(t);
  }
  if (update.decoupled) t += d;
  t = (t + draw) >> kBiasVelocityBits;
  if (bits != kBiasVelocityBits) t >>= kVelocityBits - kBiasVelocityBits;
  return limited(m - t);
}

namespace {

std::int32_t* at(std::int32_t* p, std::size_t i) { return p ? p + i : nullptr; }

}  // namespace

void update_weight(IntegerReport& report, const IntegerParameters& p, std::size_t i,
                   std::int64_t acc, std::uint32_t u16) {
  // Most sums of a sparse sample are 0, and then plain SGD changes nothing.
  if (acc == 0 && !p.sum && !p.update->momentum && p.update->decay.mantissa == 0) return;
  const std::int32_t m = p.w[i];
  const std::int32_t most = kMaxMantissa16;
  std::int16_t* const narrow = p.update->velocity16 ? p.velocity16 + i : nullptr;
  std::int32_t wide = narrow ? *narrow * (1 << kNarrowBits) : 0;
  std::int32_t to = updated(*p.update, acc, m, at(p.sum, i), narrow ? &wide : at(p.velocity, i),
                            kVelocityBits, u16);
  if (narrow) *narrow = static_cast<std::int16_t>(wide >> kNarrowBits);
  to = to > most ? most : to < -most ? -most : to;
  if (to == m) return;
  p.w[i] = static_cast<std::int16_t>(to);
  const std::uint32_t size = static_cast<std::uint32_t>(to < 0 ? -to : to);
  if (size > report.weights) report.weights = size;
  report.changes |= static_cast<std::uint32_t>(to ^ m);
}

void update_biases(const IntegerParameters& p, const std::int8_t* dy, std::size_t n,
                   std::size_t channels) {
  static constexpr std::int8_t kOne = 1;
  constexpr std::uint32_t kHalf = 1u << (kBiasVelocityBits - 1);  // to the nearest
  if (!p.bias_update) return;
  for (std::size_t c = 0; c < channels; ++c)
    p.bias[c] = updated(*p.bias_update, add_products(0, &kOne, 0, dy + c, channels, n), p.bias[c],
                        at(p.bias_sum, c), at(p.bias_velocity, c), kBiasVelocityBits, kHalf);
}

std::int64_t add_products(std::int64_t sum, const std::int8_t* a, std::size_t a_step,
                          const std::int8_t* b, std::size_t b_step, std::size_t n) {
  return products(sum, a, a_step, b, b_step, n);
}
std::int64_t add_products(std::int64_t sum, const std::int8_t* a, std::size_t a_step,
                          const std::int16_t* b, std::size_t b_step, std::size_t n) {
  return products(sum, a, a_step, b, b_step, n);
}

}  // namespace integer
}  // namespace HONE_LEAF_NS
}  // namespace hone
