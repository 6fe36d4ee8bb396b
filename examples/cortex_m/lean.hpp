#pragma once
#include <hone/random.hpp>
#include <hone/trainer.hpp>

#include "ports/compact/table.hpp"

/// Training without a word, for images that are measured.
namespace lean {

/// Stands for the product's sensor: a pattern for each class, in noise as large.
struct Sensor {
  hone::Stream random;
  std::uint32_t inputs, classes;
};
inline hone::Status read(void* context, std::uint32_t, std::uint32_t n, const hone::Samples& to) {
  Sensor& sensor = *static_cast<Sensor*>(context);
  float* x = to.x;
  for (std::uint32_t i = 0; i < n; ++i) {
    const std::uint32_t label = sensor.random.next16() % sensor.classes;
    to.labels[i] = static_cast<std::uint16_t>(label);
    for (std::uint32_t k = 0; k < sensor.inputs; ++k) {
      const std::uint32_t pattern = hone::mix(label << 16 | k) & 3u;
      const std::uint32_t noise = sensor.random.next16() & 3u;
      *x++ = static_cast<float>(static_cast<std::int32_t>(pattern + noise) - 3);
    }
  }
  return hone::Status::ok;
}

/// The samples of the last quarter of the steps that were right, of `steps`; or -1 after an error.
inline int train(const hone::JobView& job, hone::Span<std::uint8_t> ram,
                 const hone::Kernels& kernels, std::uint32_t steps) {
  hone::Trainer trainer;
  Sensor sensor{hone::Stream(1), job.program.inputs, job.program.classes};
  if (trainer.init(job, ram, 42, kernels) != hone::Status::ok) return -1;
  int correct = 0;
  for (std::uint32_t step = 0; step < steps; ++step) {
    hone::StepResult result;
    if (trainer.step(job.program.batch, read, &sensor, result) != hone::Status::ok) return -1;
    if (step >= steps - steps / 4) correct += static_cast<int>(result.correct);
  }
  return correct;
}

}  // namespace lean
