#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "hone/image.hpp"

/// Image files made in memory, and reading in one call.
namespace image_bytes {

using Bytes = std::vector<std::uint8_t>;

inline Bytes from_text(const std::string& text) { return Bytes(text.begin(), text.end()); }

inline Bytes operator+(Bytes a, const Bytes& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

inline hone::Status read(const Bytes& file, hone::ImageShape shape, Bytes* pixels,
                         hone::DataFault* fault) {
  // A copy of exactly this size, so that the sanitizer sees a read past its end.
  const Bytes exact(file);
  hone::ImageView view;
  const hone::Status s = hone::parse_image({exact.data(), exact.size()}, &view, fault);
  if (s != hone::Status::ok) return s;
  if (shape.height == 0) shape = {view.height, view.width, hone::channels_of(view.format)};
  pixels->assign(shape.size(), 0);
  Bytes scratch(hone::image_scratch_bytes(view, shape));
  return hone::read_image(view, shape, {pixels->data(), pixels->size()},
                          {scratch.data(), scratch.size()}, fault);
}

inline void put(Bytes* out, std::uint64_t value, int bytes) {
  for (int i = 0; i < bytes; ++i) out->push_back(static_cast<std::uint8_t>(value >> 8 * i));
}

/// A bitmap with the given rows (as they lie in the file, padded) and palette entries (b, g, r, 0).
inline Bytes bitmap(std::int32_t width, std::int32_t height, int bits, const Bytes& palette,
                    const Bytes& rows, std::uint32_t header = 40, std::uint32_t compression = 0) {
  Bytes f = from_text("BM");
  const std::size_t offset = 14 + header + palette.size();
  put(&f, offset + rows.size(), 4);
  put(&f, 0, 4);
  put(&f, offset, 4);
  put(&f, header, 4);
  put(&f, static_cast<std::uint32_t>(width), 4);
  put(&f, static_cast<std::uint32_t>(height), 4);
  put(&f, 1, 2);
  put(&f, static_cast<std::uint64_t>(bits), 2);
  put(&f, compression, 4);
  put(&f, rows.size(), 4);
  put(&f, 2835, 4);
  put(&f, 2835, 4);
  put(&f, palette.size() / 4, 4);
  put(&f, 0, 4);
  if (header > 40) {
    put(&f, 0xFF0000, 4);
    put(&f, 0xFF00, 4);
    put(&f, 0xFF, 4);
    f.resize(14 + header);
  }
  return f + palette + rows;
}

}  // namespace image_bytes
