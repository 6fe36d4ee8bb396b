#include <doctest/doctest.h>

#include <cmath>

#include "ports/dispatch.hpp"
#include "reference_net.hpp"
#include "session.hpp"

using namespace hone;
using namespace hone_test;

namespace {

constexpr std::uint64_t kSeed = 0x0123456789abcdefu;

// The contract: w = floor(limit * ((2 u + 1 - 65536) * 2^-16)), u the 16-bit values of the layer's
// stream in the order of the weights.
bool is_initial(Span<float> w, std::uint32_t layer, float limit) {
  const std::uint32_t words[7] = {0x89abcdefu, 0x01234567u, 1, 0, 0, layer, 0};
  const std::vector<std::uint32_t> u = reference_stream16(words, w.size);
  for (std::size_t i = 0; i < w.size; ++i) {
    const float unit = std::ldexp(2.0f * static_cast<float>(u[i]) - 65535.0f, -16);
    if (w[i] != limit * unit) return false;
  }
  return !w.empty();
}

}  // namespace

TEST_CASE("init: weights are uniform below sqrt(6 / fan_in), biases 0, velocity 0") {
  constexpr auto net = model(input(8, 8, 4), conv2d(6, 3).groups(2), depthwise(3), relu(),
                             conv2d(5, 1).frozen(), flatten(), linear(7));
  Session s(net, sgd(0.1).momentum(0.9), batch(1));
  REQUIRE(s.start(kSeed, kernels()) == Status::ok);
  CHECK(is_initial(s.trainer.weights(1), 1, std::sqrt(6.0f / (9 * 2))));
  CHECK(is_initial(s.trainer.weights(2), 2, std::sqrt(6.0f / 9)));
  CHECK(is_initial(s.trainer.weights(4), 4, std::sqrt(6.0f / 6)));
  CHECK(is_initial(s.trainer.weights(6), 6, std::sqrt(6.0f / (4 * 4 * 5))));
  for (int i = 0; i < s.layers(); ++i)
    for (const float b : s.trainer.biases(i)) CHECK(b == 0);
  for (const float v : s.velocity()) CHECK(v == 0);
}

TEST_CASE("init: Xavier's limit is sqrt(6 / (fan_in + fan_out))") {
  constexpr auto net = model(input(6, 6, 2), conv2d(4, 3).xavier(), flatten(), linear(7).xavier());
  Session s(net, sgd(0.1), batch(1));
  REQUIRE(s.start(kSeed, kernels()) == Status::ok);
  CHECK(is_initial(s.trainer.weights(1), 1, std::sqrt(6.0f / (9 * 2 + 9 * 4))));
  CHECK(is_initial(s.trainer.weights(3), 3, std::sqrt(6.0f / (64 + 7))));
}
