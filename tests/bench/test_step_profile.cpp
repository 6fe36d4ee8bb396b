#include <doctest/doctest.h>

#include <cstring>

#include "examples/hone/bench/step_profile.hpp"
#include "hone/random.hpp"

using namespace hone;

namespace {

// clang-format off
constexpr auto kNet = model(
    input(12, 12, 2),
    conv2d(5, 3).same(), relu(), max_pool(2),
    depthwise(3), relu6(), dropout(0.2),
    conv2d(7, 1), avg_pool(2), flatten(),
    linear(3));
// clang-format on
// Two micro-batches, so that every phase comes twice in a step.
constexpr auto kJob = training(kNet, sgd(0.05).momentum(0.9).weight_decay(1e-3), batch(6).micro(4));
constexpr int kSteps = 5;

Status fill(void* context, std::uint32_t first, std::uint32_t n, const Samples& to) {
  Stream random(mix(*static_cast<std::uint32_t*>(context) * 64 + first));
  for (std::size_t i = 0; i < std::size_t{n} * 12 * 12 * 2; ++i)
    to.x[i] = static_cast<float>(random.below(256)) / 256.0f;
  for (std::uint32_t i = 0; i < n; ++i) to.labels[i] = static_cast<std::uint16_t>(random.below(3));
  return Status::ok;
}

struct Digest {
  std::uint8_t bytes[32];
  bool operator==(const Digest& o) const { return std::memcmp(bytes, o.bytes, 32) == 0; }
};

alignas(kAlignment) std::uint8_t arena[kJob.bytes];

Digest digest_of(const Trainer& trainer) {
  Digest d;
  weights_sha256(trainer, d.bytes);
  return d;
}

}  // namespace

TEST_CASE("StepProfile: the weights are those of unmeasured steps") {
  StepResult result;
  Trainer plain;
  REQUIRE(plain.init(kJob, {arena, sizeof arena}, 3) == Status::ok);
  for (std::uint32_t s = 0; s < kSteps; ++s) REQUIRE(plain.step(6, fill, &s, result) == Status::ok);
  const Digest expected = digest_of(plain);

  StepProfile profile(kJob, kernels());
  Trainer measured;
  REQUIRE(measured.init(profile.job(), {arena, sizeof arena}, 3, profile.kernels()) == Status::ok);
  for (std::uint32_t s = 0; s < kSteps; ++s)
    REQUIRE(profile.step(&measured, 6, fill, &s, &result) == Status::ok);
  CHECK(digest_of(measured) == expected);

  CHECK(profile.steps() == kSteps);
  CHECK(profile.samples() == 6 * kSteps);
}

TEST_CASE("StepProfile: the phases are parts of the step, and layers are counted by micro-batch") {
  StepProfile profile(kJob, kernels());
  Trainer trainer;
  REQUIRE(trainer.init(profile.job(), {arena, sizeof arena}, 3, profile.kernels()) == Status::ok);
  StepResult result;
  for (std::uint32_t s = 0; s < kSteps; ++s)
    REQUIRE(profile.step(&trainer, 6, fill, &s, &result) == Status::ok);
  for (const double phase : {profile.data(), profile.forward(), profile.loss(), profile.backward()})
    CHECK(phase > 0);
  CHECK(profile.rest() >= 0);
  const int head = kJob.program.n - 1;
  CHECK(profile.layer(head).forward.calls == 2 * kSteps);
  CHECK(profile.layer(head).backward.calls == 2 * kSteps);
  CHECK(profile.layer(0).forward.calls == 0);
}
