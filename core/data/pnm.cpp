#include "hone/pnm.hpp"

namespace hone {
namespace {

bool is_space(std::uint8_t c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
bool is_digit(std::uint8_t c) { return c >= '0' && c <= '9'; }

/// Reads the numbers of a header or of text samples.
struct NumberReader {
  Bytes file;
  std::size_t at;
  DataFault* fault;

  void skip_space_and_comments() {
    for (; at < file.size; ++at) {
      if (file[at] == '#') {
        while (at < file.size && file[at] != '\n' && file[at] != '\r') ++at;
        if (at == file.size) return;
      } else if (!is_space(file[at])) {
        return;
      }
    }
  }

  /// A number in least..most, with its end at a space, a comment or the end of the file.
  Status next(Text what, std::uint32_t least, std::uint32_t most, std::uint32_t* value) {
    skip_space_and_comments();
    const std::size_t begin = at;
    std::uint64_t v = 0;
    for (; at < file.size && is_digit(file[at]); ++at)
      if (v <= most) v = v * 10 + (file[at] - '0');
    const Text text(reinterpret_cast<const char*>(file.data) + begin, word_size(begin));
    if (begin == file.size)
      return refuse(fault, Status::bad_data, begin, what, "the end of the file");
    if (text.size != at - begin) return refuse(fault, Status::bad_data, begin, what, text);
    if (v < least || v > most) return refuse(fault, Status::bad_data, begin, what, text);
    *value = static_cast<std::uint32_t>(v);
    return Status::ok;
  }

 private:
  /// Length of the word from `begin`, at most 20 characters more than its digits.
  std::size_t word_size(std::size_t begin) const {
    std::size_t end = at;
    while (end < file.size && end < at + 20 && !is_space(file[end]) && file[end] != '#') ++end;
    return end - begin;
  }
};

Status check_pixels(const ImageView& v, std::size_t sample_bytes, DataFault* fault) {
  const std::uint64_t samples = std::uint64_t{v.width} * v.height * channels_of(v.format);
  // Each number of a text format takes a character and, but for the last, a space.
  const std::uint64_t need = sample_bytes ? samples * sample_bytes : 2 * samples - 1;
  const std::uint64_t have = v.file.size - v.first_row;
  if (have >= need) return Status::ok;
  return refuse(fault, Status::bad_data, v.file.size,
                sample_bytes ? "bytes of pixels after the header"
                             : "or more bytes of pixels after the header",
                {}, static_cast<std::int64_t>(need), static_cast<std::int64_t>(have));
}

}  // namespace

Status parse_pnm(Bytes file, ImageView* view, DataFault* fault) {
  const Text kinds = "P2, P3, P5 or P6";
  if (file.size < 2 || file[0] != 'P')
    return refuse(fault, Status::bad_data, 0, kinds, "other bytes");
  const std::uint8_t kind = file[1];
  if (kind == '1' || kind == '4')
    return refuse(fault, Status::not_supported, 0, kinds, "a PBM bitmap of 1 bit");
  if (kind == '7') return refuse(fault, Status::not_supported, 0, kinds, "a PAM image (P7)");
  if (kind != '2' && kind != '3' && kind != '5' && kind != '6')
    return refuse(fault, Status::bad_data, 0, kinds, "other bytes");

  ImageView v;
  v.file = file;
  NumberReader numbers{file, 2, fault};
  if (file.size > 2 && !is_space(file[2]) && file[2] != '#')
    return refuse(fault, Status::bad_data, 2, "a space after the magic number", "other bytes");
  Status s = numbers.next("a width from 1 to 65535", 1, kMaxImageSide, &v.width);
  if (s == Status::ok) s = numbers.next("a height from 1 to 65535", 1, kMaxImageSide, &v.height);
  if (s == Status::ok) s = numbers.next("a largest value from 1 to 65535", 1, 65535, &v.maxval);
  if (s != Status::ok) return s;

  const bool colour = kind == '3' || kind == '6', text = kind == '2' || kind == '3';
  const bool wide = v.maxval > 255;
  if (text)
    v.format = colour ? PixelFormat::text_rgb : PixelFormat::text_grey;
  else if (colour)
    v.format = wide ? PixelFormat::rgb16 : PixelFormat::rgb8;
  else
    v.format = wide ? PixelFormat::grey16 : PixelFormat::grey8;

  if (numbers.at == file.size || !is_space(file[numbers.at]))
    return refuse(fault, Status::bad_data, numbers.at, "a space after the header",
                  numbers.at == file.size ? "the end of the file" : "other bytes");
  v.first_row = numbers.at + 1;
  const std::size_t sample_bytes = text ? 0 : wide ? 2 : 1;
  s = check_pixels(v, sample_bytes, fault);
  if (s != Status::ok) return s;
  v.row_bytes =
      static_cast<std::ptrdiff_t>(std::size_t{v.width} * channels_of(v.format) * sample_bytes);
  *view = v;
  return Status::ok;
}

Status decode_pnm_text(const ImageView& view, Span<std::uint8_t> samples, DataFault* fault) {
  NumberReader numbers{view.file, view.first_row, fault};
  for (std::uint8_t& sample : samples) {
    std::uint32_t v = 0;
    const Status s = numbers.next("a sample from 0 to the largest value", 0, view.maxval, &v);
    if (s != Status::ok) return s;
    sample = scale_sample(v, view.maxval);
  }
  return Status::ok;
}

}  // namespace hone
