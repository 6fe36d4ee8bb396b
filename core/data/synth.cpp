#include "hone/synth.hpp"

#include "synth_scene.hpp"

namespace hone {
namespace {

bool valid(const SynthImage& image, std::uint32_t size) {
  return image.label < kSynthClasses && image.index < kSynthMaxImages &&
         image.domain <= SynthDomain::moved && image.split <= SynthSplit::test &&
         size >= kSynthMinSize && size <= kSynthMaxSize;
}

std::uint8_t* put(std::uint8_t* to, Text text) {
  for (std::size_t i = 0; i < text.size; ++i) *to++ = static_cast<std::uint8_t>(text[i]);
  return to;
}

std::uint8_t* put(std::uint8_t* to, std::uint32_t number) {
  std::uint32_t unit = 1;
  while (number / unit >= 10) unit *= 10;
  for (; unit > 0; unit /= 10) *to++ = static_cast<std::uint8_t>('0' + number / unit % 10);
  return to;
}

}  // namespace

Status draw_defect(const SynthImage& image, std::uint32_t size, Span<std::uint8_t> pixels) {
  if (!valid(image, size)) return Status::bad_argument;
  if (pixels.size != std::size_t{size} * size) return Status::bad_shape;
  const synth::Scene scene = synth::make_scene(image);
  const auto middle = [size](std::uint32_t i) {
    return static_cast<std::int32_t>((2 * i + 1) * std::uint32_t{synth::kFrame} / (2 * size));
  };
  for (std::uint32_t row = 0; row < size; ++row) {
    for (std::uint32_t column = 0; column < size; ++column) {
      const std::uint32_t number = row * size + column;
      pixels[number] = scene.pixel({middle(column), middle(row)}, number);
    }
  }
  return Status::ok;
}

Status draw_defect_pgm(const SynthImage& image, std::uint32_t size, Span<std::uint8_t> file) {
  if (!valid(image, size)) return Status::bad_argument;
  if (file.size != synth_pgm_bytes(size)) return Status::bad_shape;
  std::uint8_t* to = put(file.data, "P5\n");
  to = put(put(put(to, size), " "), size);
  put(to, "\n255\n");
  const std::size_t header = synth_pgm_header_bytes(size);
  return draw_defect(image, size, file.sub(header, file.size - header));
}

}  // namespace hone
