#pragma once
#include <cstddef>
#include <cstdint>

#include "hone/image.hpp"
#include "hone/random.hpp"

namespace hone {

/// Random changes of a training image; all off by default.
struct Augmentation {
  bool hflip = false, vflip = false;  ///< each with chance 1/2
  std::uint8_t shift = 0;             ///< up to so many pixels, each axis; edges are replicated
  std::uint8_t brightness = 0;        ///< up to so many grey levels
  std::uint8_t contrast = 0;          ///< up to so many percent, 0..100, around grey level 128

  constexpr bool any() const { return hflip || vflip || shift || brightness || contrast; }
};

/// Reads `none`, nothing, or a list as `hflip,vflip,shift 2,brightness 16,contrast 10%`; every word
/// at most once, the percent sign may be left out. Errors, leaving *augmentation untouched:
/// unknown_name with the nearest word in fault->expected, empty if none is near; bad_data for a
/// missing, surplus or repeated item; bad_argument for a number outside 1..255 (contrast: 1..100).
/// fault->offset is the place in the text.
Status parse_augmentation(Text text, Augmentation* augmentation, DataFault* fault);

/// Room that format_augmentation needs.
constexpr std::size_t kAugmentationChars = 64;

/// Writes the text that parse_augmentation reads, without a closing 0; returns its size.
std::size_t format_augmentation(const Augmentation& augmentation, char (&out)[kAugmentationChars]);

/// The stream of an image: `sample` is its place in the sorted data set before any split, so that
/// neither the batch nor the split changes what happens to an image in an epoch.
constexpr Stream augmentation_stream(std::uint64_t seed, std::uint64_t epoch,
                                     std::uint32_t sample) {
  return Stream(seed, Purpose::augmentation, epoch, 0, sample);
}

/// Writes the changed image; `out` must not overlap `in`. Six 16-bit values are drawn, always and
/// in this order, so that switching one change on leaves the others as they were:
///
///   hflip, vflip             u16 < 32768: flip
///   down, right, brightness  up to N either way: (u16 * (2N + 1) >> 16) - N
///   contrast                 c likewise, in percent
///
/// The image is flipped, then moved down and right; then each sample becomes
/// clamp(128 + floor(((p - 128) * (100 + c) + 50) / 100) + brightness, 0, 255).
/// bad_shape if the sizes do not fit the shape.
Status augment(const Augmentation& augmentation, ImageShape shape, Bytes in, Span<std::uint8_t> out,
               Stream stream);

}  // namespace hone
