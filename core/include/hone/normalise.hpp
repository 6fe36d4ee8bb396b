#pragma once
#include <cstddef>
#include <cstdint>

#include "hone/data_fault.hpp"
#include "hone/span.hpp"
#include "hone/status.hpp"

namespace hone {

enum class NormaliseRule : std::uint8_t {
  none,     ///< pixels p/255; features as they are
  fixed,    ///< pixels (p/255 - A) * B; features (v - A) * B
  set,      ///< (p - mean) / deviation, one pair for all values of the training part
  image,    ///< each image by its own mean and deviation; pixels only
  columns,  ///< (v - mean) / deviation, a pair per column; features only
};

/// A rule with its numbers, which a checkpoint stores as text.
struct Normalisation {
  NormaliseRule rule = NormaliseRule::none;
  /// False for `set` and `columns` as long as their numbers are not estimated.
  bool known = true;
  double a = 0.0, b = 1.0;  ///< fixed: A and B; set: mean and deviation, pixels in 0..255
  /// columns: a mean and a deviation per column, in the caller's memory.
  Span<double> mean, deviation;
};

/// Reads `none`, `fixed A B`, `set`, `set MEAN DEVIATION`, `image`, `columns` or
/// `columns MEAN DEVIATION MEAN DEVIATION ...`. The numbers of columns go to `room`, at most
/// room.size / 2 columns.
/// Errors, leaving *rule untouched: unknown_name for another first word, with the nearest one in
/// fault->expected, empty if none is near; bad_data for a missing or surplus number; bad_argument
/// for a deviation that is not above 0; not_finite; too_large for more columns than room.
Status parse_normalisation(Text text, Span<double> room, Normalisation* rule, DataFault* fault);

/// Number of columns in the text of a rule: a bound for the room that parse_normalisation needs.
std::size_t count_columns(Text text);

/// Writes the text of a rule, numbers exact, without a closing 0. too_large if `out` is too small;
/// normalisation_text_bytes is always enough.
Status format_normalisation(const Normalisation& rule, Span<char> out, std::size_t* size);
std::size_t normalisation_text_bytes(const Normalisation& rule);

/// Pixels 0..255 to floats: the rule in double (none: one float division), rounded once to float,
/// then the store floor. image: n pixels, s = sum p, q = sum p^2, D = n*q - s*s, r =
/// max(isqrt(D), n), x = float(double(p*n - s) / double(r)).
/// Errors, leaving x untouched: bad_shape if the sizes differ or are 0 or, for image, reach 2^24;
/// bad_argument for `columns` and for a rule whose numbers are not known.
Status normalise_pixels(const Normalisation& rule, Bytes pixels, Span<float> x);

/// Feature values to floats, in double and rounded once, then the store floor. `columns` needs
/// values.size a multiple of the number of columns: column of value i = i mod columns.
/// Errors: bad_shape; bad_argument for `image` and for a rule whose numbers are not known;
/// not_finite if a result is beyond float (x then holds a part).
Status normalise_features(const Normalisation& rule, Span<const double> values, Span<float> x);

// The inputs of w16a8: mantissas of -127 .. 127, as Trainer::input_mantissas() takes them.

/// The exponent of features.
constexpr int kFeatureExponent = -5;
/// And of pixels.
constexpr int pixel_exponent(const Normalisation& rule) {
  return rule.rule == NormaliseRule::none ? -7 : -5;
}

/// Pixels by the integer twin of a rule: none p >> 1; image floor((64*(p*n - s) + r) / (2r)); the
/// others 32 times what normalise_pixels gives, to the nearest, ties upward. What lies beyond
/// +-127 is cut. Errors: those of normalise_pixels.
Status normalise_pixels(const Normalisation& rule, Bytes pixels, Span<std::int8_t> mantissas);
/// 32 times what normalise_features gives, likewise. Errors: those of normalise_features.
Status normalise_features(const Normalisation& rule, Span<const double> values,
                          Span<std::int8_t> mantissas);

/// Mean and deviation of integers of at most 16 bits, from exact sums, so that the order of the
/// samples cannot change a bit: mean = double(s) / double(n), deviation = sqrt(double(n*q - s*s))
/// / double(n), where the 128-bit integer becomes double as high * 2^64 + low; a deviation of 0
/// becomes 1. Up to 2^32 values, pixels up to 2^47.
class ExactMoments {
 public:
  void add(Bytes pixels);
  void add(std::int32_t value) {
    n_ += 1;
    sum_ += value;
    squares_ += static_cast<std::uint64_t>(static_cast<std::int64_t>(value) * value);
  }
  std::uint64_t count() const { return n_; }
  /// Not to be called before the first value.
  void finish(double* mean, double* deviation) const;

 private:
  std::uint64_t n_ = 0;
  std::int64_t sum_ = 0;
  std::uint64_t squares_ = 0;
};

/// Mean and population deviation of doubles in two passes over the same values in the same order,
/// by plain additions: the order is part of the result. A constant gives deviation 1, and its
/// mean is the constant itself.
class OrderedMoments {
 public:
  /// First pass.
  void add_to_mean(double v) {
    if (n_ == 0) first_ = v;
    if (v != first_) constant_ = false;
    sum_ += v;
    n_ += 1;
  }
  void end_mean() { mean_ = constant_ ? first_ : sum_ / static_cast<double>(n_); }
  /// Second pass, after end_mean.
  void add_to_deviation(double v) {
    const double d = v - mean_;
    squares_ += d * d;
  }
  double mean() const { return mean_; }
  double deviation() const;

 private:
  std::uint64_t n_ = 0;
  double sum_ = 0.0, mean_ = 0.0, squares_ = 0.0, first_ = 0.0;
  bool constant_ = true;
};

}  // namespace hone
