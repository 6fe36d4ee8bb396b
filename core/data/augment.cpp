#include "hone/augment.hpp"

#include "hone/nearest_word.hpp"
#include "word_reader.hpp"

namespace hone {
namespace {

constexpr Text kWords[] = {"hflip", "vflip", "shift", "brightness", "contrast", "none"};
enum Word : std::size_t { kHflip, kVflip, kShift, kBrightness, kContrast, kNone, kUnknown };

Word find_word(Text text) {
  for (std::size_t i = 0; i < kUnknown; ++i)
    if (text == kWords[i]) return static_cast<Word>(i);
  return kUnknown;
}

Status refuse_word(Text word, std::size_t at, DataFault* fault) {
  NearestWord near(word);
  for (const Text candidate : kWords) near.consider(candidate);
  return refuse(fault, Status::unknown_name, at, near.best, word.size ? word : Text("the end"));
}

/// Reads 1..most, with a percent sign if `percent`.
Status read_amount(WordReader* words, std::uint32_t most, bool percent, Text expected,
                   std::uint8_t* amount, DataFault* fault) {
  const std::size_t at = words->offset();
  Text text = words->next();
  const Text found = text.size ? text : Text("the end");
  if (percent && text.size && text[text.size - 1] == '%') --text.size;
  std::uint32_t v = 0;
  for (std::size_t i = 0; i < text.size; ++i) {
    if (text[i] < '0' || text[i] > '9') return refuse(fault, Status::bad_data, at, expected, found);
    if (v <= most) v = v * 10 + static_cast<std::uint32_t>(text[i] - '0');
  }
  if (text.size == 0) return refuse(fault, Status::bad_data, at, expected, found);
  if (v < 1 || v > most) return refuse(fault, Status::bad_argument, at, expected, found);
  *amount = static_cast<std::uint8_t>(v);
  return Status::ok;
}

Status read_item(Word word, WordReader* words, Augmentation* a, DataFault* fault) {
  switch (word) {
    case kHflip:
      return a->hflip = true, Status::ok;
    case kVflip:
      return a->vflip = true, Status::ok;
    case kShift:
      return read_amount(words, 255, false, "pixels from 1 to 255", &a->shift, fault);
    case kBrightness:
      return read_amount(words, 255, false, "grey levels from 1 to 255", &a->brightness, fault);
    case kContrast:
      return read_amount(words, 100, true, "percent from 1 to 100", &a->contrast, fault);
    case kNone:
    case kUnknown:
      break;
  }
  return Status::unknown_name;
}

/// What one stream says about one image.
struct Draws {
  bool hflip, vflip;
  std::int32_t down, right, brightness, contrast;
};

Draws draw(const Augmentation& a, Stream stream) {
  const auto either_way = [&stream](std::uint32_t most) {
    const std::uint32_t u = stream.next16() * (2 * most + 1) >> 16;
    return static_cast<std::int32_t>(u) - static_cast<std::int32_t>(most);
  };
  Draws d;
  d.hflip = (stream.next16() < 32768) && a.hflip;
  d.vflip = (stream.next16() < 32768) && a.vflip;
  d.down = either_way(a.shift);
  d.right = either_way(a.shift);
  d.brightness = either_way(a.brightness);
  d.contrast = either_way(a.contrast);
  return d;
}

std::int32_t clamp(std::int32_t v, std::int32_t most) { return v < 0 ? 0 : v > most ? most : v; }

/// Where an output coordinate comes from on an axis of n pixels.
std::int32_t source(std::int32_t at, std::int32_t shift, bool flip, std::int32_t n) {
  const std::int32_t moved = clamp(at - shift, n - 1);
  return flip ? n - 1 - moved : moved;
}

void make_grey_table(const Draws& d, std::uint8_t* table) {
  for (std::int32_t p = 0; p < 256; ++p) {
    const std::int32_t v = (p - 128) * (100 + d.contrast) + 50;  // -25600 and up
    const std::int32_t floor = (v + 100 * 512) / 100 - 512;
    table[p] = static_cast<std::uint8_t>(clamp(128 + floor + d.brightness, 255));
  }
}

std::size_t put_text(Text text, char* out, std::size_t n) {
  for (std::size_t i = 0; i < text.size; ++i) out[n++] = text[i];
  return n;
}

/// Writes `,word amount`, without the comma at the beginning.
std::size_t put_item(Text word, std::uint32_t amount, char* out, std::size_t n) {
  if (n) out[n++] = ',';
  n = put_text(word, out, n);
  if (amount == 0) return n;
  out[n++] = ' ';
  for (std::uint32_t power = 100; power > 0; power /= 10)
    if (amount >= power) out[n++] = static_cast<char>('0' + amount / power % 10);
  return n;
}

}  // namespace

Status parse_augmentation(Text text, Augmentation* augmentation, DataFault* fault) {
  WordReader words(text);
  Augmentation a;
  bool seen[kUnknown] = {};
  for (bool first = true; !words.done(); first = false) {
    if (!first) {
      const std::size_t at = words.offset();
      const Text comma = words.next();
      if (comma != Text(",")) return refuse(fault, Status::bad_data, at, "a comma", comma);
    }
    const std::size_t at = words.offset();
    const Text text_word = words.next();
    const Word word = find_word(text_word);
    if (word == kUnknown) return refuse_word(text_word, at, fault);
    if (seen[word]) return refuse(fault, Status::bad_data, at, "each word once", text_word);
    seen[word] = true;
    if (word == kNone) {
      if (first && words.done()) continue;
      return refuse(fault, Status::bad_data, at, "none by itself", text);
    }
    const Status s = read_item(word, &words, &a, fault);
    if (s != Status::ok) return s;
  }
  *augmentation = a;
  return Status::ok;
}

std::size_t format_augmentation(const Augmentation& a, char (&out)[kAugmentationChars]) {
  if (!a.any()) return put_text("none", out, 0);
  std::size_t n = 0;
  if (a.hflip) n = put_item(kWords[kHflip], 0, out, n);
  if (a.vflip) n = put_item(kWords[kVflip], 0, out, n);
  if (a.shift) n = put_item(kWords[kShift], a.shift, out, n);
  if (a.brightness) n = put_item(kWords[kBrightness], a.brightness, out, n);
  if (a.contrast) {
    n = put_item(kWords[kContrast], a.contrast, out, n);
    out[n++] = '%';
  }
  return n;
}

Status augment(const Augmentation& augmentation, ImageShape shape, Bytes in, Span<std::uint8_t> out,
               Stream stream) {
  if (in.size != shape.size() || out.size != shape.size()) return Status::bad_shape;
  const Draws d = draw(augmentation, stream);
  std::uint8_t grey[256];
  make_grey_table(d, grey);
  const auto height = static_cast<std::int32_t>(shape.height);
  const auto width = static_cast<std::int32_t>(shape.width);
  std::uint8_t* to = out.data;
  for (std::int32_t y = 0; y < height; ++y) {
    const auto from_y = static_cast<std::size_t>(source(y, d.down, d.vflip, height));
    const std::uint8_t* row = in.data + from_y * shape.width * shape.channels;
    for (std::int32_t x = 0; x < width; ++x) {
      const auto from_x = static_cast<std::size_t>(source(x, d.right, d.hflip, width));
      for (std::uint32_t c = 0; c < shape.channels; ++c)
        *to++ = grey[row[from_x * shape.channels + c]];
    }
  }
  return Status::ok;
}

}  // namespace hone
