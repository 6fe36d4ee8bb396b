#pragma once
#include "hone/span.hpp"
#include "hone/status.hpp"

namespace hone {

/// The double nearest to a number in text, ties to even, whatever the locale:
///
///   [+-] digits [. digits] [(e|E) [+-] digits]      at least one digit before the exponent
///   [+-] 0x hexdigits [. hexdigits] p [+-] digits   as format_hex writes it; at most 16 hexdigits
///
/// Errors, leaving *value untouched: bad_data if the whole text is not such a number (spaces are
/// not skipped); not_finite for a magnitude above the largest double, and for the words nan, inf
/// and infinity with or without a sign, in any case. A magnitude too small becomes 0.
Status parse_number(Text text, double* value);

/// Room that format_hex needs.
constexpr std::size_t kHexNumberChars = 32;

/// Writes a finite `value` exactly, as 0x1.8p+1, without a closing 0, and returns the number of
/// characters. The text reads back as the same bits, except that -0 becomes 0.
std::size_t format_hex(double value, char (&out)[kHexNumberChars]);

}  // namespace hone
