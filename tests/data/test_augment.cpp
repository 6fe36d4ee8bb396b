#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "hone/augment.hpp"

using hone::Augmentation;
using hone::DataFault;
using hone::ImageShape;
using hone::Status;
using hone::Stream;

namespace {

Augmentation parsed(const std::string& text) {
  Augmentation a;
  REQUIRE(hone::parse_augmentation({text.data(), text.size()}, &a, nullptr) == Status::ok);
  return a;
}

using Pixels = std::vector<std::uint8_t>;

Pixels augmented(const std::string& text, ImageShape shape, const Pixels& in, Stream stream) {
  Pixels out(in.size());
  REQUIRE(hone::augment(parsed(text), shape, {in.data(), in.size()}, {out.data(), out.size()},
                        stream) == Status::ok);
  return out;
}

struct Draws {
  std::uint32_t u[6];
};

Draws draws_of(Stream stream) {
  Draws d{};
  for (std::uint32_t& u : d.u) u = stream.next16();
  return d;
}

int either_way(std::uint32_t u, int most) {
  return static_cast<int>(u * static_cast<std::uint32_t>(2 * most + 1) >> 16) - most;
}

int clamped(int v, int most) { return v < 0 ? 0 : v > most ? most : v; }

}  // namespace

TEST_CASE("augment: every option by the definition, over many streams") {
  const ImageShape shape{5, 7, 3};
  Pixels in(shape.size());
  for (std::size_t i = 0; i < in.size(); ++i) in[i] = static_cast<std::uint8_t>(i * 37);
  for (std::uint32_t sample = 0; sample < 200; ++sample) {
    const Stream stream = hone::augmentation_stream(9, 3, sample);
    const Draws d = draws_of(stream);
    const bool hflip = d.u[0] < 32768, vflip = d.u[1] < 32768;
    const int down = either_way(d.u[2], 3), right = either_way(d.u[3], 3);
    const int brightness = either_way(d.u[4], 40), contrast = either_way(d.u[5], 30);
    Pixels expected;
    for (int y = 0; y < 5; ++y)
      for (int x = 0; x < 7; ++x)
        for (int c = 0; c < 3; ++c) {
          int v = clamped(y - down, 4), u = clamped(x - right, 6);
          if (vflip) v = 4 - v;
          if (hflip) u = 6 - u;
          const int p = in[static_cast<std::size_t>((v * 7 + u) * 3 + c)];
          const int t = (p - 128) * (100 + contrast) + 50;
          const int floor = t >= 0 ? t / 100 : -((-t + 99) / 100);
          expected.push_back(static_cast<std::uint8_t>(clamped(128 + floor + brightness, 255)));
        }
    REQUIRE(augmented("hflip,vflip,shift 3,brightness 40,contrast 30%", shape, in, stream) ==
            expected);
  }
}

TEST_CASE("augment: an option does not change the draws of another") {
  const ImageShape shape{4, 4, 1};
  Pixels in(16);
  for (std::size_t i = 0; i < 16; ++i) in[i] = static_cast<std::uint8_t>(10 * i);
  for (std::uint32_t sample = 0; sample < 50; ++sample) {
    const Stream stream = hone::augmentation_stream(1, 0, sample);
    const bool flipped = draws_of(stream).u[0] < 32768;
    CHECK((augmented("hflip", shape, in, stream) != in) == flipped);
    const Pixels bright = augmented("brightness 5", shape, in, stream);
    const Pixels both = augmented("hflip,brightness 5", shape, in, stream);
    CHECK(both == augmented("hflip", shape, bright, stream));
  }
}

TEST_CASE("augment: nothing changes nothing; one pixel survives a shift") {
  const Stream stream = hone::augmentation_stream(1, 2, 3);
  const Pixels in{0, 1, 127, 128, 254, 255};
  CHECK(augmented("none", {2, 3, 1}, in, stream) == in);
  CHECK(augmented("hflip,vflip,shift 255", {1, 1, 1}, {77}, stream) == Pixels{77});
  Pixels out(5);
  CHECK(hone::augment({}, {2, 3, 1}, {in.data(), 6}, {out.data(), 5}, stream) == Status::bad_shape);
}

TEST_CASE("augmentation text: reads what it writes") {
  for (const char* text : {"none", "hflip", "vflip", "shift 2", "brightness 16", "contrast 10%",
                           "hflip,vflip,shift 255,brightness 255,contrast 100%"}) {
    const Augmentation a = parsed(text);
    char out[hone::kAugmentationChars];
    CHECK(std::string(out, hone::format_augmentation(a, out)) == text);
  }
  CHECK(!parsed("").any());
  const Augmentation a = parsed(" contrast 7 , hflip ");
  CHECK(a.contrast == 7);
  CHECK(a.hflip);
}

TEST_CASE("augmentation text: errors") {
  const struct {
    const char* text;
    Status status;
    std::size_t offset;
  } cases[] = {
      {"hflipp", Status::unknown_name, 0},
      {"hflip,", Status::unknown_name, 6},
      {"hflip vflip", Status::bad_data, 6},
      {"hflip,hflip", Status::bad_data, 6},
      {"shift", Status::bad_data, 5},
      {"shift x", Status::bad_data, 6},
      {"shift 0", Status::bad_argument, 6},
      {"shift 256", Status::bad_argument, 6},
      {"shift 99999999999", Status::bad_argument, 6},
      {"contrast 101%", Status::bad_argument, 9},
      {"contrast %", Status::bad_data, 9},
      {"none,hflip", Status::bad_data, 0},
      {"hflip,none", Status::bad_data, 6},
      {",hflip", Status::unknown_name, 0},
      {"brightness 5%", Status::bad_data, 11},
  };
  for (const auto& c : cases) {
    CAPTURE(c.text);
    Augmentation a;
    a.shift = 42;
    DataFault fault;
    CHECK(hone::parse_augmentation({c.text}, &a, &fault) == c.status);
    CHECK(fault.offset == c.offset);
    CHECK(a.shift == 42);
  }
}
