#include "examples/hone/data/fault_text.hpp"

namespace hone {
namespace {

constexpr std::size_t kLongest = 80;

std::string number_and_text(std::int64_t number, const std::string& text) {
  if (number == DataFault::kNoNumber) return text;
  return std::to_string(number) + (text.empty() ? "" : " " + text);
}

}  // namespace

std::string one_line(const std::string& text) {
  std::string out = text;
  for (char& c : out)
    if (static_cast<unsigned char>(c) < 32 || c == 127) c = '?';
  return out;
}

std::string shell_word(const std::string& name) {
  const char* plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./+:@";
  if (name.find_first_not_of(plain) == std::string::npos) return name;
  std::string out = "'";
  for (const char c : name) out += c == '\'' ? "'\\''" : std::string(1, c);
  return out + "'";
}

std::string printable(Text text) {
  const std::string out =
      one_line(std::string(text.data, text.size < kLongest ? text.size : kLongest));
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
