#pragma once
#include <cstdint>

#include "examples/hone/checkpoint/runtime_job.hpp"
#include "examples/hone/options/options.hpp"
#include "hone/optimizer.hpp"
#include "hone/schedule.hpp"

namespace hone {

/// The options of train, finetune and plan that decide the numbers and the memory of a run.
class TrainingSettings {
 public:
  bool read(const Options& options, Error* error);

  Optimizer rule;
  int batch_size = 1;
  std::uint64_t epochs = 1, seed = 1;
  bool drops_last = false;

  /// Plans training: the micro-batch asked for, or what --ram leaves room for.
  bool plan(const ModelSource& model, RuntimeJob* job, Error* error) const;
  /// Optimizer steps of one pass over `samples`.
  std::uint64_t steps_per_epoch(std::uint64_t samples) const;
  /// The learning rate over a run of so many steps an epoch.
  Schedule schedule(std::uint64_t steps_per_epoch) const;

 private:
  bool read_schedule(const std::string& text, Error* error);
  bool check_integer(Error* error) const;
  bool read_warmup(const std::string& text, Error* error);

  int micro_batch_ = 0;
  bool has_budget_ = false;
  std::uint64_t ram_ = 0;  // 0: as little as can be
  Schedule schedule_;      // step: period in epochs
  std::uint64_t warmup_steps_ = 0;
  double warmup_share_ = 0;
};

}  // namespace hone
