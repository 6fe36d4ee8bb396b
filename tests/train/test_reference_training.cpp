#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "gradient_check.hpp"
#include "ports/dispatch.hpp"
#include "random_model.hpp"
#include "reference_net.hpp"

using namespace hone;
using namespace hone_test;

namespace {

// Sets the reference's parameters and velocity to the trainer's, takes one step of both, and
// returns the worst difference in units of 5e-7 |w| + 1e-4 of the largest change of any weight.
double one_step_apart(Session& s, ModelView model, ReferenceNet& net, ReferenceOptimizer& rule,
                      const SampleSet& set, std::uint32_t first, std::uint32_t n) {
  net.load(s.parameters());
  const std::vector<double> before = net.flat(net.parameters);
  for (int i = 0; i < s.layers() && !rule.velocity.weight.empty(); ++i) {
    const std::size_t at = static_cast<std::size_t>(i);
    const Span<float> w = s.trainer.weight_velocity(i), b = s.trainer.bias_velocity(i);
    std::copy(w.begin(), w.end(), rule.velocity.weight[at].begin());
    std::copy(b.begin(), b.end(), rule.velocity.bias[at].begin());
  }
  ReferenceNet::Tensors gradient;
  const double loss = net.loss(set, first, n, {true, 11, s.trainer.steps()}, &gradient);
  rule.step(model, net, gradient);
  REQUIRE(s.step(set, first, n) == Status::ok);
  CHECK(static_cast<double>(s.result.loss) == doctest::Approx(loss).epsilon(1e-4));
  const std::vector<float> got = s.parameters();
  const std::vector<double> want = net.flat(net.parameters);
  double change = 0, worst = 0;
  for (std::size_t k = 0; k < want.size(); ++k)
    change = std::max(change, std::fabs(want[k] - before[k]));
  for (std::size_t k = 0; k < want.size(); ++k)
    worst = std::max(worst, std::fabs(static_cast<double>(got[k]) - want[k]) /
                                (5e-7 * std::fabs(want[k]) + 1e-4 * change));
  return worst;
}

void check_training(const OwnedModel& model, const Optimizer& rule, Batch batch, int steps) {
  CAPTURE(model.name);
  Session s(model, rule, batch);
  REQUIRE(s.status() == Status::ok);
  REQUIRE(s.start(11, kernels()) == Status::ok);
  spread_parameters(s, 1, 8);
  const std::uint32_t n = static_cast<std::uint32_t>(batch.size);
  const SampleSet set = random_samples(40, s.program.inputs, s.program.classes, 17);
  ReferenceNet net(model);
  ReferenceOptimizer reference{
      rule.lr,          rule.decay, rule.has_momentum ? rule.mu : 0, rule.decoupled_decay,
      rule.decays_bias, {}};
  for (int k = 0; k < steps; ++k) {
    CAPTURE(k);
    const std::uint32_t here = k % 4 == 3 && n > 1 ? n - 1 : n;  // a short batch now and then
    const std::uint32_t first = static_cast<std::uint32_t>(k) * 5 % (40 - n);
    CHECK(one_step_apart(s, model, net, reference, set, first, here) < 1);
  }
}

const OwnedModel& mlp() {
  static const OwnedModel m =
      own("mlp", model(input(10), linear(16).decay_bias(), relu(), dropout(0.2), linear(4)));
  return m;
}
const OwnedModel& cnn() {
  static const OwnedModel m =
      own("cnn", model(input(8, 7, 2), conv2d(6, 3).same(), relu(), max_pool(2),
                       residual(depthwise(3).same(), relu6()), dropout(0.3).whole_channels(),
                       conv2d(5, 2).no_bias(), leaky_relu(), flatten(), linear(4)));
  return m;
}

}  // namespace

TEST_CASE("sgd: 20 steps with weight decay follow the double reference, biases without decay") {
  check_training(mlp(), sgd(0.1).weight_decay(0.1), batch(4), 20);
  check_training(cnn(), sgd(0.1).weight_decay(0.1), batch(3), 20);
}

TEST_CASE("sgd: decay_bias lets the decay reach the biases") {
  check_training(mlp(), sgd(0.1).weight_decay(0.1).decay_bias(), batch(4), 20);
  check_training(cnn(), sgd(0.1).weight_decay(0.1).momentum(0.8).decay_bias(), batch(2), 20);
}

TEST_CASE("momentum: 20 steps with coupled decay follow the double reference") {
  check_training(mlp(), sgd(0.05).weight_decay(0.1).momentum(0.9), batch(4), 20);
  check_training(cnn(), sgd(0.05).weight_decay(0.1).momentum(0.9), batch(5).micro(2), 20);
}

TEST_CASE("momentum: 20 steps with decoupled decay follow the double reference") {
  check_training(mlp(), sgd(0.05).weight_decay(0.1).momentum(0.9).decoupled(), batch(4), 20);
  check_training(cnn(), sgd(0.05).weight_decay(0.1).momentum(0.9).decoupled(), batch(5).micro(3),
                 20);
}

TEST_CASE("momentum of 0 and plain sgd do the same, up to rounding") {
  check_training(mlp(), sgd(0.1).weight_decay(0.1).momentum(0), batch(4), 10);
}

TEST_CASE("training: 100 random models follow the double reference") {
  for (std::uint32_t seed = 401; seed <= 500; ++seed)
    check_training(random_model(seed), random_rule(seed), batch(static_cast<int>(1 + seed % 3)), 3);
}
