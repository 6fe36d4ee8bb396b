// As lean_mlp.cpp, in integers.
#include <hone/job.hpp>
#include <hone/kernels_of.hpp>

#include "lean.hpp"
#include "ports/compact/integer_table.hpp"

// clang-format off
constexpr auto net = hone::model(
    hone::input(16),
    hone::linear(32), hone::relu(),
    hone::linear(8)).in(hone::w16a8);
// clang-format on
constexpr auto job = hone::training(net, hone::sgd(0.1), hone::batch(8));
constexpr auto in_flash = hone::for_flash(job);
constexpr hone::IntegerKernels leaves =
    hone::integer_kernels_of(hone::compact::integer_table(job.program), job);
constexpr hone::Kernels kernels = hone::kernels_of(&leaves, "compact");
alignas(hone::kAlignment) static std::uint8_t ram[job.bytes];

int main() {
  // 100 steps are counted; exit code 0 if nine tenths of their 800 samples were right.
  const int correct =
      lean::train<true>(in_flash.with(job.program), {ram, sizeof ram}, 42, kernels, 400);
  return correct >= 720 ? 0 : 1;
}
