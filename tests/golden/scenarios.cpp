#include "scenarios.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <numeric>

#include "hone/random.hpp"

namespace hone_test {

using namespace hone;

namespace {

Schedule cosine(double lr, std::uint64_t warmup, std::uint64_t period) {
  Schedule s;
  s.kind = Schedule::Kind::cosine;
  s.lr = lr, s.warmup = warmup, s.period = period, s.lowest = lr / 50;
  return s;
}

SampleSet reordered(const SampleSet& set, const std::vector<std::uint32_t>& order) {
  SampleSet out = set;
  for (std::size_t i = 0; i < order.size(); ++i) {
    std::copy_n(set.x.data() + std::size_t{order[i]} * set.inputs, set.inputs,
                out.x.data() + i * set.inputs);
    std::copy_n(set.targets.data() + std::size_t{order[i]} * set.outputs, set.outputs,
                out.targets.data() + i * set.outputs);
    out.labels[i] = set.labels[order[i]];
  }
  return out;
}

}  // namespace

int Scenario::steps() const {
  const int n = static_cast<int>(samples);
  return epochs * ((n + batch - 1) / batch);
}

std::vector<Scenario> scenarios() {
  constexpr auto mlp =
      model(input(20), linear(24), relu(), dropout(0.25), linear(17), leaky_relu(0.1), linear(5));
  constexpr auto cnn =
      model(input(9, 9, 2), conv2d(6, 3).same(), relu(), max_pool(2), dropout(0.2).whole_channels(),
            conv2d(8, 3).groups(2).xavier(), relu6(), flatten(), dropout(0.2), linear(5));
  constexpr auto mobile =
      model(input(8, 8, 1), conv2d(6, 3).stride(2).padding(1), relu6(),
            residual(conv2d(12, 1), relu6(), depthwise(3).same(), relu6(), conv2d(6, 1)),
            depthwise(3).stride(2).same().no_bias(), relu(), conv2d(10, 1).decay_bias(),
            leaky_relu(), global_avg_pool(), flatten(), dropout(0.1), linear(4));
  std::vector<Scenario> all;
  const Optimizer plain = sgd(0.1).weight_decay(1e-3);
  all.push_back({own("perceptron, plain", mlp), plain, cosine(0.1, 20, 220), 7, 52, 30, 1,
                 "46e6b9cd1c07f29e61ff64713d45301d5e1e5db8f632fd777fdb98bd9578aaed"});
  all.push_back({own("perceptron, momentum, coupled decay", mlp), plain.momentum(0.9),
                 cosine(0.02, 20, 220), 7, 52, 30, 2,
                 "9e7352e246dad23afcf09457bdff24e285c20d05b832c73579de5f7acf75923a"});
  all.push_back({own("convolutions, plain", cnn), plain, cosine(0.1, 10, 195), 7, 36, 35, 3,
                 "431c9d2732f107e4fb85a3d567dd2e35bdc992f216e1e35376f8c52a5fe17930"});
  all.push_back({own("convolutions, momentum, decoupled decay", cnn),
                 plain.momentum(0.9).decoupled(), cosine(0.02, 10, 195), 7, 36, 35, 4,
                 "872e9e8dbd1a5e0711042e12feb145dbf44e7d01bd4d86cc01239432c9a14f72"});
  all.push_back({own("depthwise-separable, momentum, coupled decay", mobile), plain.momentum(0.9),
                 cosine(0.02, 10, 195), 7, 36, 35, 5,
                 "0fd13b1201193c8edc65d8b60b679b79c5820042513c97095e0c6a4b7edc5e6f"});
  all.push_back({own("depthwise-separable, momentum 0, batch 1", mobile), plain.momentum(0),
                 cosine(0.02, 10, 195), 1, 36, 6, 6,
                 "634173bc6d297c0ae85b047212d95982867b93a6c394bebc28606ecc8227b59d"});
  const std::size_t floats = all.size();
  const char* const integer_hashes[] = {
      "dc84b68b55ee15458a6ea3e53c49964e3068ce9c0db4d2f5c4e88c538d4cc7d8",
      "08210c8cd4149fe7d15cbff20412b7cb335e1ababbc5e8be0583c8c748a1bea5",
      "aa76459b65d91727bd421df70c0f70a5710707894424fb59e3b19eba43ffc057",
      "ebe8eb6b9714ffda08fd6bd3015ca6eb79e13b661df747cf71c345e56b50dbfc",
      "4d87d67546a505650d332d0dc96acea3f9e8ba9cd99dd61dad255fa3beae1247",
      "c97b4da1b29e71c4c5c216416c2cf78ebf2f98a841d653ec64e803e993d509d3"};
  for (std::size_t i = 0; i < floats; ++i) {
    all.push_back(all[i]);
    all.back().model = all[i].model.in(w16a8);
    all.back().weights_sha256 = integer_hashes[i];
  }
  all.push_back({own("convolutions, velocity of 16 bits", cnn).in(w16a8),
                 plain.momentum(0.9).narrow_velocity(), cosine(0.02, 10, 195), 7, 36, 35, 7,
                 "b7cf9fe136626a0400264952233f84f2059b0e84d6d4e51415a498578a5544ca"});
  return all;
}

Outcome run_scenario(const Scenario& s, const Kernels& kernels, int micro_batch) {
  Session session(s.model, s.rule, batch(s.batch).micro(micro_batch));
  REQUIRE(session.status() == Status::ok);
  REQUIRE(session.start(s.seed, kernels) == Status::ok);
  const SampleSet set =
      random_samples(s.samples, session.program.inputs, session.program.classes, 2024);
  std::vector<std::uint32_t> order(s.samples);
  Outcome outcome;
  for (int epoch = 0; epoch < s.epochs; ++epoch) {
    std::iota(order.begin(), order.end(), 0u);
    shuffle(order.data(), order.size(),
            Stream(s.seed, Purpose::shuffle, static_cast<std::uint64_t>(epoch), 0, 0));
    const SampleSet now = reordered(set, order);
    double sum = 0;
    for (std::uint32_t first = 0; first < s.samples; first += static_cast<std::uint32_t>(s.batch)) {
      const std::uint32_t n = std::min(static_cast<std::uint32_t>(s.batch), s.samples - first);
      REQUIRE(session.trainer.set_learning_rate(
                  learning_rate(s.schedule, session.trainer.steps())) == Status::ok);
      REQUIRE(session.step(now, first, n) == Status::ok);
      sum += static_cast<double>(session.result.loss) * n;
    }
    (epoch == 0 ? outcome.first_loss : outcome.last_loss) = sum / s.samples;
  }
  outcome.weights_sha256 = session.weights_hash();
  return outcome;
}

}  // namespace hone_test
