#include <doctest/doctest.h>

#include <cmath>
#include <cstring>
#include <limits>

#include "ports/dispatch.hpp"
#include "session.hpp"

using namespace hone;
using namespace hone_test;

namespace {

constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();
constexpr float kInfinity = std::numeric_limits<float>::infinity();

constexpr auto kNet =
    model(input(6, 6, 2), conv2d(4, 3).same().frozen(), relu(), conv2d(6, 3).groups(2), relu6(),
          depthwise(3).same(), max_pool(2), conv2d(5, 1), relu(), depthwise(2).frozen(), relu(),
          dropout(0.5), flatten(), linear(8), relu(), dropout(0.9), linear(3).frozen(), relu(),
          linear(4));

bool same(const std::vector<float>& a, const std::vector<float>& b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0;
}

Status broken(Status status) { return status; }

}  // namespace

TEST_CASE("numbers: NaN or infinity in any one parameter is reported by the next step") {
  const SampleSet set = random_samples(4, 72, 4, 5);
  for (const Optimizer& rule : {sgd(0.1), sgd(0).momentum(0.5)})
    for (const int micro : {4, 3}) {
      Session s(kNet, rule, batch(4).micro(micro));
      REQUIRE(s.status() == Status::ok);
      REQUIRE(s.start(1, kernels()) == Status::ok);
      const std::vector<std::uint8_t> fresh(s.arena(), s.arena() + s.program.bytes);
      for (int i = 0; i < s.layers(); ++i)
        for (const Span<float> t : {s.trainer.weights(i), s.trainer.biases(i)})
          for (std::size_t k = 0; k < t.size; ++k)
            for (const float bad : {kNaN, kInfinity, -kInfinity}) {
              std::copy(fresh.begin(), fresh.end(), s.arena());
              t[k] = bad;
              const bool reported = s.step(set, 0, 4) == Status::not_finite;
              if (!reported) {
                CAPTURE(i);
                CAPTURE(k);
                CAPTURE(bad);
                CHECK(reported);
              }
            }
    }
}

TEST_CASE("numbers: NaN or infinity in the velocity is reported by the next step") {
  const SampleSet set = random_samples(2, 72, 4, 5);
  Session s(kNet, sgd(0.1).momentum(0.5), batch(2));
  for (int i = 0; i < s.layers(); ++i)
    for (const float bad : {kNaN, kInfinity}) {
      REQUIRE(s.start(1, kernels()) == Status::ok);
      if (s.trainer.weight_velocity(i).empty()) continue;
      s.trainer.bias_velocity(i)[0] = bad;
      CHECK(s.step(set, 0, 2) == Status::not_finite);
    }
}

TEST_CASE("numbers: a bad input or target is reported and leaves the weights alone") {
  constexpr auto net = model(input(5), linear(4), relu(), linear(3), mse());
  Session s(net, sgd(0.1).momentum(0.9), batch(4).micro(2));
  for (const float bad : {kNaN, kInfinity})
    for (const bool in_target : {false, true})
      for (const std::uint32_t sample : {0u, 3u}) {
        REQUIRE(s.start(1, kernels()) == Status::ok);
        SampleSet set = random_samples(4, 5, 3, 5);
        const std::vector<float> before = s.parameters();
        (in_target ? set.targets[sample * 3 + 1] : set.x[sample * 5 + 2]) = bad;
        CHECK(s.step(set, 0, 4) == Status::not_finite);
        CHECK(same(s.parameters(), before));
        CHECK(s.result.velocity_valid == (sample < 2));
        CHECK(s.trainer.steps() == 0);
      }
}

TEST_CASE("numbers: a loss that overflows is reported and leaves the weights alone") {
  constexpr auto net = model(input(5), linear(4), linear(3), mse());
  Session s(net, sgd(0.1), batch(2));
  REQUIRE(s.start(1, kernels()) == Status::ok);
  SampleSet set = random_samples(2, 5, 3, 5);
  set.targets[1] = 3e38f;
  const std::vector<float> before = s.parameters();
  CHECK(s.step(set, 0, 2) == Status::not_finite);
  CHECK(same(s.parameters(), before));
}

TEST_CASE("numbers: an update that overflows is reported") {
  constexpr auto net = model(input(5), linear(3));
  Session s(net, sgd(3e38), batch(2));
  REQUIRE(s.start(1, kernels()) == Status::ok);
  SampleSet set = random_samples(2, 5, 3, 5);
  for (float& x : set.x) x *= 100;
  CHECK(s.step(set, 0, 2) == Status::not_finite);
}

