#include "hone/shapes.hpp"

#include <doctest/doctest.h>

using namespace hone;

namespace {

constexpr Shape kImage{8, 7, 6};

LayerShape good(const LayerSpec& s, Shape x = kImage) {
  LayerShape r;
  REQUIRE(shape_of(s, x, {}, r) == Status::ok);
  return r;
}
Status status_of(const LayerSpec& s, Shape x = kImage, Shape second = {}) {
  LayerShape r;
  return shape_of(s, x, second, r);
}
bool is(const Shape& s, std::uint32_t h, std::uint32_t w, std::uint32_t c) {
  return s.h == h && s.w == w && s.c == c;
}

}  // namespace

TEST_CASE("shapes: same padding is ceil(in / stride) with the smaller half before") {
  for (std::uint32_t in = 1; in <= 12; ++in)
    for (int k = 1; k <= 6; ++k)
      for (int s = 1; s <= 4; ++s) {
        const LayerShape r = good(conv2d(1, k).same().stride(s), {in, in, 1});
        const int size = static_cast<int>(in), out = (size + s - 1) / s;
        const int total = (out - 1) * s + k - size;
        CHECK(is(r.out, static_cast<std::uint32_t>(out), static_cast<std::uint32_t>(out), 1));
        CHECK(static_cast<int>(r.window.pad_top) == (total > 0 ? total / 2 : 0));
        CHECK(r.window.pad_left == r.window.pad_top);
      }
}

TEST_CASE("shapes: valid and explicit padding") {
  CHECK(is(good(conv2d(5, 3)).out, 6, 5, 5));
  CHECK(is(good(conv2d(5, 3, 2).stride(2)).out, 3, 3, 5));
  CHECK(is(good(conv2d(5, 3).padding(2, 1)).out, 10, 7, 5));
  CHECK(is(good(max_pool(2)).out, 4, 3, 6));
  CHECK(is(good(max_pool(3, 2)).out, 2, 2, 6));
  CHECK(is(good(avg_pool(3).stride(2).padding(1)).out, 4, 4, 6));
  CHECK(is(good(global_avg_pool()).out, 1, 1, 6));
  CHECK(is(good(flatten()).out, 1, 1, 336));
}

TEST_CASE("shapes: counts of parameters, multiply-adds and fans") {
  const LayerShape c = good(conv2d(4, 3, 2).groups(2));
  CHECK(c.weights == 3 * 2 * 3 * 4);
  CHECK(c.biases == 4);
  CHECK(c.macs == std::uint64_t{6 * 6} * c.weights);
  CHECK(c.fan_in == 3 * 2 * 3);
  CHECK(c.fan_out == 3 * 2 * 4);
  const LayerShape d = good(depthwise(3).same().no_bias());
  CHECK(d.weights == 9 * 6);
  CHECK(d.biases == 0);
  CHECK(d.macs == 56 * 54);
  CHECK(d.fan_in == 9);
  const LayerShape l = good(linear(10), {1, 1, 20});
  CHECK(l.weights == 200);
  CHECK(l.macs == 200);
  CHECK(l.fan_in == 20);
  CHECK(l.fan_out == 10);
}

TEST_CASE("shapes: a 1x1 convolution runs as linear, groups of one channel as depthwise") {
  CHECK(good(conv2d(5, 1)).kernel == Op::linear);
  CHECK(good(conv2d(5, 1).stride(2)).kernel == Op::conv2d);
  CHECK(good(conv2d(5, 1).padding(1)).kernel == Op::conv2d);
  CHECK(good(conv2d(6, 1).groups(2)).kernel == Op::conv2d);
  CHECK(good(conv2d(6, 3).groups(6)).kernel == Op::depthwise);
  CHECK(good(conv2d(12, 3).groups(6)).kernel == Op::conv2d);
  CHECK(good(depthwise(1)).kernel != Op::linear);
}

TEST_CASE("shapes: what does not fit is a bad shape") {
  CHECK(status_of(linear(5)) == Status::bad_shape);
  CHECK(status_of(linear(0), {1, 1, 5}) == Status::bad_shape);
  CHECK(status_of(conv2d(0, 3)) == Status::bad_shape);
  CHECK(status_of(conv2d(5, 9)) == Status::bad_shape);
  CHECK(status_of(conv2d(5, 0)) == Status::bad_shape);
  CHECK(status_of(conv2d(5, 3).stride(0)) == Status::bad_shape);
  CHECK(status_of(conv2d(4, 3).groups(4)) == Status::bad_shape);
  CHECK(status_of(conv2d(4, 3).groups(3)) == Status::bad_shape);
  CHECK(status_of(conv2d(4, 3).groups(0)) == Status::bad_shape);
  CHECK(status_of(max_pool(3).padding(3)) == Status::bad_shape);
  CHECK(status_of(input(0, 3, 1)) == Status::bad_shape);
  CHECK(status_of(layer(Op::add), kImage, {8, 7, 5}) == Status::bad_shape);
  CHECK(status_of(layer(Op::add), kImage, kImage) == Status::ok);
}

TEST_CASE("shapes: numbers outside their range") {
  CHECK(status_of(dropout(-0.1)) == Status::bad_argument);
  CHECK(status_of(dropout(1.1)) == Status::bad_argument);
  CHECK(status_of(leaky_relu(1)) == Status::bad_argument);
  CHECK(status_of(leaky_relu(-0.1)) == Status::bad_argument);
  CHECK(status_of(leaky_relu(1e-20)) == Status::bad_argument);
}

TEST_CASE("shapes: tensors above the limit are too large, without overflow on the way") {
  CHECK(status_of(input(65535, 65535, 1000)) == Status::too_large);
  CHECK(status_of(linear(1 << 20), {1, 1, 1 << 20}) == Status::too_large);
  CHECK(status_of(conv2d(1 << 28, 1), {1000, 1000, 1}) == Status::too_large);
  CHECK(status_of(max_pool(300), {400, 400, 1}) == Status::too_large);
  CHECK(status_of(depthwise(3), {3, 3, 65536}) == Status::too_large);
  CHECK(status_of(depthwise(3), {3, 3, 65535}) == Status::ok);
}
