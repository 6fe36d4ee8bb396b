#include "examples/hone/commands/json_writer.hpp"

#include <cstdio>

#include "examples/hone/options/options.hpp"
#include "hone/safetensors.hpp"

namespace hone {
namespace {

/// Bytes of the UTF-8 character at `at`, 0 if there is none.
std::size_t character_bytes(const std::string& s, std::size_t at) {
  for (std::size_t n = 1; n <= 4 && at + n <= s.size(); ++n)
    if (is_utf8({s.data() + at, n})) return n;
  return 0;
}

std::string quoted(const std::string& s) {
  std::string out = "\"";
  for (std::size_t i = 0; i < s.size();) {
    const auto c = static_cast<unsigned char>(s[i]);
    const std::size_t n = character_bytes(s, i);
    char escape[8];
    if (c == '"' || c == '\\') {
      out += '\\';
      out += s[i];
    } else if (c < 32 || c == 127) {
      std::snprintf(escape, sizeof escape, "\\u%04x", static_cast<unsigned>(c));
      out += escape;
    } else if (n > 0) {
      out.append(s, i, n);
    } else {
      out += "\\ufffd";
    }
    i += n > 0 ? n : 1;
  }
  return out + "\"";
}

}  // namespace

void JsonWriter::separate() {
  if (!after_key_ && !has_items_.empty()) {
    if (has_items_.back()) out_ += ", ";
    has_items_.back() = true;
  }
  after_key_ = false;
}

void JsonWriter::begin(char bracket) {
  separate();
  out_ += bracket;
  has_items_.push_back(false);
}

void JsonWriter::end(char bracket) {
  out_ += bracket;
  has_items_.pop_back();
}

void JsonWriter::key(const std::string& name) {
  separate();
  out_ += quoted(name) + ": ";
  after_key_ = true;
}

void JsonWriter::text(const std::string& value) {
  separate();
  out_ += quoted(value);
}

void JsonWriter::number(double value) {
  separate();
  out_ += value - value == 0.0 ? decimal_text(value) : "null";
}

void JsonWriter::number(std::uint64_t value) {
  separate();
  out_ += std::to_string(value);
}

void JsonWriter::null() {
  separate();
  out_ += "null";
}

void JsonWriter::boolean(bool value) {
  separate();
  out_ += value ? "true" : "false";
}

void JsonWriter::print() const { std::printf("%s\n", out_.c_str()); }

}  // namespace hone
