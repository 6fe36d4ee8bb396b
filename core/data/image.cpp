#include "hone/image.hpp"

#include <cstring>

#include "hone/bmp.hpp"
#include "hone/pnm.hpp"
#include "hone/resize.hpp"

namespace hone {
namespace {

bool begins(Bytes file, Text magic) {
  return file.size >= magic.size && std::memcmp(file.data, magic.data, magic.size) == 0;
}

/// What a file that hone does not read is, for the error.
Text name_of_format(Bytes file) {
  if (begins(file, "\x89PNG")) return "a PNG file";
  if (begins(file, "\xFF\xD8\xFF")) return "a JPEG file";
  if (begins(file, "GIF8")) return "a GIF file";
  if (begins(file, "II*") || begins(file, "MM")) return "a TIFF file";
  if (begins(file, "\x1F\x8B")) return "a gzip file";
  if (begins(file, "RIFF")) return "a WebP or other RIFF file";
  return {};
}

bool is_text(PixelFormat f) { return f == PixelFormat::text_grey || f == PixelFormat::text_rgb; }

std::uint8_t grey_of(std::uint32_t r, std::uint32_t g, std::uint32_t b) {
  return static_cast<std::uint8_t>((77 * r + 150 * g + 29 * b + 128) >> 8);
}

/// Gives rows of an image in the channels that the model wants.
struct RowDecoder {
  const ImageView& view;
  Bytes samples;  // the decoded text, where the format is text
  std::uint32_t channels;
  DataFault* fault;

  Status read(std::uint32_t y, Span<std::uint8_t> row) const;

