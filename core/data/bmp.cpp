#include "hone/bmp.hpp"

namespace hone {
namespace {

std::uint32_t u16_at(Bytes f, std::size_t at) { return f[at] | std::uint32_t{f[at + 1]} << 8; }
std::uint32_t u32_at(Bytes f, std::size_t at) { return u16_at(f, at) | u16_at(f, at + 2) << 16; }

constexpr std::uint32_t kInfoHeader = 40;
constexpr std::size_t kFileHeader = 14;

// Offsets of the fields in the file.
constexpr std::size_t kPixels = 10, kHeaderSize = 14, kWidth = 18, kHeight = 22, kPlanes = 26,
                      kBits = 28, kCompression = 30, kColours = 46, kMasks = 54;

enum : std::uint32_t { kRgb = 0, kRle8 = 1, kRle4 = 2, kBitFields = 3, kJpeg = 4, kPng = 5 };

Text name_of_compression(std::uint32_t c) {
  switch (c) {
    case kRle8:
      return "RLE8 compression";
    case kRle4:
      return "RLE4 compression";
    case kBitFields:
      return "bit masks of another order";
    case kJpeg:
      return "JPEG inside a bitmap";
    case kPng:
      return "PNG inside a bitmap";
    default:
      return "an unknown compression";
  }
}

/// True for the masks of the plain order blue, green, red, ignored.
bool plain_masks(Bytes f) {
  return f.size >= kMasks + 12 && u32_at(f, kMasks) == 0xFF0000u &&
         u32_at(f, kMasks + 4) == 0xFF00u && u32_at(f, kMasks + 8) == 0xFFu;
}

Status check_header(Bytes f, DataFault* fault) {
  if (f.size < kFileHeader + kInfoHeader)
    return refuse(fault, Status::bad_data, f.size, "bytes of header", {}, kFileHeader + kInfoHeader,
                  static_cast<std::int64_t>(f.size));
  const std::uint32_t header = u32_at(f, kHeaderSize);
  if (header == 12 || header == 64)
    return refuse(fault, Status::not_supported, kHeaderSize, "a Windows header", "an OS/2 header");
  if (header < kInfoHeader || header > 124)
    return refuse(fault, Status::bad_data, kHeaderSize, "bytes of info header to 124", {},
                  kInfoHeader, header);
  if (u16_at(f, kPlanes) != 1)
    return refuse(fault, Status::bad_data, kPlanes, "plane", {}, 1, u16_at(f, kPlanes));
  const std::uint32_t bits = u16_at(f, kBits);
  if (bits != 8 && bits != 24 && bits != 32) {
    const bool known = bits == 0 || bits == 1 || bits == 2 || bits == 4 || bits == 16;
    return refuse(fault, known ? Status::not_supported : Status::bad_data, kBits,
                  "8, 24 or 32 bits a pixel", {}, DataFault::kNoNumber, bits);
  }
  const std::uint32_t compression = u32_at(f, kCompression);
  if (compression != kRgb && !(compression == kBitFields && bits == 32 && plain_masks(f)))
    return refuse(fault, compression <= kPng ? Status::not_supported : Status::bad_data,
                  kCompression, "an uncompressed bitmap", name_of_compression(compression));
  return Status::ok;
}

/// Reads a 32-bit two's complement number.
std::int64_t i32_at(Bytes f, std::size_t at) {
  const std::int64_t u = u32_at(f, at);
  return u >= (std::int64_t{1} << 31) ? u - (std::int64_t{1} << 32) : u;
}

Status read_palette(Bytes f, ImageView* v, DataFault* fault) {
  const std::uint32_t entries = u32_at(f, kColours);
  if (entries > 256)
    return refuse(fault, Status::bad_data, kColours, "palette entries at most", {}, 256, entries);
  v->palette_entries = entries ? entries : 256;
  v->palette = kFileHeader + u32_at(f, kHeaderSize);
  const std::size_t end = v->palette + 4 * std::size_t{v->palette_entries};
  if (end > f.size)
    return refuse(fault, Status::bad_data, f.size, "bytes to the end of the palette", {},
                  static_cast<std::int64_t>(end), static_cast<std::int64_t>(f.size));
  return Status::ok;
}

}  // namespace

Status parse_bmp(Bytes f, ImageView* view, DataFault* fault) {
  if (f.size < 2 || f[0] != 'B' || f[1] != 'M')
    return refuse(fault, Status::bad_data, 0, "BM", "other bytes");
  const Status header = check_header(f, fault);
  if (header != Status::ok) return header;

  ImageView v;
  v.file = f;
  const std::int64_t width = i32_at(f, kWidth), height = i32_at(f, kHeight);
  const bool top_down = height < 0;
  const std::int64_t rows = top_down ? -height : height;
  if (width < 1 || width > kMaxImageSide)
    return refuse(fault, Status::bad_data, kWidth, "a width from 1 to 65535", {},
                  DataFault::kNoNumber, width);
  if (rows < 1 || rows > kMaxImageSide)
    return refuse(fault, Status::bad_data, kHeight, "a height from 1 to 65535, or its negative", {},
                  DataFault::kNoNumber, height);
  v.width = static_cast<std::uint32_t>(width);
  v.height = static_cast<std::uint32_t>(rows);

  const std::uint32_t bits = u16_at(f, kBits);
  v.format = bits == 8    ? PixelFormat::palette8
             : bits == 24 ? PixelFormat::bgr24
                          : PixelFormat::bgrx32;
  if (bits == 8) {
    const Status s = read_palette(f, &v, fault);
    if (s != Status::ok) return s;
  }
  const std::uint64_t row = (std::uint64_t{v.width} * (bits / 8) + 3) & ~std::uint64_t{3};
  const std::uint64_t pixels = u32_at(f, kPixels);
  if (pixels < kFileHeader + u32_at(f, kHeaderSize))
    return refuse(fault, Status::bad_data, kPixels, "pixels after the header", {},
                  DataFault::kNoNumber, static_cast<std::int64_t>(pixels));
  const std::uint64_t need = pixels + row * v.height;
  if (need > f.size)
    return refuse(fault, Status::bad_data, f.size, "bytes to the end of the pixels", {},
                  static_cast<std::int64_t>(need), static_cast<std::int64_t>(f.size));
  const std::size_t last = static_cast<std::size_t>(pixels + row * (v.height - 1));
  v.first_row = top_down ? static_cast<std::size_t>(pixels) : last;
  v.row_bytes = top_down ? static_cast<std::ptrdiff_t>(row) : -static_cast<std::ptrdiff_t>(row);
  *view = v;
  return Status::ok;
}

}  // namespace hone
