#pragma once
#include <cstddef>
#include <cstdint>

#include "hone/span.hpp"
#include "hone/status.hpp"

namespace hone {

/// Drawn pictures of rolled metal with one kind of surface defect each: data for a first try, a
/// demonstration or a test. Integers only, so the same arguments give the same bytes everywhere.

inline constexpr std::uint32_t kSynthClasses = 6;

/// In alphabetical order, which is the label order of a folder of classes.
inline constexpr Text kSynthClassNames[kSynthClasses] = {"clean", "crack",   "patch",
                                                         "pit",   "scratch", "stain"};

/// `moved` is the same line after somebody touched the camera: rolling direction turned by about
/// 90 degrees, nearer, out of focus, darker, flatter, lit from one side, noisier.
enum class SynthDomain : std::uint8_t { base, moved };

/// The splits draw from ranges of their own: asking for more training images changes no test image.
enum class SynthSplit : std::uint8_t { train, test };

/// Which picture: each has a random stream of its own, so any subset can be drawn in any order.
struct SynthImage {
  std::uint64_t seed = 1;
  SynthDomain domain = SynthDomain::base;
  SynthSplit split = SynthSplit::train;
  std::uint32_t label = 0;  ///< index into kSynthClassNames
  std::uint32_t index = 0;  ///< number within domain, split and class; below kSynthMaxImages
};

inline constexpr std::uint32_t kSynthMaxImages = 1u << 20;
inline constexpr std::uint32_t kSynthSize = 64;
inline constexpr std::uint32_t kSynthMinSize = 16, kSynthMaxSize = 1024;

/// The number of images of each class that a data set has unless its maker says otherwise.
constexpr std::uint32_t synth_default_count(SynthDomain domain, SynthSplit split) {
  if (split == SynthSplit::test) return 50;
  return domain == SynthDomain::base ? 150 : 40;
}

/// Draws one picture.
///
///   size    side in pixels, kSynthMinSize..kSynthMaxSize; the scene does not depend on it
///   pixels  [size, size] grey values, row by row from the top
///
/// Errors, all leaving pixels untouched: bad_argument if label, index or size is out of range, or
/// domain or split has no such value; bad_shape if pixels does not hold size * size.
Status draw_defect(const SynthImage& image, std::uint32_t size, Span<std::uint8_t> pixels);

constexpr std::size_t synth_pgm_header_bytes(std::uint32_t size) {
  std::size_t digits = 1;
  for (std::uint32_t v = size; v >= 10; v /= 10) ++digits;
  return 3 + 2 * digits + 2 + 4;  // "P5\n" size ' ' size '\n' "255\n"
}

/// Length of the PGM file of a picture.
constexpr std::size_t synth_pgm_bytes(std::uint32_t size) {
  return synth_pgm_header_bytes(size) + std::size_t{size} * size;
}

/// draw_defect as a whole binary PGM file (P5); file holds exactly synth_pgm_bytes(size).
/// Errors as draw_defect, leaving file untouched.
Status draw_defect_pgm(const SynthImage& image, std::uint32_t size, Span<std::uint8_t> file);

}  // namespace hone
