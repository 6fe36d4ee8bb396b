#include "synth_scene.hpp"

namespace hone::synth {
namespace {

constexpr std::int32_t kMiddle = kFrame / 2;

/// Mean brightness of the surface under a pixel whose middle is at p of the frame.
std::int32_t surface(const Scene& scene, Point p) {
  const Camera& c = scene.camera;
  const Point seen = {kMiddle + (((p.x - kMiddle) * c.zoom) >> 8),
                      kMiddle + (((p.y - kMiddle) * c.zoom) >> 8)};
  std::int32_t sum = 0;
  for (std::int32_t i = 0; i < c.samples; ++i) {
    for (std::int32_t j = 0; j < c.samples; ++j) {
      const Point at = {seen.x + (2 * j + 1 - c.samples) * c.aperture / (2 * c.samples),
                        seen.y + (2 * i + 1 - c.samples) * c.aperture / (2 * c.samples)};
      sum += scene.defect.over(scene.metal.at(at), at);
    }
  }
  return sum / (c.samples * c.samples);
}

std::int32_t light(const Camera& c, Point p) {
  return c.level + (c.light_x * (p.x - kMiddle) + c.light_y * (p.y - kMiddle)) / kMiddle;
}

std::int32_t noise(const Camera& c, std::uint32_t number) {
  const std::uint32_t bits = mix(c.noise_salt + number);
  const auto a = static_cast<std::int32_t>(bits & 0xFFFF);
  const auto b = static_cast<std::int32_t>(bits >> 16);
  return ((a - b) * c.noise) >> 16;
}

}  // namespace

Camera make_camera(Stream& stream, SynthDomain domain) {
  Camera c;
  if (domain == SynthDomain::base) {
    c.samples = 2;
    c.contrast = between(stream, 200, 290);
    c.level = between(stream, 112 * 16, 144 * 16);
    c.light_x = between(stream, -10 * 16, 10 * 16);
    c.light_y = between(stream, -10 * 16, 10 * 16);
    c.noise = 6 * 16;
  } else {
    c.zoom = between(stream, 190, 220);
    c.aperture = 2 * kUnit;
    c.samples = 3;
    c.contrast = between(stream, 140, 200);
    c.level = between(stream, 86 * 16, 112 * 16);
    c.light_x = between(stream, 12 * 16, 24 * 16);
    c.light_y = between(stream, -8 * 16, 8 * 16);
    c.noise = 8 * 16;
  }
  c.noise_salt = stream.next32();
  return c;
}

std::uint8_t Scene::pixel(Point p, std::uint32_t number) const {
  const std::int32_t relief = (surface(*this, p) * camera.contrast) >> 8;
  const std::int32_t q4 = light(camera, p) + relief + noise(camera, number);
  const std::int32_t v = (q4 + 8) >> 4;
  return static_cast<std::uint8_t>(v < 0 ? 0 : v > 255 ? 255 : v);
}

Scene make_scene(const SynthImage& image) {
  // Domain, split and number share the one index that a stream has.
  const std::uint32_t index = static_cast<std::uint32_t>(image.domain) << 31 |
                              static_cast<std::uint32_t>(image.split) << 30 | image.index;
  static_assert(kSynthMaxImages <= 1u << 30, "the number stays below the split's bit");
  Stream stream(image.seed, Purpose::synth, 0, image.label, index);
  Scene scene;
  scene.camera = make_camera(stream, image.domain);
  scene.metal = make_metal(stream, image.domain);
  scene.defect = make_defect(stream, image.label);
  return scene;
}

}  // namespace hone::synth
