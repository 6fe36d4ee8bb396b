#include "examples/hone/data/fault_text.hpp"

namespace hone {
namespace {

constexpr std::size_t kLongest = 80;

std::string number_and_text(std::int64_t number, const std::string& text) {
  if (number == DataFault::kNoNumber) return text;
  return std::to_string(number) + (text.empty() ? "" : " " + text);
}

}  // namespace

std::string printable(Text text) {
  std::string out;
  for (std::size_t i = 0; i < text.size && i < kLongest; ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    out += c < 32 || c == 127 ? '?' : text[i];
  }
  return text.size > kLongest ? out + "..." : out;
}

std::string expected_found(const DataFault& fault) {
  return "expected " + number_and_text(fault.expected_number, printable(fault.expected)) +
         ", found " + number_and_text(fault.found_number, printable(fault.found));
}

std::string did_you_mean(const DataFault& fault) {
  return fault.expected.size ? "; did you mean " + printable(fault.expected) + "?" : "";
}

std::string fault_text(const DataFault& fault) {
  std::string place = "byte " + std::to_string(fault.offset);
  if (fault.line) {
    place = "line " + std::to_string(fault.line);
    if (fault.column) place += ", column " + std::to_string(fault.column);
  }
  return place + ": " + expected_found(fault);
}

}  // namespace hone
