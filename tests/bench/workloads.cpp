#include "tests/bench/workloads.hpp"

#include <cstring>

namespace hone::bench {
namespace {

// clang-format off
constexpr auto kPerceptron = model(
    input(28 * 28),
    linear(128), relu(),
    linear(10));

constexpr auto kDropoutPerceptron = model(
    input(28 * 28),
    linear(256), relu(), dropout(0.3),
    linear(128), relu(), dropout(0.3),
    linear(10));

constexpr auto kConvolutional = model(
    input(28, 28, 1),
    conv2d(8, 3).padding(1), relu(), max_pool(2),
    conv2d(16, 3).padding(1), relu(), max_pool(2), flatten(),
    linear(64), relu(), dropout(0.3),
    linear(10));

constexpr auto separable(int out) {
  return block(depthwise(3).stride(2).padding(1), relu6(),
               conv2d(out, 1), relu6());
}
constexpr auto kSeparable = model(
    input(64, 64, 1),
    conv2d(16, 3).stride(2).padding(1), relu6(),
    separable(32),
    separable(64),
    global_avg_pool(),
    linear(6));
// clang-format on

// Weight decay on all parameters, as frameworks do that know one group of them.
constexpr Optimizer kPlain = sgd(0.05);
constexpr Optimizer kDecayed = sgd(0.05).weight_decay(5e-4).decay_bias();
constexpr Optimizer with_momentum(double lr) {
  return sgd(lr).momentum(0.9).weight_decay(1e-4).decay_bias();
}

/// With momentum a batch may go through memory one sample at a time; without, the pieces of its
/// gradient would have to be kept, which often takes more than the samples.
template <int N>
constexpr Job<N> least_training(const Model<N>& m, const Optimizer& rule, int batch_size) {
  const Job<N> whole = training(m, rule, batch(batch_size).least_memory());
  const Job<N> split = training(m, rule, batch(batch_size).micro(1).least_memory());
  return split.bytes < whole.bytes ? split : whole;
}

/// The plans of a workload.
template <int N>
struct Plans {
  Job<N> fast, least, integer;
};
template <int N>
constexpr Plans<N> plans(const Model<N>& m, const Optimizer& rule, int batch_size) {
  return {training(m, rule, batch(batch_size)), least_training(m, rule, batch_size),
          training(m.in(w16a8), rule, batch(batch_size))};
}

constexpr auto kW1b32 = plans(kPerceptron, kPlain, 32);
constexpr auto kW1b1 = plans(kPerceptron, kPlain, 1);
constexpr auto kW2b64 = plans(kDropoutPerceptron, kDecayed, 64);
constexpr auto kW3b16 = plans(kConvolutional, with_momentum(0.01), 16);
constexpr auto kW3b1 = plans(kConvolutional, with_momentum(0.001), 1);
constexpr auto kW4b8 = plans(kSeparable, with_momentum(0.02), 8);

constexpr PixelScale kCentred{0.5f, 4.0f};

const Workload kWorkloads[] = {
    {"W1b32", kW1b32.fast, kW1b32.least, kW1b32.integer, 5, "", {}},
    {"W1b1", kW1b1.fast, kW1b1.least, kW1b1.integer, 1, "", {}},
    {"W2b64", kW2b64.fast, kW2b64.least, kW2b64.integer, 5, "", {}},
    {"W3b16", kW3b16.fast, kW3b16.least, kW3b16.integer, 2, "", {}},
    {"W3b1", kW3b1.fast, kW3b1.least, kW3b1.integer, 1, "", {}},
    {"W4b8", kW4b8.fast, kW4b8.least, kW4b8.integer, 20, "defect6-", kCentred},
};

}  // namespace

const Workload* find_workload(const char* name) {
  for (const Workload& w : kWorkloads)
    if (std::strcmp(w.name, name) == 0) return &w;
  return nullptr;
}

}  // namespace hone::bench
