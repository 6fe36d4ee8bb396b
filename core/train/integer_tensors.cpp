#include "hone/numeric.hpp"
#include "hone/trainer.hpp"
#include "integer_outputs.hpp"

// Between floats and mantissas with exponents: what of w16a8 computes with floats.
namespace hone {

namespace {

// x * 2^s; |s| <= 60.
double scaled(double x, int s) {
  for (; s > 0; --s) x *= 2.0;
  for (; s < 0; ++s) x *= 0.5;
  return x;
}

// x * 2^-e to the nearest, ties upward, limited to `most`.
std::int32_t nearest(float x, int e, std::int64_t most) {
  double units = scaled(static_cast<double>(x), -e);
  const double limit = static_cast<double>(most);
  if (units > limit) units = limit;
  if (units < -limit) units = -limit;
  const std::int64_t whole = static_cast<std::int64_t>(units * 65536.0);  // towards 0, exact below
  return static_cast<std::int32_t>(rounded_shift(whole, 16));
}

}  // namespace

void mantissas_of(Span<const float> from, Span<std::int16_t> to, Scale& scale) {
  float largest = 0.0f;
  for (const float x : from) largest = x > largest ? x : -x > largest ? -x : largest;
  int e = Scale::kLowest;
  // The least e with largest <= 2^(14 + e).
  for (float limit = 0x1p-46f; e < Scale::kHighest && limit < largest; limit *= 2.0f) ++e;
  scale = Scale{};
  scale.e = scale.now = static_cast<std::int8_t>(e);
  for (std::size_t i = 0; i < from.size; ++i)
    to[i] = static_cast<std::int16_t>(nearest(from[i], e, kMaxMantissa16));
}

void bias_mantissas_of(Span<const float> from, Span<std::int32_t> to) {
  for (std::size_t i = 0; i < from.size; ++i) to[i] = nearest(from[i], kBiasExponent, 0x7FFFFFFF);
}

void floats_of(Span<const std::int16_t> from, int e, Span<float> to) {
  for (std::size_t i = 0; i < from.size; ++i)
    to[i] = store_floor(static_cast<float>(scaled(from[i], e)));
}

void bias_floats_of(Span<const std::int32_t> from, Span<float> to) {
  for (std::size_t i = 0; i < from.size; ++i)
    to[i] = static_cast<float>(scaled(from[i], kBiasExponent));
}

Status Trainer::calibrate(std::uint32_t n, FillSamples fill, void* context) {
  if (program().numeric != Numeric::w16a8 || !program().training || n == 0 || n > program().batch)
    return Status::bad_argument;
  return train::fit_outputs(state_, n, fill, context);
}

}  // namespace hone
