#include "hone/normalise.hpp"

#include <cmath>

#include "hone/numeric.hpp"

namespace hone {
namespace {

/// Largest r with r * r <= v, bit by bit.
std::uint64_t isqrt(std::uint64_t v) {
  std::uint64_t root = 0;
  for (std::uint64_t bit = std::uint64_t{1} << 31; bit; bit >>= 1) {
    const std::uint64_t r = root | bit;
    if (r * r <= v) root = r;
  }
  return root;
}

struct U128 {
  std::uint64_t high, low;
};

U128 product(std::uint64_t a, std::uint64_t b) {
  const std::uint64_t mask = 0xFFFFFFFFu;
  const std::uint64_t ll = (a & mask) * (b & mask), lh = (a & mask) * (b >> 32);
  const std::uint64_t hl = (a >> 32) * (b & mask), hh = (a >> 32) * (b >> 32);
  const std::uint64_t middle = (ll >> 32) + (lh & mask) + (hl & mask);
  return {hh + (lh >> 32) + (hl >> 32) + (middle >> 32), middle << 32 | (ll & mask)};
}

/// a - b, b not above a.
U128 difference(U128 a, U128 b) {
  return {a.high - b.high - (a.low < b.low ? 1 : 0), a.low - b.low};
}

double to_double(U128 v) {
  const double high = static_cast<double>(v.high) * 0x1p64;
  return high + static_cast<double>(v.low);
}

float stored(double x) { return store_floor(static_cast<float>(x)); }

/// The value of each pixel for a rule that does not look at the image.
void make_table(const Normalisation& rule, float* table) {
  for (int p = 0; p < 256; ++p) {
    const double v = p;
    double x = 0.0;
    if (rule.rule == NormaliseRule::fixed)
      x = (v / 255.0 - rule.a) * rule.b;
    else
      x = (v - rule.a) / rule.b;
    table[p] =
        rule.rule == NormaliseRule::none ? store_floor(static_cast<float>(p) / 255.0f) : stored(x);
  }
}

void make_image_table(Bytes pixels, float* table) {
  const std::uint64_t n = pixels.size;
  std::uint64_t sum = 0, squares = 0;
  for (const std::uint8_t p : pixels) {
    sum += p;
    squares += std::uint64_t{p} * p;
  }
  // n < 2^24: n * squares < 2^24 * 2^24 * 2^16 = 2^64.
  const std::uint64_t root = isqrt(n * squares - sum * sum);
  const double r = static_cast<double>(root > n ? root : n);
  for (std::uint64_t p = 0; p < 256; ++p) {
    const std::int64_t centred = static_cast<std::int64_t>(p * n) - static_cast<std::int64_t>(sum);
    table[p] = stored(static_cast<double>(centred) / r);
  }
}

}  // namespace

Status normalise_pixels(const Normalisation& rule, Bytes pixels, Span<float> x) {
  if (pixels.size != x.size || pixels.size == 0) return Status::bad_shape;
  if (rule.rule == NormaliseRule::columns || !rule.known) return Status::bad_argument;
  float table[256];
  if (rule.rule == NormaliseRule::image) {
    if (pixels.size >= std::size_t{1} << 24) return Status::bad_shape;
    make_image_table(pixels, table);
  } else {
    make_table(rule, table);
  }
  for (std::size_t i = 0; i < x.size; ++i) x[i] = table[pixels[i]];
  return Status::ok;
}

Status normalise_features(const Normalisation& rule, Span<const double> values, Span<float> x) {
  if (values.size != x.size || values.size == 0) return Status::bad_shape;
  if (rule.rule == NormaliseRule::image || !rule.known) return Status::bad_argument;
  const bool columns = rule.rule == NormaliseRule::columns;
  if (columns && (rule.mean.size == 0 || rule.deviation.size != rule.mean.size ||
                  values.size % rule.mean.size != 0))
    return Status::bad_shape;
  bool finite = true;
  for (std::size_t i = 0, column = 0; i < x.size; ++i) {
    double v = values[i];
    if (rule.rule == NormaliseRule::fixed) v = (v - rule.a) * rule.b;
    if (rule.rule == NormaliseRule::set) v = (v - rule.a) / rule.b;
    if (columns) {
      v = (v - rule.mean[column]) / rule.deviation[column];
      if (++column == rule.mean.size) column = 0;
    }
    x[i] = stored(v);
    if (is_not_finite(x[i])) finite = false;
  }
  return finite ? Status::ok : Status::not_finite;
}

void ExactMoments::add(Bytes pixels) {
  std::uint64_t sum = 0, squares = 0;
  for (const std::uint8_t p : pixels) {
    sum += p;
    squares += std::uint64_t{p} * p;
  }
  n_ += pixels.size;
  sum_ += static_cast<std::int64_t>(sum);
  squares_ += squares;
}

void ExactMoments::finish(double* mean, double* deviation) const {
  const double n = static_cast<double>(n_);
  const std::uint64_t magnitude = static_cast<std::uint64_t>(sum_ < 0 ? -sum_ : sum_);
  const U128 d = difference(product(n_, squares_), product(magnitude, magnitude));
  *mean = static_cast<double>(sum_) / n;
  *deviation = d.high || d.low ? std::sqrt(to_double(d)) / n : 1.0;
}

double OrderedMoments::deviation() const {
  if (constant_ || squares_ == 0.0) return 1.0;
  return std::sqrt(squares_ / static_cast<double>(n_));
}

}  // namespace hone
