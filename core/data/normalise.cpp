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

/// x * 32 to the nearest, ties upward, cut.
std::int8_t mantissa_of(float x) {
  double scaled = static_cast<double>(x) * 32.0;
  if (scaled > 127.0) scaled = 127.0;
  if (scaled < -127.0) scaled = -127.0;
  // Towards 0 is downwards for what is made positive. Exact but where x is next to nothing.
  return static_cast<std::int8_t>(static_cast<int>(scaled + 1024.5) - 1024);
}

/// floor(a / b).
std::int64_t floor_quotient(std::int64_t a, std::int64_t b) { return a / b - (a % b < 0 ? 1 : 0); }

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
void make_table(const Normalisation& rule, std::int8_t* table) {
  float x[256];
  make_table(rule, x);
  for (int p = 0; p < 256; ++p)
    table[p] =
        rule.rule == NormaliseRule::none ? static_cast<std::int8_t>(p >> 1) : mantissa_of(x[p]);
}

/// What the rule `image` takes from the pixels of one.
struct ImageMoments {
  explicit ImageMoments(Bytes pixels) : n(static_cast<std::int64_t>(pixels.size)) {
    std::uint64_t squares = 0;
    for (const std::uint8_t p : pixels) {
      sum += p;
      squares += std::uint64_t{p} * p;
    }
    // n < 2^24: n * squares < 2^24 * 2^24 * 2^16 = 2^64.
    const std::uint64_t s = static_cast<std::uint64_t>(sum);
    const std::int64_t root = static_cast<std::int64_t>(isqrt(pixels.size * squares - s * s));
    r = root > n ? root : n;
  }
  std::int64_t centred(int p) const { return p * n - sum; }

  std::int64_t n, sum = 0, r = 0;
};

void make_image_table(Bytes pixels, float* table) {
  const ImageMoments m(pixels);
  for (int p = 0; p < 256; ++p)
    table[p] = stored(static_cast<double>(m.centred(p)) / static_cast<double>(m.r));
}
void make_image_table(Bytes pixels, std::int8_t* table) {
  const ImageMoments m(pixels);
  for (int p = 0; p < 256; ++p) {
    const std::int64_t x = floor_quotient(64 * m.centred(p) + m.r, 2 * m.r);
    table[p] = static_cast<std::int8_t>(x > 127 ? 127 : x < -127 ? -127 : x);
  }
}

template <class T>
Status pixels_to(const Normalisation& rule, Bytes pixels, Span<T> x) {
  if (pixels.size != x.size || pixels.size == 0) return Status::bad_shape;
  if (rule.rule == NormaliseRule::columns || !rule.known) return Status::bad_argument;
  T table[256];
  if (rule.rule == NormaliseRule::image) {
    if (pixels.size >= std::size_t{1} << 24) return Status::bad_shape;
    make_image_table(pixels, table);
  } else {
    make_table(rule, table);
  }
  for (std::size_t i = 0; i < x.size; ++i) x[i] = table[pixels[i]];
  return Status::ok;
}

void store(float x, float* to) { *to = x; }
void store(float x, std::int8_t* to) { *to = mantissa_of(x); }

template <class T>
Status features_to(const Normalisation& rule, Span<const double> values, Span<T> x) {
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
    const float value = stored(v);
    if (is_not_finite(value))
      finite = false;
    else
      store(value, &x[i]);
  }
  return finite ? Status::ok : Status::not_finite;
}

}  // namespace

Status normalise_pixels(const Normalisation& rule, Bytes pixels, Span<float> x) {
  return pixels_to(rule, pixels, x);
}
Status normalise_pixels(const Normalisation& rule, Bytes pixels, Span<std::int8_t> mantissas) {
  return pixels_to(rule, pixels, mantissas);
}

Status normalise_features(const Normalisation& rule, Span<const double> values, Span<float> x) {
  return features_to(rule, values, x);
}
Status normalise_features(const Normalisation& rule, Span<const double> values,
                          Span<std::int8_t> mantissas) {
  return features_to(rule, values, mantissas);
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
