#pragma once
#include <cstddef>
#include <cstdint>

#include "hone/data_fault.hpp"
#include "hone/span.hpp"
#include "hone/status.hpp"

namespace hone {

/// Height, width and channels (1 grey, 3 red-green-blue) of pixels laid out [H, W, C].
struct ImageShape {
  std::uint32_t height = 0, width = 0, channels = 0;

  constexpr std::size_t size() const { return static_cast<std::size_t>(height) * width * channels; }
};

constexpr bool operator==(ImageShape a, ImageShape b) {
  return a.height == b.height && a.width == b.width && a.channels == b.channels;
}

/// The largest width and height that hone reads.
constexpr std::uint32_t kMaxImageSide = 65535;

enum class PixelFormat : std::uint8_t {
  grey8,
  grey16,  ///< big-endian
  rgb8,
  rgb16,      ///< big-endian
  text_grey,  ///< decimal numbers
  text_rgb,
  palette8,  ///< index into blue, green, red, unused
  bgr24,
  bgrx32,
};

/// Where the pixels of an image file lie. Points into the file's bytes.
struct ImageView {
  Bytes file;
  std::uint32_t height = 0, width = 0;
  PixelFormat format = PixelFormat::grey8;
  std::uint32_t maxval = 255;    ///< the sample that stands for 255
  std::size_t first_row = 0;     ///< offset of the top row, or of the text
  std::ptrdiff_t row_bytes = 0;  ///< from a row to the one below; negative if stored bottom-up
  std::size_t palette = 0;       ///< offset
  std::uint32_t palette_entries = 0;
};

/// Channels of the image in the file: 1 or 3.
constexpr std::uint32_t channels_of(PixelFormat f) {
  return f == PixelFormat::grey8 || f == PixelFormat::grey16 || f == PixelFormat::text_grey ? 1 : 3;
}

/// A sample 0..maxval as 0..255.
constexpr std::uint8_t scale_sample(std::uint32_t p, std::uint32_t maxval) {
  return static_cast<std::uint8_t>((p * 255 + maxval / 2) / maxval);
}

/// Recognises PGM, PPM and BMP by their first bytes, reads the header, and checks that the file
/// is long enough for the pixels, so that nobody makes room for an image that is not there.
/// Errors, leaving *view untouched: bad_data (malformed, truncated, width or height outside
/// 1..65535), not_supported (another format or variant). `fault` may be null.
Status parse_image(Bytes file, ImageView* view, DataFault* fault);

/// Bytes of scratch that read_image needs for this image: one row of it, the sums of one row of
/// the output, and for the text formats all samples (no more than the file has bytes).
std::size_t image_scratch_bytes(const ImageView& view, ImageShape shape);

/// Decodes to shape.channels, then resizes (resize.hpp) to shape.
///
///   sample  (p * 255 + maxval / 2) / maxval
///   grey    (77 R + 150 G + 29 B + 128) >> 8 where a colour image meets one channel
///   colour  R = G = B = grey where a grey image meets three
///
/// Errors: bad_shape if pixels.size is not shape.size(), a side is 0 or above 65535, or channels
/// are not 1 or 3; too_large if scratch is smaller than image_scratch_bytes; bad_data for a
/// sample above maxval, a palette index without entry, or text that is no number. `pixels` are
/// invalid after an error.
Status read_image(const ImageView& view, ImageShape shape, Span<std::uint8_t> pixels,
                  Span<std::uint8_t> scratch, DataFault* fault);

}  // namespace hone
