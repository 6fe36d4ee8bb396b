#include "examples/hone/options/options.hpp"
#include "hone/decimal.hpp"
#include "hone/short_decimal.hpp"

namespace hone {

std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> pieces;
  std::size_t begin = 0;
  for (std::size_t i = 0; i <= text.size(); ++i) {
    if (i < text.size() && text[i] != separator) continue;
    pieces.push_back(text.substr(begin, i - begin));
    begin = i + 1;
  }
  return pieces;
}

bool parse_count(const std::string& text, std::uint64_t* value) {
  if (text.empty()) return false;
  std::uint64_t v = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return false;
    const auto digit = static_cast<std::uint64_t>(c - '0');
    if (v > (UINT64_MAX - digit) / 10) return false;
    v = 10 * v + digit;
  }
  *value = v;
  return true;
}

bool parse_bytes(const std::string& text, std::uint64_t* bytes) {
  if (text.empty()) return false;
  int shift = 0;
  switch (text.back()) {
    case 'K':
    case 'k':
      shift = 10;
      break;
    case 'M':
    case 'm':
      shift = 20;
      break;
    case 'G':
    case 'g':
      shift = 30;
      break;
    default:
      break;
  }
  std::uint64_t v = 0;
  if (!parse_count(shift ? text.substr(0, text.size() - 1) : text, &v)) return false;
  if (v == 0 || v > (UINT64_MAX >> shift)) return false;
  *bytes = v << shift;
  return true;
}

bool parse_real(const std::string& text, double* value) {
  return parse_number({text.data(), text.size()}, value) == Status::ok;
}

std::string decimal_text(double value) {
  char digits[kDecimalChars];
  const std::size_t n = write_decimal(value, digits);
  return std::string(digits, n);
}

}  // namespace hone
