#include <doctest/doctest.h>

#include <cmath>
#include <vector>

#include "hone/scale.hpp"
#include "owned_model.hpp"
#include "ports/dispatch.hpp"
#include "session.hpp"

// Does w16a8 do what floats do? Both start from the same weights, which floats hold exactly, and
// make one step without dropout: what rounding leaves must point the same way and be as long.

using namespace hone;
using namespace hone_test;

namespace {

float value(std::int32_t mantissa, int e) { return std::ldexp(static_cast<float>(mantissa), e); }

void copy_parameters(const Session& from, Session& to) {
  for (int i = 1; i < from.layers(); ++i) {
    const auto m = from.trainer.weight_mantissas(i);
    const auto b = from.trainer.bias_mantissas(i);
    for (std::size_t k = 0; k < m.size; ++k)
      to.trainer.weights(i)[k] = value(m[k], from.trainer.weight_scale(i).e);
    for (std::size_t k = 0; k < b.size; ++k) to.trainer.biases(i)[k] = value(b[k], kBiasExponent);
  }
}

struct Moves {
  std::vector<double> floats, integers;

  double ratio() const { return std::sqrt(dot(integers, integers) / dot(floats, floats)); }
  double cosine() const {
    return dot(floats, integers) / std::sqrt(dot(floats, floats) * dot(integers, integers));
  }

 private:
  static double dot(const std::vector<double>& a, const std::vector<double>& b) {
    double sum = 0;
    for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
    return sum;
  }
};

// The moves of the weights and biases of layer i from `start`.
Moves moves_of(const Session& start, const Session& floats, const Session& integers, int i) {
  Moves moves;
  const auto w = start.trainer.weights(i), wf = floats.trainer.weights(i);
  const auto b = start.trainer.biases(i), bf = floats.trainer.biases(i);
  const int e = integers.trainer.weight_scale(i).e;
  for (std::size_t k = 0; k < w.size; ++k) {
    moves.floats.push_back(static_cast<double>(wf[k]) - static_cast<double>(w[k]));
    moves.integers.push_back(
        static_cast<double>(value(integers.trainer.weight_mantissas(i)[k], e)) -
        static_cast<double>(w[k]));
  }
  for (std::size_t k = 0; k < b.size; ++k) {
    moves.floats.push_back(static_cast<double>(bf[k]) - static_cast<double>(b[k]));
    moves.integers.push_back(
        static_cast<double>(value(integers.trainer.bias_mantissas(i)[k], kBiasExponent)) -
        static_cast<double>(b[k]));
  }
  return moves;
}

void compare_steps(const OwnedModel& model, const Optimizer& rule, int steps) {
  CAPTURE(model.name);
  constexpr int kBatch = 16;
  const OwnedModel integer = model.in(w16a8);
  Session start(model, rule, batch(kBatch)), floats(model, rule, batch(kBatch)),
      integers(integer, rule, batch(kBatch));
  REQUIRE(integers.status() == Status::ok);
  REQUIRE(start.start(11, kernels()) == Status::ok);
  REQUIRE(floats.start(11, kernels()) == Status::ok);
  REQUIRE(integers.start(11, kernels()) == Status::ok);
  copy_parameters(integers, start);
  copy_parameters(integers, floats);
  const SampleSet set = random_samples(kBatch, floats.program.inputs, floats.program.classes, 77);
  for (int k = 0; k < steps; ++k) {
    REQUIRE(floats.step(set, 0, kBatch) == Status::ok);
    REQUIRE(integers.step(set, 0, kBatch) == Status::ok);
    CHECK(static_cast<double>(integers.result.loss) ==
          doctest::Approx(static_cast<double>(floats.result.loss)).epsilon(0.03));
  }
  for (int i = 1; i < start.layers(); ++i) {
    if (start.trainer.weights(i).empty()) continue;
    CAPTURE(i);
    const Moves moves = moves_of(start, floats, integers, i);
    CHECK(moves.cosine() > 0.98);
    CHECK(moves.ratio() == doctest::Approx(1.0).epsilon(0.06));
  }
}

std::vector<OwnedModel> models() {
  std::vector<OwnedModel> all;
  all.push_back(own("linear", model(input(24), linear(10))));
  all.push_back(own("perceptron", model(input(24), linear(33), relu(), linear(7))));
  all.push_back(own("leaky", model(input(24), linear(33), leaky_relu(0.2), linear(7))));
  all.push_back(own("relu6", model(input(24), linear(33), relu6(), linear(7))));
  all.push_back(own("squared error", model(input(24), linear(20), relu(), linear(6), mse())));
  all.push_back(own("convolutions", model(input(10, 9, 2), conv2d(8, 3).same(), relu(), max_pool(2),
                                          conv2d(12, 3).groups(2), relu(), flatten(), linear(5))));
  all.push_back(
      own("strides", model(input(11, 11, 3), conv2d(8, 5).stride(2).padding(2), relu(), avg_pool(2),
                           conv2d(6, 1), relu(), global_avg_pool(), flatten(), linear(4))));
  all.push_back(own("overlapping pool", model(input(9, 9, 1), conv2d(6, 3), relu(),
                                              max_pool(3).stride(2), flatten(), linear(4))));
  all.push_back(
      own("depthwise, residual", model(input(8, 8, 2), conv2d(8, 3).same(), relu(),
                                       residual(depthwise(3).same(), relu(), conv2d(8, 1)), relu(),
                                       global_avg_pool(), flatten(), linear(4))));
  return all;
}

}  // namespace

