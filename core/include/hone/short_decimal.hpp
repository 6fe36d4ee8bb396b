#pragma once
#include <cstddef>
#include <cstdint>
#include <limits>

#include "hone/span.hpp"

// Decimals of up to 19 digits, to the nearest double and back, in constant expressions too.
// decimal.hpp reads numbers of any length, at run time.

namespace hone {

enum class DecimalRange : std::uint8_t { ok, too_small, too_large };

namespace detail {

/// Holds 10^343, twice that, and every product below.
struct WideInteger {
  static constexpr int kWords = 37;
  std::uint32_t word[kWords] = {};
  int size = 0;  ///< words in use; those above are 0

  constexpr explicit WideInteger(std::uint64_t v) {
    for (; v; v >>= 32) word[size++] = static_cast<std::uint32_t>(v);
  }
  constexpr void multiply(std::uint32_t factor) {
    std::uint64_t carry = 0;
    for (int i = 0; i < size; ++i) {
      carry += std::uint64_t{word[i]} * factor;
      word[i] = static_cast<std::uint32_t>(carry);
      carry >>= 32;
    }
    if (carry) word[size++] = static_cast<std::uint32_t>(carry);
  }
  constexpr void multiply_power_of_ten(int n) {
    for (; n >= 9; n -= 9) multiply(1000000000u);
    for (; n > 0; --n) multiply(10);
  }
  constexpr bool operator<(const WideInteger& o) const {
    if (size != o.size) return size < o.size;
    for (int i = size; i-- > 0;)
      if (word[i] != o.word[i]) return word[i] < o.word[i];
    return false;
  }
  /// o is not above this.
  constexpr void subtract(const WideInteger& o) {
    std::uint64_t borrow = 0;
    for (int i = 0; i < size; ++i) {
      const std::uint64_t d = std::uint64_t{word[i]} - o.word[i] - borrow;
      word[i] = static_cast<std::uint32_t>(d);
      borrow = d >> 63;
    }
    while (size > 0 && word[size - 1] == 0) --size;
  }
};

constexpr int decimal_digits(std::uint64_t v) {
  int n = 0;
  for (; v; v /= 10) ++n;
  return n;
}

/// One bit of the quotient after the other. digits > 0 and not above 10^19.
constexpr double divide_wide(std::uint64_t digits, int exponent, DecimalRange& range) {
  WideInteger n(digits), d(1);
  if (exponent > 0) n.multiply_power_of_ten(exponent);
  if (exponent < 0) d.multiply_power_of_ten(-exponent);
  int top = 0;  // the power of two of the leading bit, in the end
  for (; !(n < d); ++top) d.multiply(2);
  for (; n < d; --top) n.multiply(2);
  range = top > 1023 ? DecimalRange::too_large : DecimalRange::too_small;
  if (top > 1023 || top < -1075) return 0;

  const int bits = top >= -1022 ? 53 : top + 1075;
  std::uint64_t mantissa = 0;
  for (int i = 0; i < bits; ++i) {
    const bool one = !(n < d);
    if (one) n.subtract(d);
    mantissa = mantissa * 2 + (one ? 1 : 0);
    n.multiply(2);
  }
  // n / d is now twice the rest in units of the last bit.
  const bool up = d < n || (!(n < d) && (mantissa & 1));
  if (up) ++mantissa;
  if (mantissa == 0) return 0;
  range = DecimalRange::too_large;
  if (top == 1023 && mantissa == std::uint64_t{1} << 53) return 0;

  range = DecimalRange::ok;
  double value = static_cast<double>(mantissa);
  int power = top - bits + 1;
  for (; power > 0; --power) value *= 2.0;
  for (; power < 0; ++power) value *= 0.5;  // exact, into the subnormals as well
  return value;
}

}  // namespace detail

/// The double nearest to digits * 10^exponent, ties to even; 0 where `range` is not ok. What is
/// not 0 but nearest to 0 is too_small. digits is at most 10^19.
constexpr double nearest_double(std::uint64_t digits, int exponent, DecimalRange& range) {
  range = DecimalRange::ok;
  if (digits == 0) return 0;
  // Two exact doubles: one rounding (Clinger 1990).
  if (digits <= std::uint64_t{1} << 53 && exponent >= -22 && exponent <= 22) {
    double power = 1.0;
    for (int i = exponent < 0 ? -exponent : exponent; i > 0; --i) power *= 10.0;
    const double m = static_cast<double>(digits);
    return exponent < 0 ? m / power : m * power;
  }
  // The value is below 10^magnitude and not below a tenth of that.
  const int magnitude = detail::decimal_digits(digits) + exponent;
  range = magnitude > 309 ? DecimalRange::too_large : DecimalRange::too_small;
  if (magnitude > 309 || magnitude < -323) return 0;
  return detail::divide_wide(digits, exponent, range);
}

/// Reads [+-] digits [. digits] [(e|E) [+-] digits], at least one digit before the exponent and at
/// most 19 between the first and the last one that is not 0. ok is false, and the value 0, for any
/// other text and for what nearest_double calls too large or too small. -0 becomes 0.
constexpr double parse_decimal(Text t, bool& ok) {
  ok = false;
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  std::size_t at = 0;
  bool negative = false;
  if (t.size > 0 && (t[0] == '+' || t[0] == '-')) negative = t[at++] == '-';

  std::uint64_t digits = 0;
  std::int64_t exponent = 0, zeros = 0;  // zeros: read, but perhaps the last ones
  int used = 0;
  bool any = false, point = false;
  for (; at < t.size && (is_digit(t[at]) || (t[at] == '.' && !point)); ++at) {
    if (t[at] == '.') {
      point = true;
      continue;
    }
    any = true;
    if (point) --exponent;
    if (t[at] == '0') {
      if (used > 0) ++zeros;
      continue;
    }
    if (used + zeros + 1 > 19) return 0;
    used += static_cast<int>(zeros) + 1;
    for (; zeros > 0; --zeros) digits *= 10;
    digits = digits * 10 + static_cast<std::uint64_t>(t[at] - '0');
  }
  if (!any) return 0;
  exponent += zeros;

  if (at < t.size && (t[at] == 'e' || t[at] == 'E')) {
    ++at;
    bool down = false;
    if (at < t.size && (t[at] == '+' || t[at] == '-')) down = t[at++] == '-';
    if (at == t.size) return 0;
    std::int64_t e = 0;
    for (; at < t.size && is_digit(t[at]); ++at)
      if (e < 1000000000000) e = e * 10 + (t[at] - '0');
    exponent += down ? -e : e;
  }
  if (at != t.size) return 0;

  constexpr int kFar = 10000;
  if (exponent > kFar) exponent = kFar;
  if (exponent < -kFar) exponent = -kFar;
  DecimalRange range = DecimalRange::ok;
  const double value = nearest_double(digits, static_cast<int>(exponent), range);
  ok = range == DecimalRange::ok;
  return negative && value != 0 ? -value : value;
}

/// Room that write_decimal needs.
constexpr std::size_t kDecimalChars = 32;

namespace detail {

/// digits * 10^exponent, read as a T, against a value above 0.
template <class T>
constexpr bool decimal_below(std::uint64_t digits, int exponent, T value) {
  DecimalRange range = DecimalRange::ok;
  const double x = nearest_double(digits, exponent, range);
  if (range == DecimalRange::too_large || x >= static_cast<double>(value)) return false;
  return static_cast<T>(x) < value;
}
template <class T>
constexpr bool decimal_above(std::uint64_t digits, int exponent, T value) {
  DecimalRange range = DecimalRange::ok;
  const double x = nearest_double(digits, exponent, range);
  if (range == DecimalRange::too_large) return true;
  // A double beyond the largest float has no float to be cast to.
  return x > static_cast<double>(std::numeric_limits<T>::max()) || static_cast<T>(x) > value;
}

struct ShortDecimal {
  std::uint64_t digits = 0;
  int count = 0;     ///< of digits
  int exponent = 0;  ///< the power of ten of the first digit
};

/// The greatest number from low to high - 1 for which `test` holds; it holds for low, and up to
/// some number only.
template <class Test>
constexpr std::uint64_t last_that(std::uint64_t low, std::uint64_t high, Test test) {
  while (high - low > 1) {
    const std::uint64_t middle = low + (high - low) / 2;
    if (test(middle))
      low = middle;
    else
      high = middle;
  }
  return low;
}

/// The fewest digits that read back as `value` > 0, and the middle one of such numbers. Reading is
/// monotone, so the reader itself finds them by bisection.
template <class T>
constexpr ShortDecimal shortest_decimal(T value) {
  ShortDecimal r;
  while (!decimal_above(1, r.exponent + 1, value)) ++r.exponent;
  while (decimal_above(1, r.exponent, value)) --r.exponent;
  std::uint64_t low = 1;
  for (r.count = 1; r.count < 18; ++r.count, low *= 10) {
    const int unit = r.exponent - r.count + 1;
    const auto below = [=](std::uint64_t d) { return decimal_below(d, unit, value); };
    const auto not_above = [=](std::uint64_t d) { return !decimal_above(d, unit, value); };
    const std::uint64_t first = last_that(low - 1, low * 10, below) + 1;
    if (first == low * 10 || !not_above(first)) continue;
    r.digits = first + (last_that(first, low * 10, not_above) - first) / 2;
    break;
  }
  return r;
}

}  // namespace detail

/// Writes the shortest decimal that reads back, by parse_decimal and then once to T, as this
/// finite `value`, and returns the number of characters. Plain from 0.00001 up to 17 digits,
/// else with an exponent: 0.3, 5e-7. T is float or double.
template <class T>
constexpr std::size_t write_decimal(T value, char (&out)[kDecimalChars]) {
  std::size_t n = 0;
  if (value == 0) {
    out[n++] = '0';
    return n;
  }
  if (value < 0) out[n++] = '-';
  const detail::ShortDecimal d = detail::shortest_decimal(value < 0 ? -value : value);
  char digit[20] = {};
  std::uint64_t rest = d.digits;
  for (int i = d.count; i-- > 0; rest /= 10) digit[i] = static_cast<char>('0' + rest % 10);

  const bool plain = d.exponent >= -5 && d.exponent <= 16;
  const int before = plain ? d.exponent + 1 : 1;  // digits before the point
  if (before <= 0) out[n++] = '0';
  for (int i = 0; i < before; ++i) out[n++] = i < d.count ? digit[i] : '0';
  if (d.count > before) out[n++] = '.';
  for (int i = before; i < 0; ++i) out[n++] = '0';
  for (int i = before < 0 ? 0 : before; i < d.count; ++i) out[n++] = digit[i];
  if (plain) return n;
  out[n++] = 'e';
  if (d.exponent < 0) out[n++] = '-';
  const int e = d.exponent < 0 ? -d.exponent : d.exponent;
  for (int power = 100; power > 0; power /= 10)
    if (e >= power || power == 1) out[n++] = static_cast<char>('0' + e / power % 10);
  return n;
}

}  // namespace hone
