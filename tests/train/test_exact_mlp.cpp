#include <doctest/doctest.h>

#include <cmath>
#include <cstring>

#include "kernels/float_ports.hpp"
#include "session.hpp"

// The float contract, written down a second time for a small perceptron: one chain after the other
// in plain loops. The trainer has to give these very bits.

using namespace hone;
using namespace hone_test;

namespace {

float stored(float x) { return std::fabs(x) < 0x1p-40f ? 0.0f : x; }

struct Layer {
  std::size_t in, out;
  std::vector<float> w, b, velocity_w, velocity_b;
};

struct Rule {
  float lr, decay, mu;
  bool momentum, decoupled;
};

// Chain of one parameter over the batch: products[n] are the pairs that it adds.
void update(float& w, float& v, const Rule& r, float decay, const std::vector<float>& x,
            const std::vector<float>& dy) {
  float c = 0;
  if (r.momentum) c = r.decoupled ? r.mu * v : std::fma(decay, w, r.mu * v);
  for (std::size_t n = 0; n < x.size(); ++n) c = std::fma(x[n], dy[n], c);
  const float shrink = r.momentum && !r.decoupled ? 0.0f : r.lr * decay;
  const float shrunk = std::fma(-shrink, w, w);
  if (r.momentum) c = v = stored(c);
  w = stored(std::fma(-r.lr, c, shrunk));
}

class ExactMlp {
 public:
  std::vector<Layer> layer;
  Rule rule;

  void step(const SampleSet& set, std::size_t first, std::size_t n) {
    std::vector<std::vector<std::vector<float>>> x(layer.size() + 1);  // [layer][sample][i]
    for (std::size_t i = 0; i < n; ++i) {
      const float* const from = set.x.data() + (first + i) * set.inputs;
      x[0].emplace_back(from, from + set.inputs);
      for (float& v : x[0].back()) v = stored(v);
    }
    for (std::size_t l = 0; l < layer.size(); ++l)
      for (std::size_t i = 0; i < n; ++i) x[l + 1].push_back(forward(l, x[l][i]));
    std::vector<std::vector<float>> dy;
    const float inv = 1.0f / static_cast<float>(n * set.outputs);
    for (std::size_t i = 0; i < n; ++i) {
      dy.push_back(x.back()[i]);
      for (std::size_t o = 0; o < set.outputs; ++o)
        dy[i][o] =
            stored(2 * (dy[i][o] - stored(set.targets[(first + i) * set.outputs + o])) * inv);
    }
    for (std::size_t l = layer.size(); l-- > 0;) {
      std::vector<std::vector<float>> dx;
      for (std::size_t i = 0; i < n; ++i) dx.push_back(backward(l, x[l][i], dy[i]));
      update_layer(layer[l], x[l], dy);
      dy = dx;
    }
  }

 private:
  // Linear, and relu behind all but the last.
  std::vector<float> forward(std::size_t l, const std::vector<float>& x) const {
    const Layer& a = layer[l];
    std::vector<float> y;
    for (std::size_t o = 0; o < a.out; ++o) {
      float c = a.b[o];
      for (std::size_t k = 0; k < a.in; ++k) c = std::fma(x[k], a.w[k * a.out + o], c);
      c = stored(c);
      y.push_back(l + 1 < layer.size() && !(c > 0) ? 0.0f : c);
    }
    return y;
  }
  std::vector<float> backward(std::size_t l, const std::vector<float>& x,
                              const std::vector<float>& dy) const {
    const Layer& a = layer[l];
    std::vector<float> dx;
    for (std::size_t k = 0; k < a.in; ++k) {
      float c = 0;
      for (std::size_t o = 0; o < a.out; ++o) c = std::fma(dy[o], a.w[k * a.out + o], c);
      dx.push_back(x[k] > 0 ? stored(c) : 0.0f);
    }
    return dx;
  }
  void update_layer(Layer& a, const std::vector<std::vector<float>>& x,
                    const std::vector<std::vector<float>>& dy) const {
    const std::vector<float> ones(x.size(), 1.0f);
    for (std::size_t o = 0; o < a.out; ++o) {
      std::vector<float> d, xs(x.size());
      for (const std::vector<float>& row : dy) d.push_back(row[o]);
      update(a.b[o], a.velocity_b[o], rule, 0, ones, d);
      for (std::size_t k = 0; k < a.in; ++k) {
        for (std::size_t i = 0; i < x.size(); ++i) xs[i] = x[i][k];
        update(a.w[k * a.out + o], a.velocity_w[k * a.out + o], rule, rule.decay, xs, d);
      }
    }
  }
};

constexpr auto kNet = model(input(21), linear(19), relu(), linear(18), relu(), linear(3), mse());

void check_bits(const Optimizer& rule, int micro) {
  for (const Kernels* table : float_ports()) {
    CAPTURE(std::string(table->name));
    CAPTURE(micro);
    Session s(kNet, rule, batch(7).micro(micro));
    REQUIRE(s.start(5, *table) == Status::ok);
    ExactMlp exact;
    exact.rule = {static_cast<float>(rule.lr), static_cast<float>(rule.decay),
                  static_cast<float>(rule.mu), rule.has_momentum, rule.decoupled_decay};
    for (const int i : {1, 3, 5}) {
      const Span<float> w = s.trainer.weights(i), b = s.trainer.biases(i);
      exact.layer.push_back({w.size / b.size,
                             b.size,
                             {w.begin(), w.end()},
                             {b.begin(), b.end()},
                             std::vector<float>(w.size),
                             std::vector<float>(b.size)});
    }
    const SampleSet set = random_samples(60, 21, 3, 4);
    for (std::uint32_t k = 0; k < 40; ++k) {
      const std::uint32_t n = k % 5 == 4 ? 4 : 7;
      REQUIRE(s.step(set, k, n) == Status::ok);
      exact.step(set, k, n);
    }
    std::vector<float> want;
    for (const Layer& l : exact.layer)
      for (const std::vector<float>* t : {&l.w, &l.b})
        want.insert(want.end(), t->begin(), t->end());
    const std::vector<float> got = s.parameters();
    REQUIRE(got.size() == want.size());
    CHECK(std::memcmp(got.data(), want.data(), got.size() * sizeof(float)) == 0);
  }
}

}  // namespace

TEST_CASE("exact: plain SGD with decay gives the bits of the contract") {
  for (const int micro : {7, 3, 1}) check_bits(sgd(0.1).weight_decay(1e-3), micro);
}
TEST_CASE("exact: momentum with coupled decay gives the bits of the contract") {
  for (const int micro : {7, 3, 1}) check_bits(sgd(0.05).weight_decay(1e-3).momentum(0.9), micro);
}
TEST_CASE("exact: momentum with decoupled decay gives the bits of the contract") {
  for (const int micro : {7, 3, 1})
    check_bits(sgd(0.05).weight_decay(1e-3).momentum(0.9).decoupled(), micro);
}
TEST_CASE("exact: the store floor reaches weights and velocity") {
  // Rates so small that updates of weights near 2^-40 and velocities fall below the floor.
  for (const int micro : {7, 2})
    check_bits(sgd(0x1p-39).weight_decay(0x1p-39).momentum(0x1p-20), micro);
}
