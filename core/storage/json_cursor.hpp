#pragma once
#include <cstddef>
#include <cstdint>

#include "hone/safetensors.hpp"
#include "hone/span.hpp"

namespace hone {

/// Reads the tokens of the JSON subset that a safetensors header uses: strings, non-negative
/// integers and punctuation. It never recurses; nesting other than the format's own is an
/// unexpected token. Each reader skips white space, and on failure leaves `at` at the offending
/// byte and says in `expected` what it wanted.
class JsonCursor {
 public:
  explicit JsonCursor(Text text, std::size_t start = 0) : at(start), text_(text) {}

  /// True, and past it, if the next token is c; no failure otherwise.
  bool skip(char c);
  bool take(char c, const char* wanted);
  bool string(EscapedText& out, const char* wanted);
  bool integer(std::uint64_t& out, const char* wanted);

  /// Place of a string's opening quote.
  std::size_t begin_of(const EscapedText& string) const {
    return static_cast<std::size_t>(string.raw.data - text_.data) - 1;
  }
  /// Fails at a place the caller knows; always false.
  bool fail(std::size_t where, const char* wanted);

  std::size_t at;
  const char* expected = "";

 private:
  void skip_space();

  Text text_;
};

/// Decodes the character of a JSON string body at `at` (plain UTF-8 or an escape) and moves past
/// it. False if it is malformed: control characters, overlong or cut UTF-8, unknown escapes,
/// unpaired surrogates.
bool decode_character(Text body, std::size_t& at, std::uint32_t& code);

/// The same for plain UTF-8, where a backslash and control characters are like any other.
bool decode_utf8(Text text, std::size_t& at, std::uint32_t& code);

/// Writes code as UTF-8 and returns the number of bytes, 1 to 4.
std::size_t encode_utf8(std::uint32_t code, char (&out)[4]);

}  // namespace hone
