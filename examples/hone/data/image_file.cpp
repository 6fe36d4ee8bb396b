#include "examples/hone/data/image_file.hpp"

#include "examples/hone/data/fault_text.hpp"
#include "ports/posix/file.hpp"

namespace hone {
namespace {

/// Above any 65535-pixel-wide camera line scan, far below what would stall a small device.
constexpr std::uint64_t kMaxImageFile = std::uint64_t{1} << 30;

}  // namespace

bool ImageFileReader::read(const std::string& name, ImageShape shape, std::uint8_t* pixels,
                           Error* error) {
  posix::FileError file_error;
  if (!posix::read_file(name, &file_, kMaxImageFile, &file_error))
    return error->fail(kExitData, file_error.text);
  ImageView view;
  DataFault fault;
  Status s = parse_image({file_.data(), file_.size()}, &view, &fault);
  if (s == Status::ok) {
    scratch_.resize(image_scratch_bytes(view, shape));
    s = read_image(view, shape, {pixels, shape.size()}, {scratch_.data(), scratch_.size()}, &fault);
  }
  if (s == Status::ok) return true;
  if (s == Status::bad_shape)
    return error->fail(kExitModel, name +
                                       ": the model's input is not an image: expected 1 or 3 "
                                       "channels, found " +
                                       std::to_string(shape.channels));
  return error->fail(
      kExitData, name + ": " + fault_text(fault) +
                     (s == Status::not_supported ? "; convert it to binary PGM, PPM or 24-bit BMP"
                                                 : "; replace or remove the file"));
}

bool ends_with(const std::string& text, const std::string& end) {
  return text.size() >= end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

bool has_image_name(const std::string& name) {
  const std::size_t dot = name.rfind('.');
  if (dot == std::string::npos) return false;
  std::string extension = name.substr(dot + 1);
  for (char& c : extension)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  return extension == "pgm" || extension == "ppm" || extension == "pnm" || extension == "bmp";
}

bool refuse_gz(const std::string& name, Error* error) {
  return error->fail(
      kExitData,
      name + ": expected an uncompressed file, found gzip; run: gunzip -k " + shell_word(name));
}

}  // namespace hone
