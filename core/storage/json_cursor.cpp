#include "json_cursor.hpp"

namespace hone {
namespace {

bool hex4(Text body, std::size_t at, std::uint32_t& code) {
  if (body.size < 4 || at > body.size - 4) return false;
  code = 0;
  for (std::size_t i = at; i < at + 4; ++i) {
    const char c = body[i];
    std::uint32_t digit = 0;
    if (c >= '0' && c <= '9') {
      digit = static_cast<std::uint32_t>(c - '0');
    } else if (c >= 'a' && c <= 'f') {
      digit = static_cast<std::uint32_t>(c - 'a' + 10);
    } else if (c >= 'A' && c <= 'F') {
      digit = static_cast<std::uint32_t>(c - 'A' + 10);
    } else {
      return false;
    }
    code = code << 4 | digit;
  }
  return true;
}

// at stands behind "\u".
bool decode_u_escape(Text body, std::size_t& at, std::uint32_t& code) {
  if (!hex4(body, at, code)) return false;
  at += 4;
  if (code < 0xD800 || code > 0xDFFF) return true;
  std::uint32_t low = 0;
  if (code > 0xDBFF || at + 2 > body.size || body[at] != '\\' || body[at + 1] != 'u') return false;
  if (!hex4(body, at + 2, low) || low < 0xDC00 || low > 0xDFFF) return false;
  at += 6;
  code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
  return true;
}

}  // namespace

bool decode_utf8(Text text, std::size_t& at, std::uint32_t& code) {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
  const std::uint32_t lead = byte(at);
  const std::size_t length = lead < 0x80   ? 1
                             : lead < 0xC2 ? 0
                             : lead < 0xE0 ? 2
                             : lead < 0xF0 ? 3
                                           : 4;
  if (length == 0 || lead > 0xF4 || length > text.size - at) return false;
  code = length == 1 ? lead : lead & (0x7Fu >> length);
  for (std::size_t i = at + 1; i < at + length; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return false;
    code = code << 6 | (byte(i) & 0x3Fu);
  }
  constexpr std::uint32_t kLeast[5] = {0, 0, 0x80, 0x800, 0x10000};
  if (code < kLeast[length] || code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF)) return false;
  at += length;
  return true;
}

bool decode_character(Text body, std::size_t& at, std::uint32_t& code) {
  if (static_cast<std::uint8_t>(body[at]) < 0x20) return false;
  if (body[at] != '\\') return decode_utf8(body, at, code);
  if (at + 1 >= body.size) return false;
  const char c = body[at + 1];
  at += 2;
  switch (c) {
    case '"':
    case '\\':
    case '/':
      code = static_cast<std::uint8_t>(c);
      return true;
    case 'b':
      code = '\b';
      return true;
    case 'f':
      code = '\f';
      return true;
    case 'n':
      code = '\n';
      return true;
    case 'r':
      code = '\r';
      return true;
    case 't':
      code = '\t';
      return true;
    case 'u':
      return decode_u_escape(body, at, code);
    default:
      return false;
  }
}

std::size_t encode_utf8(std::uint32_t code, char (&out)[4]) {
  const std::size_t length = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  for (std::size_t i = length; i-- > 1; code >>= 6) {
    out[i] = static_cast<char>(0x80 | (code & 0x3F));
  }
  constexpr std::uint32_t kLead[5] = {0, 0, 0xC0, 0xE0, 0xF0};
  out[0] = static_cast<char>(kLead[length] | code);
  return length;
}

void JsonCursor::skip_space() {
  while (at < text_.size &&
         (text_[at] == ' ' || text_[at] == '\t' || text_[at] == '\n' || text_[at] == '\r')) {
    ++at;
  }
}

bool JsonCursor::fail(std::size_t where, const char* wanted) {
  at = where;
  expected = wanted;
  return false;
}

bool JsonCursor::skip(char c) {
  skip_space();
  if (at >= text_.size || text_[at] != c) return false;
  ++at;
  return true;
}

bool JsonCursor::take(char c, const char* wanted) { return skip(c) || fail(at, wanted); }

bool JsonCursor::string(EscapedText& out, const char* wanted) {
  if (!skip('"')) return fail(at, wanted);
  const std::size_t begin = at;
  while (at < text_.size && text_[at] != '"') {
    // Plain ASCII without the call: a header is read again for each question.
    if (text_[at] >= ' ' && text_[at] < 0x7F && text_[at] != '\\') {
      ++at;
      continue;
    }
    const std::size_t character = at;
    std::uint32_t code = 0;
    if (!decode_character(text_, at, code)) {
      return fail(character, "valid UTF-8 and JSON escapes in a string");
    }
  }
  if (at >= text_.size) return fail(at, "a \" that ends the string");
  out.raw = Text(text_.data + begin, at - begin);
  ++at;
  return true;
}

bool JsonCursor::integer(std::uint64_t& out, const char* wanted) {
  skip_space();
  const std::size_t begin = at;
  std::uint64_t value = 0;
  for (; at < text_.size && text_[at] >= '0' && text_[at] <= '9'; ++at) {
    const std::uint64_t digit = static_cast<std::uint64_t>(text_[at] - '0');
    if (value > (UINT64_MAX - digit) / 10) return fail(begin, "an integer below 2^64");
    value = value * 10 + digit;
  }
  if (at == begin) return fail(begin, wanted);
  if (at - begin > 1 && text_[begin] == '0') return fail(begin, "an integer without leading zeros");
  out = value;
  return true;
}

}  // namespace hone
