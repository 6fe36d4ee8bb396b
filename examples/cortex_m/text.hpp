#pragma once
#include <cstdint>
#include <hone/span.hpp>

/// Lines of text without a C library, through hone::board::print.
namespace text {

void print(const char* words);
void print(std::uint32_t number);
/// With three decimals; value >= 0.
void print_decimal(float value);
void print_hex(hone::Bytes bytes);

}  // namespace text
