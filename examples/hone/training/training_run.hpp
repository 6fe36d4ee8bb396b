#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "examples/hone/checkpoint/checkpoint_file.hpp"
#include "examples/hone/checkpoint/runtime_job.hpp"
#include "examples/hone/data/dataset.hpp"
#include "examples/hone/training/progress.hpp"
#include "examples/hone/training/run_folder.hpp"
#include "examples/hone/training/sample_feed.hpp"
#include "examples/hone/training/training_settings.hpp"

namespace hone {

/// The loop of train and finetune: epochs, validation, results.csv, best and last. Same inputs,
/// same files, however often it is interrupted and resumed.
class TrainingRun {
 public:
  /// `text` is what the checkpoints of the run say; its step and epoch are set here. `data_hash` is
  /// the identity of the data. All but these two must outlive the run.
  TrainingRun(const TrainingSettings& settings, Dataset* data, const RuntimeJob& job,
              Trainer* trainer, RunFolder* folder, const CheckpointText& text,
              const std::string& data_hash, Progress* progress);

  /// A usage error for an epoch without a step.
  bool check_steps(Error* error) const;

  /// Makes the model as it is the first that is kept.
  bool score_start(Error* error);
  /// Writes the first checkpoints, from which an interrupted run goes on; after the folder was
  /// made.
  bool write_start(Error* error);
  /// Takes weights, velocity and place from the last checkpoint of the run.
  bool resume(const CheckpointFile& last, Error* error);
  bool run(Error* error);
  /// Tells after each epoch what went wrong in the layers (hone::LayerCounters).
  void be_verbose() { verbose_ = true; }

  const RunState& state() const { return state_; }
  std::uint64_t steps() const { return trainer_->steps(); }
  bool has_validation() const { return data_->size(Part::validation) > 0; }

 private:
  bool run_epoch(Error* error);
  bool step(SampleFeed* feed, Error* error);
  bool finish_epoch(Error* error);
  void tell_counters();
  bool check_loss(double loss, Error* error);
  bool write_best(Error* error);
  bool write_last(Error* error);
  bool interrupt(Error* error);
  bool check_state(const CheckpointFile& last, const RunState& state, Error* error) const;
  bool check_best(const CheckpointFile& last, const RunState& state, Error* error);
  /// What divergence leaves behind, for its message.
  std::string left_over() const;
  std::string result_row(const PartScore& score) const;
  CheckpointText text_now() const;

  const TrainingSettings& settings_;
  Dataset* data_;
  const RuntimeJob& job_;
  Trainer* trainer_;
  RunFolder* folder_;
  CheckpointText text_;
  Progress* progress_;

  std::uint64_t steps_per_epoch_;
  Schedule schedule_;
  float lr_ = 0;
  bool verbose_ = false;
  RunState state_;
  std::vector<std::uint32_t> order_;
};

}  // namespace hone
