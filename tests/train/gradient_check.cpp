#include "gradient_check.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "hone/numeric.hpp"
#include "hone/random.hpp"
#include "kernels/float_ports.hpp"
#include "reference_net.hpp"

namespace hone_test {

using namespace hone;

namespace {

constexpr std::uint64_t kSeed = 77;

// One parameter tensor of a trained layer: hone's memory of it and of its velocity, and the
// reference's.
struct Tensor {
  Span<float> value, velocity;
  std::vector<double>*reference, *gradient;
};

double largest(const std::vector<double>& v) {
  double most = 0;
  for (const double x : v) most = std::max(most, std::fabs(x));
  return most;
}

std::vector<Tensor> trained_tensors(const Session& s, ReferenceNet& net,
                                    ReferenceNet::Tensors& gradient) {
  std::vector<Tensor> all;
  for (int i = 0; i < s.layers(); ++i) {
    const std::size_t at = static_cast<std::size_t>(i);
    if (s.trainer.weight_velocity(i).empty()) continue;
    all.push_back({s.trainer.weights(i), s.trainer.weight_velocity(i), &net.parameters.weight[at],
                   &gradient.weight[at]});
    if (s.trainer.biases(i).empty()) continue;
    all.push_back({s.trainer.biases(i), s.trainer.bias_velocity(i), &net.parameters.bias[at],
                   &gradient.bias[at]});
  }
  return all;
}

double against_reference(const std::vector<Tensor>& tensors) {
  double worst = 0;
  for (const Tensor& t : tensors) {
    const double scale = largest(*t.gradient) + 1e-4;
    for (std::size_t k = 0; k < t.velocity.size; ++k)
      worst =
          std::max(worst, std::fabs(static_cast<double>(t.velocity[k]) - (*t.gradient)[k]) / scale);
  }
  return worst;
}

// Up to ten entries of each tensor.
template <class Loss>
double differences_of_reference(const std::vector<Tensor>& tensors, Loss loss) {
  constexpr double kStep = 1e-6;
  double worst = 0;
  for (const Tensor& t : tensors) {
    const std::size_t stride = t.reference->size() / 10 + 1;
    for (std::size_t k = 0; k < t.reference->size(); k += stride) {
      double& w = (*t.reference)[k];
      const double kept = w;
      w = kept + kStep;
      const double above = loss();
      w = kept - kStep;
      const double below = loss();
      w = kept;
      const double slope = (above - below) / (2 * kStep);
      worst = std::max(worst, std::fabs(slope - (*t.gradient)[k]) / (largest(*t.gradient) + 1e-2));
    }
  }
  return worst;
}

// Along the gradient of each tensor, where the slope is its length: single entries would drown in
// the rounding of a float loss.
template <class Loss>
double differences_of_hone(const std::vector<Tensor>& tensors, Loss loss) {
  constexpr double kStep = 0x1p-10;
  double worst = 0;
  std::vector<std::vector<double>> gradient;  // copied: every further step changes the velocity
  for (const Tensor& t : tensors) gradient.emplace_back(t.velocity.begin(), t.velocity.end());
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    const Tensor& t = tensors[i];
    const std::vector<float> kept(t.value.begin(), t.value.end());
    const std::vector<double>& g = gradient[i];
    double square = 0;
    for (const double v : g) square += v * v;
    const double length = std::sqrt(square);
    if (length < 1e-3) continue;
    auto moved = [&](double by) {
      for (std::size_t k = 0; k < g.size(); ++k)
        t.value[k] =
            store_floor(static_cast<float>(static_cast<double>(kept[k]) + by * g[k] / length));
      return loss();
    };
    const double slope = (moved(kStep) - moved(-kStep)) / (2 * kStep);
    std::copy(kept.begin(), kept.end(), t.value.begin());
    worst = std::max(worst, std::fabs(slope - length) / (length + 1e-2));
  }
  return worst;
}

GradientErrors errors_on(ModelView model, std::uint32_t n, double gain, const Kernels& kernels) {
  // A rate of 0 leaves the weights alone, and the first velocity is the gradient.
  Session s(model, sgd(0).momentum(0.5), batch(static_cast<int>(n)));
  REQUIRE(s.status() == Status::ok);
  REQUIRE(s.start(kSeed, kernels) == Status::ok);
  spread_parameters(s, gain, 5);
  const SampleSet set = random_samples(n, s.program.inputs, s.program.classes, 1234);
  ReferenceNet net(model);
  net.load(s.parameters());
  const ReferenceNet::Mode mode{true, kSeed, 0};
  ReferenceNet::Tensors gradient;
  GradientErrors e;
  const double want = net.loss(set, 0, n, mode, &gradient);
  REQUIRE(s.step(set, 0, n) == Status::ok);
  e.loss = std::fabs(static_cast<double>(s.result.loss) - want) / (1 + want);
  const std::vector<Tensor> tensors = trained_tensors(s, net, gradient);
  REQUIRE(!tensors.empty());
  e.reference = against_reference(tensors);
  e.finite_reference = differences_of_reference(tensors, [&] { return net.loss(set, 0, n, mode); });
  e.finite_hone = differences_of_hone(tensors, [&] {
    s.trainer.set_steps(0);  // the same dropout again
    REQUIRE(s.step(set, 0, n) == Status::ok);
    return static_cast<double>(s.result.loss);
  });
  return e;
}

}  // namespace

void spread_parameters(Session& session, double gain, std::uint32_t seed) {
  Stream stream(seed);
  for (int i = 0; i < session.layers(); ++i) {
    for (float& w : session.trainer.weights(i)) w = store_floor(w * static_cast<float>(gain));
    for (float& b : session.trainer.biases(i))
      b = store_floor((static_cast<float>(stream.next16()) * 0x1p-17f - 0.25f) *
                      static_cast<float>(gain));
  }
}

GradientErrors gradient_errors(ModelView model, std::uint32_t n, double gain) {
  GradientErrors worst;
  for (const Kernels* kernels : hone_test::float_ports()) {
    const GradientErrors e = errors_on(model, n, gain, *kernels);
    if (!e.small())
      MESSAGE(std::string(kernels->name)
              << ": loss " << e.loss << ", against reference " << e.reference
              << ", reference against differences " << e.finite_reference
              << ", hone against differences " << e.finite_hone);
    worst.loss = std::max(worst.loss, e.loss);
    worst.reference = std::max(worst.reference, e.reference);
    worst.finite_reference = std::max(worst.finite_reference, e.finite_reference);
    worst.finite_hone = std::max(worst.finite_hone, e.finite_hone);
  }
  return worst;
}

}  // namespace hone_test
