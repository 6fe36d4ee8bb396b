#include <doctest/doctest.h>

#include "ports/dispatch.hpp"
#include "train/gradient_check.hpp"

using namespace hone;
using namespace hone_test;

TEST_CASE("cross_entropy: loss and gradient, few and many classes") {
  CHECK(gradient_errors(model(input(9), linear(2), cross_entropy())).small());
  CHECK(gradient_errors(model(input(50), linear(45)), 6).small());
  CHECK(gradient_errors(model(input(5), linear(1))).loss < 1e-6);
}

TEST_CASE("cross_entropy: large logits neither overflow nor lose the gradient") {
  CHECK(gradient_errors(model(input(9), linear(6)), 5, 40).small());
}

TEST_CASE("mse: loss and gradient are means over samples and outputs") {
  CHECK(gradient_errors(model(input(9), linear(6), relu(), linear(5), mse()), 4).small());
  CHECK(gradient_errors(model(input(4, 4, 2), conv2d(3, 3).same(), relu(), conv2d(2, 1), mse()), 3)
            .small());
}

TEST_CASE("loss: the batch is summed in 32 lanes, kept across micro-batches") {
  constexpr auto net = model(input(5), linear(1), mse());
  for (const std::uint32_t seed : {1u, 2u, 3u, 4u, 5u, 6u})
    for (const int micro : {77, 30, 1}) {
      const SampleSet set = random_samples(77, 5, 1, seed);
      Session s(net, sgd(0), batch(77).micro(micro));
      REQUIRE(s.start(2, kernels()) == Status::ok);
      float lane[32] = {};
      for (std::uint32_t i = 0; i < 77; ++i) {
        Evaluation one;
        REQUIRE(s.evaluate(set, i, 1, one) == Status::ok);
        lane[i % 32] += static_cast<float>(one.loss_sum);
      }
      for (int half = 16; half > 0; half /= 2)
        for (int i = 0; i < half; ++i) lane[i] += lane[i + half];
      REQUIRE(s.step(set, 0, 77) == Status::ok);
      CHECK(s.result.loss == lane[0] * (1.0f / 77));
    }
}