TEST_CASE("numbers: a label outside the classes is an error, in any micro-batch") {
  constexpr auto net = model(input(5), linear(3));
  for (const bool momentum : {false, true}) {
    const Optimizer rule = momentum ? sgd(0.1).momentum(0.9) : sgd(0.1);
    Session s(net, rule, batch(4).micro(2));
    for (const std::uint32_t sample : {0u, 3u}) {
      REQUIRE(s.start(1, kernels()) == Status::ok);
      SampleSet set = random_samples(4, 5, 3, 5);
      set.labels[sample] = 3;
      const std::vector<float> before = s.parameters();
      CHECK(s.step(set, 0, 4) == Status::bad_label);
      CHECK(same(s.parameters(), before));
      CHECK(s.result.velocity_valid == (sample < 2 || !momentum));
      Evaluation sums;
      CHECK(s.evaluate(set, sample - sample % 2, 2, sums) == Status::bad_label);
      CHECK(sums.samples == 0);
    }
  }
}

TEST_CASE("numbers: a fill function's own Status ends the step") {
  constexpr auto net = model(input(5), linear(3));
  Session s(net, sgd(0.1), batch(4));
  REQUIRE(s.start(1, kernels()) == Status::ok);
  StepResult result;
  const FillSamples fails = [](void*, std::uint32_t, std::uint32_t, const Samples&) {
    return broken(Status::io_error);
  };
  CHECK(s.trainer.step(4, fails, nullptr, result) == Status::io_error);
}

TEST_CASE("trainer: sizes outside the plan are bad arguments") {
  constexpr auto net = model(input(5), linear(3));
  const SampleSet set = random_samples(8, 5, 3, 5);
  Session s(net, sgd(0.1), batch(4).micro(2)),
      forward_only(net, sgd(0.1), batch(4), {}, PlanKind::inference);
  REQUIRE(s.start(1, kernels()) == Status::ok);
  REQUIRE(forward_only.start(1, kernels()) == Status::ok);
  Evaluation sums;
  CHECK(s.step(set, 0, 0) == Status::bad_argument);
  CHECK(s.step(set, 0, 5) == Status::bad_argument);
  CHECK(s.evaluate(set, 0, 3, sums) == Status::bad_argument);
  CHECK(s.trainer.predict(0) == Status::bad_argument);
  CHECK(s.trainer.predict(3) == Status::bad_argument);
  CHECK(forward_only.step(set, 0, 1) == Status::bad_argument);
  CHECK(forward_only.evaluate(set, 0, 1, sums) == Status::bad_argument);
}

TEST_CASE("trainer: set_learning_rate takes 0 and what the floor can hold") {
  constexpr auto net = model(input(5), linear(3));
  Session s(net, sgd(0.1), batch(4));
  REQUIRE(s.start(1, kernels()) == Status::ok);
  CHECK(s.trainer.set_learning_rate(0) == Status::ok);
  CHECK(s.trainer.set_learning_rate(0x1p-40f) == Status::ok);
  CHECK(s.trainer.set_learning_rate(1e30f) == Status::ok);
  for (const float bad : {-0.1f, 0x1p-41f, kNaN, kInfinity, -kInfinity})
    CHECK(s.trainer.set_learning_rate(bad) == Status::bad_argument);
}

TEST_CASE("trainer: init refuses an arena that is too small, off its alignment or missing") {
  constexpr auto job = training(model(input(5), linear(3)), sgd(0.1), batch(4));
  alignas(kAlignment) static std::uint8_t ram[job.bytes + kAlignment];
  Trainer t;
  CHECK(t.init(job, {ram, job.bytes}, 1, kernels()) == Status::ok);
  CHECK(t.init(job, {ram, job.bytes - 1}, 1, kernels()) == Status::too_large);
  CHECK(t.init(job, {ram + 4, job.bytes}, 1, kernels()) == Status::bad_argument);
  CHECK(t.init(job, {}, 1, kernels()) == Status::bad_argument);
  CHECK(t.init(JobView{}, {ram, job.bytes}, 1, kernels()) == Status::bad_argument);
}

TEST_CASE("trainer: predict and probabilities agree with the outputs") {
  constexpr auto net = model(input(5), linear(8), relu(), dropout(0.5), linear(3));
  for (const PlanKind kind : {PlanKind::training, PlanKind::inference}) {
    Session s(net, sgd(0.1), batch(2), {}, kind);
    REQUIRE(s.start(1, kernels()) == Status::ok);
    const SampleSet set = random_samples(2, 5, 3, 5);
    std::copy(set.x.begin(), set.x.end(), s.trainer.input());
    REQUIRE(s.trainer.predict(2) == Status::ok);
    for (std::uint32_t i = 0; i < 2; ++i) {
      float p[3];
      s.trainer.probabilities(i, p);
      CHECK(p[0] + p[1] + p[2] == doctest::Approx(1));
      for (const float v : p) CHECK(v <= p[s.trainer.best_class(i)]);
    }
    s.trainer.input()[3] = kNaN;
    CHECK(s.trainer.predict(2) == Status::not_finite);
  }
}
