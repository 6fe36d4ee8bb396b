// A perceptron 16-32-8, or with LENET a small LeNet with momentum, that does one thing REPEATS
// times, for counting instructions: the difference of two runs is that of their repeats. The script
// gives BATCH, REPEATS, STEP (a training step, else only its forward pass), KERNELS (a table) and
// perhaps INTEGER (w16a8). Prints the SHA-256 of the weights, which no table may change.
#include <hone/trainer.hpp>

#include "ports/cortex_m/board.hpp"

namespace hone {
namespace KERNELS {
extern const Kernels kKernels;
}
}  // namespace hone

namespace {

#if defined(INTEGER)
constexpr hone::Numeric kNumeric = hone::Numeric::w16a8;
using Number = std::int8_t;
#else
constexpr hone::Numeric kNumeric = hone::Numeric::f32;
using Number = float;
#endif

// clang-format off
#if defined(LENET)
constexpr std::uint32_t kIn = 28 * 28, kClasses = 10;
constexpr auto net = hone::model(
    hone::input(28, 28, 1),
    hone::conv2d(8, 3).same(), hone::relu(), hone::max_pool(2),
    hone::conv2d(16, 3).same(), hone::relu(), hone::max_pool(2),
    hone::flatten(),
    hone::linear(kClasses)).in(kNumeric);
constexpr auto rule = hone::sgd(0.01).momentum(0.9);
#else
constexpr std::uint32_t kIn = 16, kClasses = 8;
constexpr auto net = hone::model(
    hone::input(kIn),
    hone::linear(32), hone::relu(),
    hone::linear(kClasses)).in(kNumeric);
constexpr auto rule = hone::sgd(0.1);
#endif
// clang-format on
constexpr auto job = hone::training(net, rule, hone::batch(BATCH));
alignas(hone::kAlignment) std::uint8_t ram[job.bytes];
Number x[BATCH * kIn];

void copy(Number* to) {
  for (std::size_t i = 0; i < sizeof x / sizeof x[0]; ++i) to[i] = x[i];
}
hone::Status fill(void*, std::uint32_t, std::uint32_t n, const hone::Samples& to) {
#if defined(INTEGER)
  copy(to.x_mantissas);
#else
  copy(to.x);
#endif
  for (std::uint32_t i = 0; i < n; ++i) to.labels[i] = static_cast<std::uint16_t>(i % kClasses);
  return hone::Status::ok;
}

hone::Status forward(hone::Trainer& trainer) {
#if defined(INTEGER)
  copy(trainer.input_mantissas());
#else
  copy(trainer.input());
#endif
  return trainer.predict(BATCH);
}

void print_weights(const hone::Trainer& trainer) {
  std::uint8_t digest[32];
  hone::weights_sha256(trainer, digest);
  char text[2 * sizeof digest + 2];
  char* to = text;
  for (const std::uint8_t byte : digest) {
    *to++ = "0123456789abcdef"[byte >> 4];
    *to++ = "0123456789abcdef"[byte & 15];
  }
  *to++ = '\n';
  *to = '\0';
  hone::board::print(text);
}

}  // namespace

int main() {
  hone::Trainer trainer;
  if (trainer.init(job, {ram, sizeof ram}, 42, hone::KERNELS::kKernels) != hone::Status::ok)
    return 1;
  if (trainer.set_input_exponent(-5) != hone::Status::ok) return 1;
  for (std::uint32_t i = 0; i < BATCH * kIn; ++i) {
    const std::int32_t units = static_cast<std::int32_t>(i * 37 % 64) - 31;
#if defined(INTEGER)
    x[i] = static_cast<Number>(units);
#else
    x[i] = static_cast<Number>(units) / 32;
#endif
  }
  hone::StepResult result;
  hone::Status status = trainer.step(BATCH, fill, nullptr, result);  // finds the exponents
  for (int i = 0; i < REPEATS && status == hone::Status::ok; ++i) {
    status = STEP ? trainer.step(BATCH, fill, nullptr, result) : forward(trainer);
  }
  print_weights(trainer);
  return status == hone::Status::ok ? 0 : 1;
}
