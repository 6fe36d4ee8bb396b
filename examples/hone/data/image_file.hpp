#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "examples/hone/error.hpp"
#include "hone/image.hpp"

namespace hone {

/// Reads image files one at a time into memory that is used again.
class ImageFileReader {
 public:
  /// Decodes a PGM, PPM or BMP file to shape.channels, resized to shape; `pixels` has room for
  /// shape.size().
  bool read(const std::string& name, ImageShape shape, std::uint8_t* pixels, Error* error);

 private:
  std::vector<std::uint8_t> file_, scratch_;
};

/// True for .pgm, .ppm, .pnm and .bmp, in any case.
bool has_image_name(const std::string& name);

/// An error for a compressed file, with the command that unpacks it.
bool refuse_gz(const std::string& name, Error* error);

bool ends_with(const std::string& text, const std::string& end);

}  // namespace hone