TEST_CASE("integer training: a step moves every layer as floats do") {
  for (const OwnedModel& m : models()) compare_steps(m, sgd(0.05), 1);
}

TEST_CASE("integer training: momentum and decay, three steps") {
  for (const OwnedModel& m : models()) {
    compare_steps(m, sgd(0.02).momentum(0.9).weight_decay(0.01), 3);
    compare_steps(m, sgd(0.02).momentum(0.9).weight_decay(0.01).decoupled(), 3);
    compare_steps(m, sgd(0.02).weight_decay(0.1).decay_bias(), 3);
  }
}

TEST_CASE("integer training: a velocity of 16 bits moves every layer as one of 32 does") {
  for (const OwnedModel& m : models())
    for (const Optimizer& rule : {sgd(0.02).momentum(0.9).weight_decay(0.01),
                                  sgd(0.02).momentum(0.9).weight_decay(0.01).decoupled()}) {
      CAPTURE(m.name);
      constexpr int kBatch = 8, kSteps = 40;
      const OwnedModel model = m.in(w16a8);
      Session start(model, rule, batch(kBatch)), wide(model, rule, batch(kBatch)),
          narrow(model, rule.narrow_velocity(), batch(kBatch).micro(3));
      REQUIRE(narrow.status() == Status::ok);
      const SampleSet set = random_samples(kBatch, start.program.inputs, start.program.classes, 3);
      for (Session* s : {&start, &wide, &narrow}) REQUIRE(s->start(5, kernels()) == Status::ok);
      for (int k = 0; k < kSteps; ++k)
        for (Session* s : {&wide, &narrow}) REQUIRE(s->step(set, 0, kBatch) == Status::ok);
      for (int i = 1; i < start.layers(); ++i) {
        const auto from = start.trainer.weight_mantissas(i);
        if (from.empty()) continue;
        CHECK(narrow.trainer.weight_velocity_mantissas(i).empty());
        CHECK(narrow.trainer.weight_velocity16_mantissas(i).size == from.size);
        CHECK(wide.trainer.weight_velocity16_mantissas(i).empty());
        double both = 0, one = 0, other = 0;
        for (std::size_t k = 0; k < from.size; ++k) {
          const double a = wide.trainer.weight_mantissas(i)[k] - from[k],
                       b = narrow.trainer.weight_mantissas(i)[k] - from[k];
          both += a * b, one += a * a, other += b * b;
        }
        CHECK(both > 0.98 * std::sqrt(one * other));
        CHECK(std::sqrt(other / one) == doctest::Approx(1.0).epsilon(0.05));
      }
    }
}

