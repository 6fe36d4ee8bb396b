#include <doctest/doctest.h>

#include <algorithm>
#include <vector>

#include "hone/random.hpp"
#include "hone/resize.hpp"

using hone::ImageShape;
using hone::Status;

namespace {

/// Weight of source j for output i on one axis, by the definition.
std::int64_t weight(std::int64_t in, std::int64_t out, std::int64_t i, std::int64_t j) {
  if (out <= in) {
    const std::int64_t begin = std::max(j * out, i * in);
    const std::int64_t end = std::min((j + 1) * out, (i + 1) * in);
    return end > begin ? end - begin : 0;
  }
  std::int64_t position = (2 * i + 1) * in - out;
  position = std::min(std::max(position, std::int64_t{0}), 2 * out * (in - 1));
  const std::int64_t distance = position - 2 * out * j;
  return std::max(2 * out - (distance < 0 ? -distance : distance), std::int64_t{0});
}

std::vector<std::uint8_t> reference(const std::vector<std::uint8_t>& image, ImageShape from,
                                    ImageShape to) {
  std::vector<std::uint8_t> out;
  for (std::uint32_t y = 0; y < to.height; ++y)
    for (std::uint32_t x = 0; x < to.width; ++x)
      for (std::uint32_t c = 0; c < to.channels; ++c) {
        std::int64_t sum = 0, total = 0;
        for (std::uint32_t v = 0; v < from.height; ++v)
          for (std::uint32_t u = 0; u < from.width; ++u) {
            const std::int64_t w =
                weight(from.height, to.height, y, v) * weight(from.width, to.width, x, u);
            sum += w * image[(v * from.width + u) * from.channels + c];
            total += w;
          }
        out.push_back(static_cast<std::uint8_t>((2 * sum + total) / (2 * total)));
      }
  return out;
}

std::vector<std::uint8_t> resized(const std::vector<std::uint8_t>& image, ImageShape from,
                                  ImageShape to) {
  std::vector<std::uint8_t> out(to.size()), scratch(hone::resize_scratch_bytes(from, to));
  REQUIRE(hone::resize({image.data(), image.size()}, from, {out.data(), out.size()}, to,
                       {scratch.data(), scratch.size()}) == Status::ok);
  return out;
}

std::vector<std::uint8_t> random_image(ImageShape shape) {
  hone::Stream random(3, hone::Purpose::synth, shape.height, shape.width, shape.channels);
  std::vector<std::uint8_t> image(shape.size());
  for (std::uint8_t& p : image) p = static_cast<std::uint8_t>(random.next16());
  return image;
}

}  // namespace

TEST_CASE("resize: by hand") {
  using V = std::vector<std::uint8_t>;
  CHECK(resized({10, 20, 30, 41}, {1, 4, 1}, {1, 2, 1}) == V{15, 36});  // 35.5 rounds up
  CHECK(resized({0, 30, 90}, {1, 3, 1}, {1, 2, 1}) == V{10, 70});       // (2*0+30)/3, (30+2*90)/3
  CHECK(resized({0, 100}, {1, 2, 1}, {1, 4, 1}) == V{0, 25, 75, 100});
  CHECK(resized({9}, {1, 1, 1}, {2, 3, 1}) == V(6, 9));
  CHECK(resized({1, 2, 3, 3, 4, 5}, {1, 2, 3}, {1, 1, 3}) == V{2, 3, 4});
}

TEST_CASE("resize: sizes around each other, odd and prime, equal the definition") {
  const std::uint32_t sides[] = {1, 2, 3, 5, 7, 8, 13, 16};
  for (const std::uint32_t h : sides)
    for (const std::uint32_t w : sides)
      for (const std::uint32_t out_h : sides)
        for (const std::uint32_t out_w : {1u, 3u, 8u, 11u, 17u}) {
          const std::uint32_t channels = (h + w + out_h + out_w) % 2 ? 1 : 3;
          const ImageShape from{h, w, channels}, to{out_h, out_w, channels};
          const auto image = random_image(from);
          REQUIRE(resized(image, from, to) == reference(image, from, to));
        }
}

TEST_CASE("resize: a constant stays constant, the same size stays the same") {
  const std::vector<std::uint8_t> white(200 * 150, 255);
  CHECK(resized(white, {150, 200, 1}, {64, 64, 1}) == std::vector<std::uint8_t>(64 * 64, 255));
  CHECK(resized(white, {150, 200, 1}, {211, 307, 1}) == std::vector<std::uint8_t>(211 * 307, 255));
  const auto image = random_image({31, 17, 3});
  CHECK(resized(image, {31, 17, 3}, {31, 17, 3}) == image);
}

TEST_CASE("resize: the longest row does not overflow") {
  const std::vector<std::uint8_t> row(65535, 255);
  CHECK(resized(row, {1, 65535, 1}, {1, 1, 1}) == std::vector<std::uint8_t>{255});
  CHECK(resized(row, {65535, 1, 1}, {2, 3, 1}) == std::vector<std::uint8_t>(6, 255));
}

TEST_CASE("resize: wrong arguments") {
  std::vector<std::uint8_t> in(12), out(12), scratch(1000);
  const auto call = [&](ImageShape from, ImageShape to, std::size_t room) {
    return hone::resize({in.data(), from.size()}, from, {out.data(), to.size()}, to,
                        {scratch.data(), room});
  };
  CHECK(call({2, 2, 1}, {2, 2, 3}, 1000) == Status::bad_shape);
  CHECK(call({2, 0, 1}, {2, 2, 1}, 1000) == Status::bad_shape);
  CHECK(call({2, 2, 1}, {0, 2, 1}, 1000) == Status::bad_shape);
  CHECK(call({2, 2, 1}, {3, 3, 1}, 10) == Status::too_large);
}
