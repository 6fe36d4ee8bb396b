#include "hone/optimizer.hpp"

#include <doctest/doctest.h>

#include <limits>

#include "ports/dispatch.hpp"
#include "train/session.hpp"

using namespace hone;
using namespace hone_test;

TEST_CASE("optimizer: numbers it accepts") {
  CHECK(check(sgd(0)) == Status::ok);
  CHECK(check(sgd(0x1p-40)) == Status::ok);
  CHECK(check(sgd(0.1).weight_decay(0).momentum(0)) == Status::ok);
  CHECK(check(sgd(0.1).momentum(0.999)) == Status::ok);
}

TEST_CASE("optimizer: numbers it refuses") {
  const double nan = std::numeric_limits<double>::quiet_NaN(),
               infinity = std::numeric_limits<double>::infinity();
  for (const double bad : {-0.1, 1e-13, nan, infinity, 1e39}) {
    CHECK(check(sgd(bad)) == Status::bad_argument);
    CHECK(check(sgd(0.1).weight_decay(bad)) == Status::bad_argument);
    CHECK(check(sgd(0.1).momentum(bad)) == Status::bad_argument);
  }
  CHECK(check(sgd(0.1).momentum(1)) == Status::bad_argument);
}

namespace {

// One weight 2, one bias 1, one input 3, target 0: y = 7, so dw = 42, db = 14 (twice 7 times x).
struct OneWeight {
  Session s;
  SampleSet set;
  explicit OneWeight(const LayerSpec& layer, const Optimizer& rule)
      : s(net = model(input(1), layer, mse()), rule, batch(1)), set(random_samples(1, 1, 1, 1)) {
    REQUIRE(s.start(1, kernels()) == Status::ok);
    s.trainer.weights(1)[0] = 2;
    s.trainer.biases(1)[0] = 1;
    set.x[0] = 3;
    set.targets[0] = 0;
  }
  void step() { REQUIRE(s.step(set, 0, 1) == Status::ok); }
  float w() const { return s.trainer.weights(1)[0]; }
  float b() const { return s.trainer.biases(1)[0]; }

 private:
  static inline Model<3> net;
};

}  // namespace

TEST_CASE("sgd: one step by hand") {
  OneWeight plain(linear(1), sgd(0.0625).weight_decay(0.5));
  plain.step();
  CHECK(plain.s.result.loss == 49);
  CHECK(plain.w() == 2 - 0.0625f * (42 + 0.5f * 2));
  CHECK(plain.b() == 1 - 0.0625f * 14);
  OneWeight of_layer(linear(1).decay_bias(), sgd(0.0625).weight_decay(0.5));
  of_layer.step();
  CHECK(of_layer.b() == 1 - 0.0625f * (14 + 0.5f));
  OneWeight of_rule(linear(1), sgd(0.0625).weight_decay(0.5).decay_bias());
  of_rule.step();
  CHECK(of_rule.b() == 1 - 0.0625f * (14 + 0.5f));
}

TEST_CASE("momentum: two steps by hand, coupled and decoupled") {
  for (const bool decoupled : {false, true}) {
    Optimizer rule = sgd(0.03125).weight_decay(0.5).momentum(0.5);
    if (decoupled) rule = rule.decoupled();
    OneWeight m(linear(1), rule);
    float w = 2, b = 1, v = 0, u = 0;
    for (int k = 0; k < 2; ++k) {
      const float y = 3 * w + b;
      v = 0.5f * v + 2 * y * 3 + (decoupled ? 0 : 0.5f * w);
      u = 0.5f * u + 2 * y;
      w = w - 0.03125f * (v + (decoupled ? 0.5f * w : 0));
      b = b - 0.03125f * u;
      m.step();
      CHECK(m.w() == w);  // every number here is exact
      CHECK(m.b() == b);
      CHECK(m.s.trainer.weight_velocity(1)[0] == v);
    }
  }
}

TEST_CASE("sgd: a rate set by hand is in force from the next step") {
  OneWeight m(linear(1), sgd(0.5));
  REQUIRE(m.s.trainer.set_learning_rate(0) == Status::ok);
  m.step();
  CHECK(m.w() == 2);
  REQUIRE(m.s.trainer.set_learning_rate(0.0625f) == Status::ok);
  m.step();
  CHECK(m.w() == 2 - 0.0625f * 42);
}

TEST_CASE("sgd: what falls below 2^-40 is stored as +0") {
  OneWeight m(linear(1), sgd(0));
  m.s.trainer.weights(1)[0] = 0x1p-41f;
  m.s.trainer.biases(1)[0] = 0x1p-40f;
  m.step();
  CHECK(m.w() == 0);
  CHECK(m.b() == 0x1p-40f);
}

TEST_CASE(
    "check: a rate that the store floor would turn off is refused, the product of two as well") {
  CHECK(check(sgd(0.1).weight_decay(1e-4)) == Status::ok);
  CHECK(check(sgd(1e-13)) == Status::bad_argument);
  CHECK(check(sgd(0.1).weight_decay(1e-13)) == Status::bad_argument);
  CHECK(check(sgd(1e-8).weight_decay(1e-6)) == Status::bad_argument);
  CHECK(check(sgd(1e-8).weight_decay(1e-6).momentum(0.9).decoupled()) == Status::bad_argument);
  // Coupled decay acts through the velocity, where the rate plays no part.
  CHECK(check(sgd(1e-8).weight_decay(1e-6).momentum(0.9)) == Status::ok);
  CHECK(check(sgd(0.1).momentum(1.0)) == Status::bad_argument);
  CHECK(check(sgd(-0.1)) == Status::bad_argument);
}
