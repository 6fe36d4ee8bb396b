// The quick start: a defect classifier in 28 KB of RAM, known before it runs.
#include <cstdio>
#include <hone/job.hpp>
#include <hone/random.hpp>
#include <hone/trainer.hpp>

// clang-format off
constexpr auto net = hone::model(
    hone::input(24, 24, 1),
    hone::conv2d(8, 3).same(), hone::relu(),
    hone::max_pool(2), hone::flatten(),
    hone::dropout(0.3), hone::linear(2));
// clang-format on
constexpr auto job =
    hone::training(net, hone::sgd(0.05).weight_decay(5e-4), hone::batch(8).micro(1).least_memory());
static_assert(job.bytes <= 28 * 1024, "RAM budget");
alignas(hone::kAlignment) static std::uint8_t ram[job.bytes];

// A grey, noisy plate; a defect is a short bright scratch somewhere on it.
static void draw(hone::Stream& random, float* pixels, std::uint16_t& label) {
  for (int i = 0; i < 24 * 24; ++i) pixels[i] = static_cast<float>(random.below(100)) / 256.0f;
  label = static_cast<std::uint16_t>(random.below(2));
  const std::uint32_t row = random.below(24), column = random.below(16);
  for (std::uint32_t i = 0; label && i < 8; ++i) pixels[row * 24 + column + i] += 0.4f;
}

int main() {
  hone::Trainer trainer;
  if (trainer.init(job, {ram, sizeof ram}, 42) != hone::Status::ok) return 1;
  hone::Stream random(hone::mix(7));
  static float x[8 * 24 * 24];
  std::uint16_t labels[8];
  unsigned correct = 0;
  for (unsigned step = 1; step <= 1000; ++step) {
    for (unsigned i = 0; i < 8; ++i) draw(random, x + i * 24 * 24, labels[i]);
    hone::StepResult result;
    if (trainer.step(x, labels, 8, result) != hone::Status::ok) return 1;
    correct += result.correct;
    if (step % 250) continue;
    std::printf("step %4u  loss %.3f  %5.1f %% correct\n", step, static_cast<double>(result.loss),
                correct / 20.0);
    correct = 0;
  }
  std::printf("trained in %u bytes on the %s kernels\n", static_cast<unsigned>(job.bytes),
              trainer.kernels().name);
}