 private:
  Status read_netpbm(std::size_t at, std::uint8_t* out) const;
  Status read_palette(std::size_t at, std::uint8_t* out) const;
  void read_bgr(const std::uint8_t* p, std::size_t step, std::uint8_t* out) const;
  void read_decoded(const std::uint8_t* p, std::uint8_t* out) const;
  void put_colour(std::uint8_t* out, std::size_t x, std::uint8_t r, std::uint8_t g,
                  std::uint8_t b) const;
  void put_grey(std::uint8_t* out, std::size_t x, std::uint8_t v) const;
};

void RowDecoder::put_colour(std::uint8_t* out, std::size_t x, std::uint8_t r, std::uint8_t g,
                            std::uint8_t b) const {
  if (channels == 1) {
    out[x] = grey_of(r, g, b);
  } else {
    out[3 * x] = r;
    out[3 * x + 1] = g;
    out[3 * x + 2] = b;
  }
}

void RowDecoder::put_grey(std::uint8_t* out, std::size_t x, std::uint8_t v) const {
  for (std::uint32_t c = 0; c < channels; ++c) out[channels * x + c] = v;
}

/// A row of samples 0..255 in file channels.
void RowDecoder::read_decoded(const std::uint8_t* p, std::uint8_t* out) const {
  const std::uint32_t in_file = channels_of(view.format);
  if (in_file == channels) {
    std::memcpy(out, p, std::size_t{view.width} * channels);
  } else {
    for (std::size_t x = 0; x < view.width; ++x) {
      if (in_file == 3)
        put_colour(out, x, p[3 * x], p[3 * x + 1], p[3 * x + 2]);
      else
        put_grey(out, x, p[x]);
    }
  }
}

/// A row of samples 0..maxval of one or two bytes.
Status RowDecoder::read_netpbm(std::size_t at, std::uint8_t* out) const {
  const bool wide = view.format == PixelFormat::grey16 || view.format == PixelFormat::rgb16;
  const std::uint32_t in_file = channels_of(view.format);
  for (std::size_t x = 0; x < view.width; ++x) {
    std::uint8_t v[3] = {};
    for (std::uint32_t c = 0; c < in_file; ++c) {
      const std::uint8_t* p = view.file.data + at;
      const std::uint32_t sample = wide ? std::uint32_t{p[0]} << 8 | p[1] : p[0];
      if (sample > view.maxval)
        return refuse(fault, Status::bad_data, at, "as the largest sample", {}, view.maxval,
                      sample);
      v[c] = scale_sample(sample, view.maxval);
      at += wide ? 2 : 1;
    }
    if (in_file == 3)
      put_colour(out, x, v[0], v[1], v[2]);
    else
      put_grey(out, x, v[0]);
  }
  return Status::ok;
}

Status RowDecoder::read_palette(std::size_t at, std::uint8_t* out) const {
  const std::uint8_t* p = view.file.data + at;
  for (std::uint32_t x = 0; x < view.width; ++x) {
    if (p[x] >= view.palette_entries)
      return refuse(fault, Status::bad_data, at + x, "as the largest index into the palette", {},
                    std::int64_t{view.palette_entries} - 1, p[x]);
    const std::uint8_t* bgr = view.file.data + view.palette + 4 * std::size_t{p[x]};
    put_colour(out, x, bgr[2], bgr[1], bgr[0]);
  }
  return Status::ok;
}

void RowDecoder::read_bgr(const std::uint8_t* p, std::size_t step, std::uint8_t* out) const {
  for (std::size_t x = 0; x < view.width; ++x, p += step) put_colour(out, x, p[2], p[1], p[0]);
}

Status RowDecoder::read(std::uint32_t y, Span<std::uint8_t> row) const {
  if (is_text(view.format)) {
    read_decoded(samples.data + std::size_t{y} * view.width * channels_of(view.format), row.data);
    return Status::ok;
  }
  // Unsigned arithmetic wraps to the right place for rows stored bottom-up.
  const std::size_t at = view.first_row + static_cast<std::size_t>(view.row_bytes) * y;
  switch (view.format) {
    case PixelFormat::palette8:
      return read_palette(at, row.data);
    case PixelFormat::bgr24:
      return read_bgr(view.file.data + at, 3, row.data), Status::ok;
    case PixelFormat::bgrx32:
      return read_bgr(view.file.data + at, 4, row.data), Status::ok;
    case PixelFormat::grey8:
    case PixelFormat::rgb8:
      if (view.maxval == 255) return read_decoded(view.file.data + at, row.data), Status::ok;
      return read_netpbm(at, row.data);
    default:
      return read_netpbm(at, row.data);
  }
}

Status read_row(void* context, std::uint32_t y, Span<std::uint8_t> row) {
  return static_cast<const RowDecoder*>(context)->read(y, row);
}

ImageShape decoded_shape(const ImageView& view, std::uint32_t channels) {
  return {view.height, view.width, channels};
}

std::size_t text_samples(const ImageView& view) {
  if (!is_text(view.format)) return 0;
  return std::size_t{view.width} * view.height * channels_of(view.format);
}

}  // namespace

Status parse_image(Bytes file, ImageView* view, DataFault* fault) {
  if (begins(file, "BM")) return parse_bmp(file, view, fault);
  if (file.size >= 2 && file[0] == 'P' && file[1] >= '1' && file[1] <= '7')
    return parse_pnm(file, view, fault);
  const Text expected = "a PGM or PPM (P2, P3, P5, P6) or BMP image";
  if (file.size < 2) return refuse(fault, Status::bad_data, 0, expected, "an empty file");
  const Text name = name_of_format(file);
  if (name.size) return refuse(fault, Status::not_supported, 0, expected, name);
  return refuse(fault, Status::bad_data, 0, expected, "other bytes");
}

std::size_t image_scratch_bytes(const ImageView& view, ImageShape shape) {
  return text_samples(view) + resize_scratch_bytes(decoded_shape(view, shape.channels), shape);
}

Status read_image(const ImageView& view, ImageShape shape, Span<std::uint8_t> pixels,
                  Span<std::uint8_t> scratch, DataFault* fault) {
  if (fault) *fault = DataFault{};
  if (shape.channels != 1 && shape.channels != 3) return Status::bad_shape;
  if (pixels.size != shape.size()) return Status::bad_shape;
  if (scratch.size < image_scratch_bytes(view, shape)) return Status::too_large;
  const Span<std::uint8_t> samples = scratch.sub(0, text_samples(view));
  if (samples.size) {
    const Status s = decode_pnm_text(view, samples, fault);
    if (s != Status::ok) return s;
  }
  RowDecoder rows{view, samples, shape.channels, fault};
  return resize_rows(read_row, &rows, decoded_shape(view, shape.channels), pixels, shape,
                     scratch.sub(samples.size, scratch.size - samples.size));
}

}  // namespace hone
