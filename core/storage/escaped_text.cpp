#include "hone/safetensors.hpp"
#include "json_cursor.hpp"

namespace hone {
namespace {

// The bytes of an EscapedText without its escapes, one at a time. Ends early at a malformed
// character, which a checked header does not have.
class EscapedBytes {
 public:
  explicit EscapedBytes(Text raw) : raw_(raw) {}

  bool next(char& c) {
    if (used_ == length_) {
      std::uint32_t code = 0;
      if (at_ >= raw_.size) return false;
      if (raw_[at_] >= ' ' && raw_[at_] < 0x7F && raw_[at_] != '\\') {
        c = raw_[at_++];
        return true;
      }
      if (!decode_character(raw_, at_, code)) return false;
      length_ = encode_utf8(code, character_);
      used_ = 0;
    }
    c = character_[used_++];
    return true;
  }

 private:
  Text raw_;
  std::size_t at_ = 0, used_ = 0, length_ = 0;
  char character_[4] = {};
};

// The bytes of a name in pieces.
class NameBytes {
 public:
  explicit NameBytes(const TensorName& name) : name_(name) {}

  bool next(char& c) {
    while (part_ < 3 && at_ == name_.part[part_].size) {
      ++part_;
      at_ = 0;
    }
    if (part_ == 3) return false;
    c = name_.part[part_][at_++];
    return true;
  }

 private:
  const TensorName& name_;
  std::size_t part_ = 0, at_ = 0;
};

template <class A, class B>
bool same_bytes(A a, B b) {
  for (;;) {
    char x = 0, y = 0;
    const bool more = a.next(x);
    if (more != b.next(y)) return false;
    if (!more) return true;
    if (x != y) return false;
  }
}

}  // namespace

bool operator==(const TensorName& a, const TensorName& b) {
  return same_bytes(NameBytes(a), NameBytes(b));
}

bool operator==(const EscapedText& a, const TensorName& plain) {
  return same_bytes(EscapedBytes(a.raw), NameBytes(plain));
}

bool operator==(const EscapedText& a, const EscapedText& b) {
  return same_bytes(EscapedBytes(a.raw), EscapedBytes(b.raw));
}

std::size_t EscapedText::size() const {
  EscapedBytes bytes(raw);
  std::size_t n = 0;
  for (char c = 0; bytes.next(c);) ++n;
  return n;
}

Status EscapedText::unescape(Span<char> buffer, Text& text) const {
  EscapedBytes bytes(raw);
  std::size_t n = 0;
  for (char c = 0; bytes.next(c); ++n) {
    if (n == buffer.size) return Status::too_large;
    buffer[n] = c;
  }
  text = Text(buffer.data, n);
  return Status::ok;
}

bool is_utf8(Text text) {
  std::uint32_t code = 0;
  for (std::size_t at = 0; at < text.size;) {
    if (!decode_utf8(text, at, code)) return false;
  }
  return true;
}

}  // namespace hone
