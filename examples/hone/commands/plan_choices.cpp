#include "examples/hone/commands/plan_choices.hpp"

#include <algorithm>
#include <chrono>

#include "hone/random.hpp"
#include "hone/trainer.hpp"

namespace hone {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

/// Micro-batches from the whole batch down: of those that give as many pieces only the smallest,
/// which takes as long and needs less.
std::vector<int> micro_batches(int batch_size) {
  std::vector<int> all;
  for (int pieces = 1; pieces <= batch_size; ++pieces) {
    const int micro = (batch_size + pieces - 1) / pieces;
    if (all.empty() || micro < all.back()) all.push_back(micro);
  }
  return all;
}

/// Numbers in place of data: kernels do the same work for all of them.
Status fill_with_noise(void* context, std::uint32_t first, std::uint32_t n, const Samples& to) {
  const ProgramView& v = *static_cast<const ProgramView*>(context);
  Stream stream(mix(first + 1));
  for (std::size_t i = 0; i < std::size_t{n} * v.inputs; ++i) {
    const std::uint32_t pixel = stream.below(256);
    if (to.x)
      to.x[i] = static_cast<float>(pixel) / 256.0f;
    else
      to.x_mantissas[i] = static_cast<std::int8_t>(pixel >> 1);
  }
  for (std::uint32_t i = 0; i < n && to.labels; ++i)
    to.labels[i] = static_cast<std::uint16_t>((first + i) % v.classes);
  for (std::size_t i = 0; i < std::size_t{n} * v.classes && to.targets; ++i) to.targets[i] = 0.5f;
  for (std::size_t i = 0; i < std::size_t{n} * v.classes && to.target_mantissas; ++i)
    to.target_mantissas[i] = 32768;
  return Status::ok;
}

/// The shortest of some steps after a first one; 0 if a step fails.
double measured_step(RuntimeJob* job) {
  constexpr double kLongEnough = 0.05;
  Trainer trainer;
  if (trainer.init(job->view(), job->arena(), 1) != Status::ok) return 0;
  ProgramView program = trainer.program();
  double shortest = 0, all = 0;
  for (int i = 0; i < 100 && all < kLongEnough; ++i) {
    const Clock::time_point start = Clock::now();
    StepResult result;
    if (trainer.step(program.batch, fill_with_noise, &program, result) != Status::ok) return 0;
    const double seconds = seconds_since(start);
    all += seconds;
    if (i < 2 || seconds < shortest) shortest = seconds;
  }
  return shortest;
}

}  // namespace

std::vector<PlanChoice> plan_choices(const RuntimeJob& job, const Optimizer& rule) {
  constexpr double kPatience = 10;  // then only bytes are told
  const int size = job.batch().size;
  std::vector<int> micros = micro_batches(size);
  const int own = job.batch().in_memory();
  if (std::find(micros.begin(), micros.end(), own) == micros.end()) micros.push_back(own);
  std::sort(micros.rbegin(), micros.rend());
  std::vector<PlanChoice> all;
  const Clock::time_point start = Clock::now();
  for (const int micro : micros)
    for (const Batch b : {batch(size).micro(micro), batch(size).micro(micro).least_memory()}) {
      RuntimeJob other;
      Error ignored;
      if (!other.plan(job.model(), rule, b, PlanKind::training, &ignored)) continue;
      PlanChoice choice{b, other.totals().bytes, 0};
      if (seconds_since(start) < kPatience) choice.seconds = measured_step(&other);
      all.push_back(choice);
    }
  return all;
}

}  // namespace hone
