#include <doctest/doctest.h>

#include <cmath>

#include "ports/dispatch.hpp"
#include "train/gradient_check.hpp"
#include "train/reference_net.hpp"

using namespace hone;
using namespace hone_test;

TEST_CASE("dropout: forward and backward use the mask of the contract's streams") {
  CHECK(gradient_errors(
            model(input(20), linear(40), relu(), dropout(0.3), linear(30), dropout(0.6), linear(3)))
            .small());
  CHECK(gradient_errors(
            model(input(30), dropout(0.4), linear(20), leaky_relu(), dropout(0.2), linear(3)), 6)
            .small());
}

TEST_CASE("dropout: whole channels share one draw") {
  CHECK(gradient_errors(model(input(5, 5, 2), conv2d(20, 3).same(), relu(),
                              dropout(0.4).whole_channels(), conv2d(4, 3), flatten(), linear(3)))
            .small());
}

TEST_CASE("dropout: over maps element by element, in the order rows, columns, channels") {
  CHECK(gradient_errors(model(input(5, 4, 2), conv2d(6, 3).same(), dropout(0.5), relu6(),
                              max_pool(2), dropout(0.25), flatten(), linear(3)))
            .small());
}

TEST_CASE("dropout: p = 0 changes nothing and p = 1 drops all") {
  CHECK(gradient_errors(model(input(9), linear(8), dropout(0), linear(3))).small());
  const auto all = model(input(9), linear(8), dropout(1), linear(3));
  Session s(all, sgd(0.1), batch(2));
  REQUIRE(s.start(1, kernels()) == Status::ok);
  const SampleSet set = random_samples(2, 9, 3, 1);
  const std::vector<float> before(s.trainer.weights(1).begin(), s.trainer.weights(1).end());
  REQUIRE(s.step(set, 0, 2) == Status::ok);
  CHECK(s.result.loss == doctest::Approx(std::log(3.0)));
  CHECK(std::equal(before.begin(), before.end(), s.trainer.weights(1).begin()));
}

TEST_CASE("dropout: the last layer, and in mean squared error") {
  CHECK(gradient_errors(model(input(9), linear(8), relu(), linear(6), dropout(0.5), mse()), 4)
            .small());
}

TEST_CASE("dropout: nothing is drawn in evaluation") {
  const auto net = model(input(20), linear(40), relu(), dropout(0.5), linear(3));
  Session s(net, sgd(0.1), batch(4));
  REQUIRE(s.start(3, kernels()) == Status::ok);
  const SampleSet set = random_samples(4, 20, 3, 9);
  Evaluation sums;
  REQUIRE(s.evaluate(set, 0, 4, sums) == Status::ok);
  ReferenceNet reference(net);
  reference.load(s.parameters());
  CHECK(sums.samples == 4);
  CHECK(sums.mean_loss() ==
        doctest::Approx(reference.loss(set, 0, 4, {false, 3, 0})).epsilon(1e-5));
}

TEST_CASE("dropout: each step draws anew, the same seed draws the same") {
  const auto net = model(input(20), linear(40), dropout(0.5), linear(3));
  Session s(net, sgd(0), batch(4)), t(net, sgd(0), batch(4));
  REQUIRE(s.start(3, kernels()) == Status::ok);
  REQUIRE(t.start(3, kernels()) == Status::ok);
  const SampleSet set = random_samples(4, 20, 3, 9);
  REQUIRE(s.step(set, 0, 4) == Status::ok);
  REQUIRE(t.step(set, 0, 4) == Status::ok);
  const float first = s.result.loss;
  CHECK(t.result.loss == first);
  REQUIRE(s.step(set, 0, 4) == Status::ok);
  CHECK(s.result.loss != first);
}
