#include "hone/checkpoint.hpp"
#include "json_cursor.hpp"

namespace hone {
namespace {

// Long enough for what these fields may legally hold; longer text is not one of them.
constexpr std::size_t kShortText = 64;

// Other writers use the key too: "pt" stands in files of PyTorch.
bool is_hone_format(const EscapedText& format) {
  constexpr Text kStart = "hone ";
  char buffer[kShortText];
  Text text;
  return format.unescape({buffer, sizeof buffer}, text) == Status::ok && text.size >= kStart.size &&
         Text(text.data, kStart.size) == kStart;
}

// Reads one key after the other and keeps the first error.
class MetadataReader {
 public:
  MetadataReader(const SafetensorsHeader& header, SafetensorsError& error)
      : header_(header), error_(error) {}

  void require(const char* key, const char* value, const char* expected) {
    EscapedText found;
    text(key, found, expected);
    if (status_ == Status::ok && found != value) fail(Status::not_supported, expected);
  }
  void numeric(Numeric& out) {
    EscapedText found;
    text("numeric", found, "metadata numeric");
    constexpr Numeric kAll[] = {Numeric::f32, Numeric::w16a8};
    for (const Numeric n : kAll)
      if (found == word_of(n)) {
        out = n;
        return;
      }
    if (status_ == Status::ok) fail(Status::not_supported, "metadata numeric \"f32\" or \"w16a8\"");
  }
  void text(const char* key, EscapedText& out, const char* expected) {
    if (status_ == Status::ok && !header_.find_metadata(key, out)) fail(Status::bad_data, expected);
  }
  void number(const char* key, std::uint64_t& out, const char* expected) {
    EscapedText found;
    text(key, found, expected);
    if (status_ == Status::ok && !parse(found, out)) fail(Status::bad_data, expected);
  }
  Status status() const { return status_; }

 private:
  static bool parse(const EscapedText& found, std::uint64_t& out) {
    char buffer[kShortText];
    Text digits;
    if (found.unescape({buffer, sizeof buffer}, digits) != Status::ok) return false;
    while (digits.size > 1 && digits[0] == '0') digits = Text(digits.data + 1, digits.size - 1);
    JsonCursor cursor(digits);
    return cursor.integer(out, "") && cursor.at == digits.size;
  }
  void fail(Status status, const char* expected) {
    status_ = status;
    error_ = {8, expected};
  }

  const SafetensorsHeader& header_;
  SafetensorsError& error_;
  Status status_ = Status::ok;
};

}  // namespace

Status open_checkpoint(Bytes file, std::uint64_t file_bytes, Checkpoint& checkpoint,
                       SafetensorsError& error) {
  checkpoint = {};
  Checkpoint c;
  const Status status = c.header.parse(file, file_bytes, error);
  if (status != Status::ok) return status;
  EscapedText format;
  c.from_hone = c.header.find_metadata("format", format) && is_hone_format(format);
  if (c.from_hone) {
    MetadataReader read(c.header, error);
    read.require("format", kCheckpointFormat,
                 "metadata format \"hone 1\": another version of hone wrote this");
    read.require("contract", kCheckpointContract,
                 "metadata contract \"1\": other rules made these numbers");
    read.numeric(c.numeric);
    read.require("layout", kCheckpointLayout, "metadata layout as this version of hone writes it");
    read.text("model", c.model, "metadata model");
    read.text("classes", c.classes, "metadata classes");
    read.text("normalise", c.normalise, "metadata normalise");
    read.text("settings", c.settings, "metadata settings");
    read.number("step", c.step, "metadata step, an integer below 2^64");
    read.number("epoch", c.epoch, "metadata epoch, an integer below 2^64");
    read.number("seed", c.seed, "metadata seed, an integer below 2^64");
    if (read.status() != Status::ok) return read.status();
  }
  checkpoint = c;
  return Status::ok;
}

std::size_t line_count(Text text) {
  std::size_t lines = 0;
  for (std::size_t i = 0; i < text.size; ++i) lines += text[i] == '\n' || i + 1 == text.size;
  return lines;
}

Text line_of(Text text, std::size_t index) {
  std::size_t begin = 0;
  for (std::size_t i = 0; i < text.size; ++i) {
    if (text[i] != '\n') continue;
    if (index-- == 0) return {text.data + begin, i - begin};
    begin = i + 1;
  }
  return index == 0 ? Text(text.data + begin, text.size - begin) : Text();
}

}  // namespace hone
