// As lean_mlp.cpp, with a convolutional net for 28x28 images (W3b1 of tests/bench/README.md).
#include <hone/job.hpp>
#include <hone/kernels_of.hpp>

#include "lean.hpp"

// clang-format off
constexpr auto net = hone::model(
    hone::input(28, 28, 1),
    hone::conv2d(8, 3).same().decay_bias(), hone::relu(), hone::max_pool(2),
    hone::conv2d(16, 3).same().decay_bias(), hone::relu(), hone::max_pool(2),
    hone::flatten(),
    hone::linear(64).decay_bias(), hone::relu(), hone::dropout(0.3),
    hone::linear(10).decay_bias());
// clang-format on
constexpr auto job = hone::training(net, hone::sgd(0.001).momentum(0.9).weight_decay(1e-4),
                                    hone::batch(1).least_memory());
constexpr auto in_flash = hone::for_flash(job);
constexpr hone::Kernels kernels = hone::kernels_of(hone::compact::table(), job);
alignas(hone::kAlignment) static std::uint8_t ram[job.bytes];

int main() {
  // A few steps only: an emulator takes its time. Exit code 0 if none ended in an error.
  return lean::train<false>(in_flash.with(job.program), {ram, sizeof ram}, 42, kernels, 4) < 0;
}
