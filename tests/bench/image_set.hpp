#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "hone/span.hpp"

namespace hone::bench {

/// Labelled images as their IDX files hold them: bytes.
class ImageSet {
 public:
  /// Reads `stem`-images-idx3-ubyte and `stem`-labels-idx1-ubyte. An error is one line in *error.
  bool load(const std::string& stem, std::string* error);

  std::uint32_t size() const { return size_; }
  std::uint32_t pixels() const { return pixels_; }
  const std::uint8_t* image(std::uint32_t i) const {
    return images_.data() + images_begin_ + std::size_t{i} * pixels_;
  }
  std::uint8_t label(std::uint32_t i) const { return labels_[labels_begin_ + i]; }

 private:
  std::vector<std::uint8_t> images_, labels_;  // whole files
  std::size_t images_begin_ = 0, labels_begin_ = 0;
  std::uint32_t size_ = 0, pixels_ = 0;
};

}  // namespace hone::bench
