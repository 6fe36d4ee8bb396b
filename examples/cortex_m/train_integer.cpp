// As train_float.cpp, in integers: the readings go into the arena as they are.
#include <hone/job.hpp>

#include "learn.hpp"

// clang-format off
constexpr auto net = hone::model(
    hone::input(16),
    hone::linear(32), hone::relu(),
    hone::linear(8)).in(hone::w16a8);
// clang-format on
constexpr auto job = hone::training(net, hone::sgd(0.1), hone::batch(8));
static_assert(job.bytes <= 6400, "RAM budget");  // 6,176
alignas(hone::kAlignment) static std::uint8_t ram[job.bytes];

int main() { return learn(job, {ram, sizeof ram}); }
