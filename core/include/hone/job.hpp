#pragma once
#include "hone/layers.hpp"
#include "hone/program.hpp"

namespace hone {

/// What a trainer runs: a program and the functions of its layers. The caller keeps both.
struct JobView {
  ProgramView program;
  const LayerFunctions* functions = nullptr;  ///< [program.n]
  const TrainerFunctions* trainer = nullptr;
};

/// A model planned for training or inference, with all that the device keeps of it. Made in a
/// constant expression it costs nothing at run time, and static_assert(job.bytes <= ...) is the
/// RAM budget; where the model does not fit together, bytes is its maximum and every budget fails.
template <int N>
struct Job {
  PlanTotals report;
  std::uint64_t bytes = ~std::uint64_t{0};  ///< of the arena
  LayerRun layer[N] = {};
  LayerFunctions functions[N] = {};
  ProgramView program;  ///< without its pointer to layer, so that a copy stays right

  /// Without layers, which Trainer::init refuses, where the model does not fit together.
  constexpr operator JobView() const& {
    JobView v{program, functions, trainer_of(program.numeric)};
    v.program.layer = report.status == Status::ok ? layer : nullptr;
    return v;
  }
  operator JobView() const&& = delete;  // a view of a temporary would dangle
};

/// What of a job is read at run time by its address. The numbers of its program become part of the
/// code, so neither job nor report nor program are linked.
///
///   constexpr auto job = hone::training(...);
///   static_assert(job.bytes <= 6400);
///   constexpr auto in_flash = hone::for_flash(job);
///   trainer.init(in_flash.with(job.program), ...);
template <int N>
struct FlashJob {
  LayerRun layer[N] = {};
  LayerFunctions functions[N] = {};

  /// A StepTrainer names its functions itself; a Trainer wants trainer_of(program.numeric).
  constexpr JobView with(const ProgramView& program,
                         const TrainerFunctions* trainer = nullptr) const& {
    JobView v{program, functions, trainer};
    v.program.layer = layer;
    return v;
  }
  JobView with(const ProgramView&, const TrainerFunctions* = nullptr) const&& = delete;
};

/// Of a job that does not fit together: one that Trainer::init refuses, as its program is empty.
template <int N>
constexpr FlashJob<N> for_flash(const Job<N>& job) {
  FlashJob<N> flash;
  if (job.report.status != Status::ok) return flash;
  for (int i = 0; i < N; ++i) {
    flash.layer[i] = job.layer[i];
    flash.functions[i] = job.functions[i];
  }
  return flash;
}

namespace detail {

template <template <int> class AnyModel, int N>
constexpr Job<N> make_job(const AnyModel<N>& m, const Optimizer& rule, Batch batch, PlanKind kind,
                          const SharingRules& rules) {
  Job<N> job;
  job.report.status = m.status;
  job.report.bad_layer = m.bad_layer;
  if (m.status != Status::ok) return job;
  Plan<N> plan;
  plan_into(m, rule, batch, kind, rules, plan);
  job.report = plan;
  if (plan.status != Status::ok) return job;
  job.bytes = plan.bytes;
  // Not compile_into: gcc 12 takes no constant whose pointer was set and cleared again.
  job.program = view_of(m, rule, batch, kind, plan.layer, plan);
  const int n = job.program.n;
  for (int i = 0; i < n; ++i)
    job.layer[i] = run_of(m, plan.layer, plan.buffer, i, n, rule, batch.workspace);
  for (int i = 0; i < n; ++i) job.functions[i] = functions_of(job.layer, job.layer[i], m.numeric);
  return job;
}

}  // namespace detail

/// AnyModel is Model or TextModel.
template <template <int> class AnyModel, int N>
constexpr Job<N> training(const AnyModel<N>& m, const Optimizer& rule, Batch batch,
                          const SharingRules& rules = {}) {
  return detail::make_job(m, rule, batch, PlanKind::training, rules);
}

/// Forward only, in a smaller arena; batch is the most samples at once.
template <template <int> class AnyModel, int N>
constexpr Job<N> inference(const AnyModel<N>& m, Batch batch = {}) {
  return detail::make_job(m, Optimizer{}, batch, PlanKind::inference, SharingRules{});
}

/// The plan that fits `ram` bytes: the largest micro-batch with fast kernels, else the largest with
/// the least memory; size 0: none fits. Smaller is not always less: without momentum a split batch
/// needs a gradient accumulator.
constexpr Batch batch_within(ModelView m, const Optimizer& rule, int batch_size, std::uint64_t ram,
                             const PlanMemory& memory) {
  const Batch kinds[] = {batch(batch_size), batch(batch_size).least_memory()};
  for (const Batch whole : kinds)
    for (int micro = batch_size; micro > 0; --micro) {
      PlanTotals t;
      plan_into(m, rule, whole.micro(micro), PlanKind::training, SharingRules{}, memory, t);
      if (t.status == Status::ok && t.bytes <= ram) return whole.micro(micro);
    }
  return batch(0);
}

/// The plan that needs the least memory; among equals the largest micro-batch. size 0: none.
constexpr Batch least_batch(ModelView m, const Optimizer& rule, int batch_size,
                            const PlanMemory& memory) {
  Batch best = batch(0);
  std::uint64_t least = ~std::uint64_t{0};
  for (int micro = batch_size; micro > 0; --micro) {
    const Batch b = batch(batch_size).micro(micro).least_memory();
    PlanTotals t;
    plan_into(m, rule, b, PlanKind::training, SharingRules{}, memory, t);
    if (t.status == Status::ok && t.bytes < least) least = t.bytes, best = b;
  }
  return best;
}

}  // namespace hone
