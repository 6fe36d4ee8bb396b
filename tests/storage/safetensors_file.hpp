#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "hone/safetensors.hpp"

namespace storage_test {

/// A file from a header text and its data, the header length in front.
inline std::string make_file(const std::string& header, const std::string& data) {
  std::string file;
  for (std::uint64_t n = header.size(), i = 0; i < 8; ++i, n >>= 8) {
    file += static_cast<char>(n & 0xFF);
  }
  return file + header + data;
}

inline hone::Bytes bytes_of(const std::string& s) {
  return {reinterpret_cast<const std::uint8_t*>(s.data()), s.size()};
}

inline std::string plain(const hone::EscapedText& t) {
  std::string out(t.size(), '?');
  hone::Text text;
  if (t.unescape({&out[0], out.size()}, text) != hone::Status::ok) return "<does not fit>";
  return out;
}

/// Parses a copy of exactly the file's size, so that a sanitizer sees any read past its end.
struct Parsed {
  explicit Parsed(const std::string& text)
      : file(text.begin(), text.end()),
        status(header.parse({file.data(), file.size()}, file.size(), error)) {}

  std::vector<std::uint8_t> file;
  hone::SafetensorsHeader header;
  hone::SafetensorsError error;
  hone::Status status;
};

inline hone::Sink string_sink(std::string& out) {
  return {&out, [](void* context, hone::Bytes bytes) {
            static_cast<std::string*>(context)->append(reinterpret_cast<const char*>(bytes.data),
                                                       bytes.size);
            return hone::Status::ok;
          }};
}

}  // namespace storage_test
