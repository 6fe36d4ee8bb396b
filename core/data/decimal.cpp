#include "hone/decimal.hpp"

#include <cstring>

namespace hone {
namespace {

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
constexpr char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

constexpr int hex_digit(char c) {
  if (is_digit(c)) return c - '0';
  const char l = lower(c);
  return l >= 'a' && l <= 'f' ? l - 'a' + 10 : -1;
}

/// A decimal needs at most 768 significant digits to be told from its neighbours; what follows
/// only matters as "not zero", which an extra digit 1 says.
constexpr int kMaxDigits = 769;

/// value = digits * 10^exponent
struct Decimal {
  std::uint8_t digit[kMaxDigits];
  int digits = 0;
  std::int64_t exponent = 0;
  bool truncated = false;  // a digit that was dropped is not 0
};

/// Unsigned integer of up to 4608 bits. The largest numbers: 769 digits (2555 bits) shifted by
/// 64, or 10^1111 (3691 bits), shifted up to the other one's length plus 64.
struct Big {
  static constexpr int kWords = 144;
  std::uint32_t word[kWords];
  int size = 0;  // words in use; the highest is not 0

  void multiply_add(std::uint32_t m, std::uint32_t a) {
    std::uint64_t carry = a;
    for (int i = 0; i < size; ++i) {
      carry += static_cast<std::uint64_t>(word[i]) * m;
      word[i] = static_cast<std::uint32_t>(carry);
      carry >>= 32;
    }
    if (carry) word[size++] = static_cast<std::uint32_t>(carry);
  }
  void multiply_power_of_ten(std::int64_t n) {
    for (; n >= 9; n -= 9) multiply_add(1000000000u, 0);
    for (; n > 0; --n) multiply_add(10, 0);
  }
  int bits() const {
    if (size == 0) return 0;
    int n = 32 * (size - 1);
    for (std::uint32_t top = word[size - 1]; top; top >>= 1) ++n;
    return n;
  }
  void shift_left(int n) {
    if (size == 0 || n == 0) return;
    const int words = n / 32, rest = n % 32;
    word[size] = 0;
    for (int i = size; i >= 0; --i) {
      const std::uint64_t pair =
          (static_cast<std::uint64_t>(word[i]) << 32) | (i > 0 ? word[i - 1] : 0u);
      word[i + words] = static_cast<std::uint32_t>(pair >> (32 - rest));
    }
    for (int i = 0; i < words; ++i) word[i] = 0;
    size += words + 1;
    while (size > 0 && word[size - 1] == 0) --size;
  }
  bool less(const Big& b) const {
    if (size != b.size) return size < b.size;
    for (int i = size; i-- > 0;)
      if (word[i] != b.word[i]) return word[i] < b.word[i];
    return false;
  }
  /// this -= b, b not above this.
  void subtract(const Big& b) {
    std::uint64_t borrow = 0;
    for (int i = 0; i < size; ++i) {
      const std::uint64_t d =
          static_cast<std::uint64_t>(word[i]) - (i < b.size ? b.word[i] : 0u) - borrow;
      word[i] = static_cast<std::uint32_t>(d);
      borrow = (d >> 32) & 1;
    }
    while (size > 0 && word[size - 1] == 0) --size;
  }
};

/// m * 2^exponent, and a bit more if `sticky`, rounded to nearest even; m has its top bit set.
Status round_to_double(std::uint64_t m, int exponent, bool sticky, double* value) {
  int drop = 11;                                         // 64 - 53 bits
  if (exponent + drop < -1074) drop = -1074 - exponent;  // subnormal: fewer bits stay
  if (drop > 64) return *value = 0.0, Status::ok;
  const std::uint64_t kept = drop == 64 ? 0 : m >> drop;
  const std::uint64_t rest = drop == 64 ? m : m << (64 - drop);
  const std::uint64_t half = std::uint64_t{1} << 63;
  const bool up = rest > half || (rest == half && (sticky || (kept & 1)));
  std::uint64_t mantissa = kept + (up ? 1 : 0);
  int e = exponent + drop;
  if (mantissa == std::uint64_t{1} << 53) {
    mantissa >>= 1;
    ++e;
  }
  if (e > 971) return Status::not_finite;  // above (2^53 - 1) * 2^971
  // A mantissa below 2^52 is subnormal, e = -1074: its biased exponent is 0.
  const std::uint64_t hidden = std::uint64_t{1} << 52;
  const std::uint64_t biased = mantissa & hidden ? static_cast<std::uint64_t>(e + 1075) : 0;
  const std::uint64_t bits = (biased << 52) | (mantissa & (hidden - 1));
  std::memcpy(value, &bits, sizeof bits);
  return Status::ok;
}

/// The quotient of two integers, to 64 bits and a remainder, rounded.
Status big_to_double(const Decimal& d, double* value) {
  Big n, m;
  for (int i = 0; i < d.digits; ++i) n.multiply_add(10, d.digit[i]);
  m.multiply_add(0, 1);
  if (d.exponent >= 0)
    n.multiply_power_of_ten(d.exponent);
  else
    m.multiply_power_of_ten(-d.exponent);
  // n / m lies in (1/2, 2) after this shift; the first quotient bit that is 1 is the first or
  // the second one.
  const int shift = m.bits() - n.bits();
  if (shift > 0)
    n.shift_left(shift);
  else
    m.shift_left(-shift);
  int exponent = -shift;
  if (n.less(m)) {
    n.shift_left(1);
    --exponent;
  }
  std::uint64_t quotient = 0;
  for (int i = 0; i < 64; ++i) {
    quotient <<= 1;
    if (!n.less(m)) {
      n.subtract(m);
      quotient |= 1;
    }
    n.shift_left(1);
  }
  return round_to_double(quotient, exponent - 63, n.size != 0 || d.truncated, value);
}

Status decimal_to_double(const Decimal& d, double* value) {
  const std::int64_t magnitude = d.digits + d.exponent;  // value < 10^magnitude
  if (d.digits == 0 || magnitude < -342) return *value = 0.0, Status::ok;
  if (magnitude > 310) return Status::not_finite;
  // Up to 15 digits and 10^22 are exact doubles: one rounding (Clinger 1990).
  if (d.digits <= 15 && d.exponent >= -22 && d.exponent <= 22) {
    std::uint64_t m = 0;
    for (int i = 0; i < d.digits; ++i) m = m * 10 + d.digit[i];
    double power = 1.0;
    for (std::int64_t i = d.exponent < 0 ? -d.exponent : d.exponent; i > 0; --i) power *= 10.0;
    const double x = static_cast<double>(m);
    *value = d.exponent < 0 ? x / power : x * power;
    return Status::ok;
  }
  return big_to_double(d, value);
}

/// Reads [+-] digits at the end of the text; saturates far beyond what a double can need.
bool read_exponent(Text t, std::size_t at, std::int64_t* exponent) {
  bool negative = false;
  if (at < t.size && (t[at] == '+' || t[at] == '-')) negative = t[at++] == '-';
  if (at == t.size) return false;
  std::int64_t e = 0;
  for (; at < t.size; ++at) {
    if (!is_digit(t[at])) return false;
    if (e < 1000000000000) e = e * 10 + (t[at] - '0');
  }
  *exponent = negative ? -e : e;
  return true;
}

bool is_word(Text t, std::size_t at, Text word) {
  if (t.size - at != word.size) return false;
  for (std::size_t i = 0; i < word.size; ++i)
    if (lower(t[at + i]) != word[i]) return false;
  return true;
}

Status parse_hex(Text t, std::size_t at, double* value) {
  std::uint64_t m = 0;
  int digits = 0;
  std::int64_t exponent = 0, written = 0;
  bool point = false;
  for (; at < t.size && lower(t[at]) != 'p'; ++at) {
    if (t[at] == '.' && !point) {
      point = true;
      continue;
    }
    const int h = hex_digit(t[at]);
    if (h < 0 || digits == 16) return Status::bad_data;
    m = m << 4 | static_cast<std::uint64_t>(h);
    ++digits;
    if (point) exponent -= 4;
  }
  if (digits == 0 || at == t.size || !read_exponent(t, at + 1, &written)) return Status::bad_data;
  if (m == 0) return *value = 0.0, Status::ok;
  exponent += written;
  for (; !(m >> 63); m <<= 1) --exponent;
  if (exponent > 2000) return Status::not_finite;
  if (exponent < -2000) return *value = 0.0, Status::ok;
  return round_to_double(m, static_cast<int>(exponent), false, value);
}

void add_digit(Decimal* d, int digit, bool after_point) {
  if (d->digits == 0 && digit == 0) {
    if (after_point) --d->exponent;
  } else if (d->digits < kMaxDigits) {
    d->digit[d->digits++] = static_cast<std::uint8_t>(digit);
    if (after_point) --d->exponent;
  } else {
    if (digit) d->truncated = true;
    if (!after_point) ++d->exponent;
  }
}

Status parse_decimal(Text t, std::size_t at, double* value) {
  Decimal d;
  bool point = false, any = false;
  for (; at < t.size && (is_digit(t[at]) || (t[at] == '.' && !point)); ++at) {
    if (t[at] == '.') {
      point = true;
    } else {
      any = true;
      add_digit(&d, t[at] - '0', point);
    }
  }
  if (!any) return Status::bad_data;
  std::int64_t exponent = 0;
  if (at < t.size && (lower(t[at]) != 'e' || !read_exponent(t, at + 1, &exponent)))
    return Status::bad_data;
  d.exponent += exponent;
  while (d.digits > 0 && d.digit[d.digits - 1] == 0) {
    --d.digits;
    ++d.exponent;
  }
  return decimal_to_double(d, value);
}

}  // namespace

Status parse_number(Text t, double* value) {
  std::size_t at = 0;
  bool negative = false;
  if (t.size > 0 && (t[0] == '+' || t[0] == '-')) negative = t[at++] == '-';
  if (is_word(t, at, "nan") || is_word(t, at, "inf") || is_word(t, at, "infinity"))
    return Status::not_finite;
  double v = 0.0;
  const bool hex = t.size - at > 2 && t[at] == '0' && lower(t[at + 1]) == 'x';
  const Status s = hex ? parse_hex(t, at + 2, &v) : parse_decimal(t, at, &v);
  if (s != Status::ok) return s;
  *value = negative && v != 0.0 ? -v : v;
  return Status::ok;
}

std::size_t format_hex(double value, char (&out)[kHexNumberChars]) {
  std::uint64_t bits;
  std::memcpy(&bits, &value, sizeof bits);
  std::size_t n = 0;
  if (value < 0.0) out[n++] = '-';
  const int biased = static_cast<int>(bits >> 52 & 0x7FF);
  std::uint64_t mantissa = bits & ((std::uint64_t{1} << 52) - 1);
  const bool zero = biased == 0 && mantissa == 0;
  int exponent = zero ? 0 : biased == 0 ? -1022 : biased - 1023;
  out[n++] = '0';
  out[n++] = 'x';
  out[n++] = biased == 0 ? '0' : '1';
  if (mantissa) out[n++] = '.';
  for (; mantissa; mantissa = mantissa << 4 & ((std::uint64_t{1} << 52) - 1))
    out[n++] = "0123456789abcdef"[mantissa >> 48];
  out[n++] = 'p';
  out[n++] = exponent < 0 ? '-' : '+';
  if (exponent < 0) exponent = -exponent;
  for (int power = 1000; power > 0; power /= 10)
    if (exponent >= power || power == 1) out[n++] = static_cast<char>('0' + exponent / power % 10);
  return n;
}

}  // namespace hone
