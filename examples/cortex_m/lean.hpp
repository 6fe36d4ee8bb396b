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
/// What one sample of `label` holds at element k, -3 .. 3.
inline std::int32_t value(Sensor& sensor, std::uint32_t label, std::uint32_t k) {
  const std::uint32_t pattern = hone::mix(label << 16 | k) & 3u;
  const std::uint32_t noise = sensor.random.next16() & 3u;
  return static_cast<std::int32_t>(pattern + noise) - 3;
}
template <bool IsInteger>
hone::Status read(void* context, std::uint32_t, std::uint32_t n, const hone::Samples& to) {
  Sensor& sensor = *static_cast<Sensor*>(context);
  std::uint32_t at = 0;
  for (std::uint32_t i = 0; i < n; ++i) {
    const std::uint32_t label = sensor.random.next16() % sensor.classes;
    to.labels[i] = static_cast<std::uint16_t>(label);
    for (std::uint32_t k = 0; k < sensor.inputs; ++k, ++at) {
      if constexpr (IsInteger) {
        to.x_mantissas[at] = static_cast<std::int8_t>(value(sensor, label, k));
      } else {
        to.x[at] = static_cast<float>(value(sensor, label, k));
      }
    }
  }
  return hone::Status::ok;
}

/// The samples of the last quarter of the steps that were right, of `steps`; or -1 after an error.
template <bool IsInteger>
int train(const hone::JobView& job, hone::Span<std::uint8_t> ram, std::uint32_t seed,
          const hone::Kernels& kernels, std::uint32_t steps) {
  hone::StepTrainer<IsInteger ? hone::Numeric::w16a8 : hone::Numeric::f32> trainer;
  Sensor sensor{hone::Stream(seed), job.program.inputs, job.program.classes};
  if (trainer.init(job, ram, seed, kernels) != hone::Status::ok) return -1;
  if (IsInteger && trainer.set_input_exponent(0) != hone::Status::ok) return -1;
  int correct = 0;
  hone::StepResult result;  // not in the loop: its 0 of a loss would stay in a register of floats
  for (std::uint32_t step = 0; step < steps; ++step) {
    if (trainer.step(job.program.batch, read<IsInteger>, &sensor, result) != hone::Status::ok)
      return -1;
    if (step >= steps - steps / 4) correct += static_cast<int>(result.correct);
  }
  return correct;
}

}  // namespace lean
