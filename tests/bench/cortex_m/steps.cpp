// A perceptron 16-32-8 that does one thing REPEATS times, for counting instructions: the difference
// of two runs is that of their repeats. The script gives BATCH, REPEATS, STEP (a training step,
// else only its forward pass) and COMPACT (else portable).
#include <hone/trainer.hpp>

#include "ports/compact/table.hpp"

namespace {

// clang-format off
constexpr auto net = hone::model(
    hone::input(16),
    hone::linear(32), hone::relu(),
    hone::linear(8));
// clang-format on
constexpr auto job = hone::training(net, hone::sgd(0.1), hone::batch(BATCH));
alignas(hone::kAlignment) std::uint8_t ram[job.bytes];
float x[BATCH * 16];
std::uint16_t labels[BATCH];

hone::Status forward(hone::Trainer& trainer) {
  float* const to = trainer.input();
  for (std::size_t i = 0; i < sizeof x / sizeof x[0]; ++i) to[i] = x[i];
  return trainer.predict(BATCH);
}

}  // namespace

int main() {
  const hone::Kernels& kernels = COMPACT ? hone::compact::kKernels : hone::portable::kKernels;
  hone::Trainer trainer;
  if (trainer.init(job, {ram, sizeof ram}, 42, kernels) != hone::Status::ok) return 1;
  for (std::uint32_t i = 0; i < BATCH; ++i) {
    labels[i] = static_cast<std::uint16_t>(i % 8);
    for (std::uint32_t k = 0; k < 16; ++k)
      x[i * 16 + k] =
          static_cast<float>(static_cast<std::int32_t>((i * 16 + k) * 37 % 64) - 31) / 32;
  }
  hone::Status status = hone::Status::ok;
  for (int i = 0; i < REPEATS && status == hone::Status::ok; ++i) {
    hone::StepResult result;
    status = STEP ? trainer.step(x, labels, BATCH, result) : forward(trainer);
  }
  return status == hone::Status::ok ? 0 : 1;
}
