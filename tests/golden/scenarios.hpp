#pragma once
#include <string>
#include <vector>

#include "hone/schedule.hpp"
#include "train/owned_model.hpp"
#include "train/session.hpp"

namespace hone_test {

/// A training run whose weights every build, machine, kernel table and micro-batch split must
/// agree on to the last bit. Its data come from hone's own streams.
struct Scenario {
  OwnedModel model;
  hone::Optimizer rule;
  hone::Schedule schedule;
  int batch = 7;
  std::uint32_t samples = 0;  ///< in the set; not a multiple of the batch, so epochs end short
  int epochs = 0;
  std::uint64_t seed = 0;
  std::string weights_sha256;

  int steps() const;
};

/// Perceptron, convolutional network, depthwise-separable network with residual: each with plain
/// SGD or momentum, coupled or decoupled decay, dropout, warm-up and cosine, more than 200 steps.
std::vector<Scenario> scenarios();

struct Outcome {
  std::string weights_sha256;
  double first_loss = 0, last_loss = 0;  ///< means over the first and the last epoch
};
Outcome run_scenario(const Scenario& s, const hone::Kernels& kernels, int micro_batch);

}  // namespace hone_test
