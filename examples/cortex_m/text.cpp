#include "text.hpp"

#include <hone/sha256.hpp>

#include "ports/cortex_m/board.hpp"

namespace text {

void print(const char* words) { hone::board::print(words); }

void print(std::uint32_t number) {
  char digits[11];
  char* at = digits + sizeof digits - 1;
  *at = '\0';
  do {
    *--at = static_cast<char>('0' + number % 10);
    number /= 10;
  } while (number != 0);
  print(at);
}

void print_decimal(float value) {
  const std::uint32_t thousandths = static_cast<std::uint32_t>(value * 1000.0f + 0.5f);
  print(thousandths / 1000);
  char fraction[5] = ".000";
  std::uint32_t rest = thousandths % 1000;
  for (int i = 3; i > 0; --i, rest /= 10) fraction[i] = static_cast<char>('0' + rest % 10);
  print(fraction);
}

void print_hex(hone::Bytes bytes) {
  for (const std::uint8_t& byte : bytes) {
    char two[3] = "";
    hone::to_hex({&byte, 1}, two);
    print(two);
  }
}

}  // namespace text
