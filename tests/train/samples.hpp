#pragma once
#include <cstdint>
#include <vector>

#include "hone/trainer.hpp"

namespace hone_test {

/// Samples in memory, as a trainer's FillSamples reads them.
struct SampleSet {
  std::uint32_t n = 0, inputs = 0, outputs = 0;
  std::vector<float> x;               ///< [n, inputs]
  std::vector<std::uint16_t> labels;  ///< [n]
  std::vector<float> targets;         ///< [n, outputs]
};

/// Inputs uniform in [-1, 1), targets likewise. The label is the place of the largest of the first
/// `outputs` inputs, which a small net can learn.
SampleSet random_samples(std::uint32_t n, std::uint32_t inputs, std::uint32_t outputs,
                         std::uint32_t seed);

/// n samples of a set from `first` on, as the context of fill_from_window.
struct SampleWindow {
  const SampleSet* set = nullptr;
  std::uint32_t first = 0;
};
hone::Status fill_from_window(void* context, std::uint32_t first, std::uint32_t n,
                              const hone::Samples& to);

}  // namespace hone_test