TEST_CASE("integer training: counters tell of steps that change nothing, and stop at their most") {
  const OwnedModel m = own("perceptron", model(input(24), linear(33), relu(), linear(7)));
  constexpr int kBatch = 8;
  Session idle(m.in(w16a8), sgd(1e-9), batch(kBatch)), busy(m.in(w16a8), sgd(0.1), batch(kBatch));
  const SampleSet set = random_samples(kBatch, 24, 7, 3);
  for (Session* s : {&idle, &busy}) {
    REQUIRE(s->start(5, kernels()) == Status::ok);
    for (int k = 0; k < 3; ++k) REQUIRE(s->step(set, 0, kBatch) == Status::ok);
  }
  CHECK(idle.trainer.counters(0) == nullptr);
  for (const int layer : {1, 3}) {
    CHECK(idle.trainer.counters(layer)->unchanged == 3);
    CHECK(busy.trainer.counters(layer)->unchanged == 0);
  }
  CHECK(idle.trainer.counters(2)->unchanged == 0);  // it has no weights
  // Weights that grew since leave the range of the outputs.
  for (std::int16_t& w : idle.trainer.weight_mantissas(1)) w = static_cast<std::int16_t>(2 * w);
  const std::uint16_t before = idle.trainer.counters(2)->saturated;
  REQUIRE(idle.step(set, 0, kBatch) == Status::ok);
  CHECK(idle.trainer.counters(1)->saturated + idle.trainer.counters(2)->saturated > before);
  *idle.trainer.counters(1) = LayerCounters{};
  CHECK(idle.trainer.counters(1)->unchanged == 0);
  std::uint16_t count = LayerCounters::kMost - 1;
  for (int k = 0; k < 3; ++k) LayerCounters::count(count, k != 1);
  CHECK(count == LayerCounters::kMost);
}

TEST_CASE("integer training: a dropped and a kept value are right on the mean") {
  const OwnedModel m = own("dropout", model(input(16), dropout(0.4), linear(3)));
  const OwnedModel plain = own("plain", model(input(16), linear(3)));
  constexpr int kBatch = 8;
  Session dropping(m.in(w16a8), sgd(0), batch(kBatch)),
      whole(plain.in(w16a8), sgd(0), batch(kBatch));
  REQUIRE(dropping.start(5, kernels()) == Status::ok);
  REQUIRE(whole.start(5, kernels()) == Status::ok);
  for (std::size_t k = 0; k < 48; ++k)
    whole.trainer.weight_mantissas(1)[k] = dropping.trainer.weight_mantissas(2)[k];
  const SampleSet set = random_samples(kBatch, 16, 3, 3);
  double with = 0, without = 0;
  for (int k = 0; k < 400; ++k) {
    REQUIRE(dropping.step(set, 0, kBatch) == Status::ok);
    REQUIRE(whole.step(set, 0, kBatch) == Status::ok);
    with += static_cast<double>(dropping.result.loss);
    without += static_cast<double>(whole.result.loss);
  }
  // The loss is convex in the logits: noise that is right on the mean can only raise it.
  CHECK(with > without);
  CHECK(with < 1.5 * without);
}

TEST_CASE("integer training: predict takes an input of -128 as -127") {
  const OwnedModel m = own("perceptron", model(input(9), linear(33), relu(), linear(7)));
  Session s(m.in(w16a8), sgd(0.1), batch(4));
  REQUIRE(s.start(3, kernels()) == Status::ok);
  REQUIRE(s.step(random_samples(4, 9, 7, 4), 0, 4) == Status::ok);
  float p[2][7];
  for (int k = 0; k < 2; ++k) {
    for (int i = 0; i < 9; ++i)
      s.trainer.input_mantissas()[i] = static_cast<std::int8_t>(k == 0 ? -128 : -127);
    REQUIRE(s.trainer.predict(1) == Status::ok);
    s.trainer.probabilities(0, p[k]);
  }
  for (int c = 0; c < 7; ++c) CHECK(p[0][c] == p[1][c]);
}

TEST_CASE("scale: raised at once, lowered by one after 32 quiet steps in a row") {
  Scale s;
  s.wants(-5);
  s.settle();
  CHECK(s.e == -5);
  for (int step = 0; step < 31; ++step) {
    s.wants(-9);
    s.settle();
    CHECK(s.e == -5);
  }
  s.wants(-5);  // one that is not quiet starts the count again
  s.settle();
  for (int step = 0; step < 32; ++step) {
    CHECK(s.e == -5);
    s.wants(-9);
    s.settle();
  }
  CHECK(s.e == -6);
  s.wants(-3);
  s.settle();
  CHECK(s.e == -3);
  s.settle();  // nothing was looked at: nothing counts
  CHECK(s.quiet == 0);
}
