#pragma once
#include <string>
#include <vector>

#include "examples/hone/checkpoint/checkpoint_file.hpp"
#include "examples/hone/data/dataset.hpp"
#include "examples/hone/options/options.hpp"
#include "examples/hone/training/progress.hpp"
#include "examples/hone/training/run_folder.hpp"
#include "examples/hone/training/training_settings.hpp"

namespace hone {

/// Everything that train, finetune and plan agree on before the first step. The order of calls is
/// that of the declarations; nothing is written.
struct TrainingSetup {
  Options options;
  TrainingSettings settings;
  ModelSource model;    ///< as its checkpoints say it
  ModelSource planned;  ///< the same, with the layers frozen that --train-last freezes
  Dataset data;
  RuntimeJob job;
  /// Feature columns of the checkpoint that the run starts from; empty: those of the data.
  std::vector<std::string> columns;

  /// What the model computes with: --numeric, else `automatic`.
  void choose_numeric(Numeric automatic);
  /// Opens the data with these classes (none: those that it has).
  bool open_data(const std::vector<std::string>& classes, Error* error);
  /// Gives the last linear or conv2d layer as many outputs as there are classes.
  bool replace_head(std::size_t classes, Error* error);
  /// Freezes and plans.
  bool plan(Error* error);
  /// Sets normalisation (empty: by the kind of data) and augmentation, and reads all samples once.
  bool prepare_data(const std::string& rule, Error* error);
  /// What the checkpoints of the run say.
  bool text(CheckpointText* text, Error* error) const;
};

/// --normalise, or what stands for `auto`: for a fresh model that of automatic_rule, `set` for
/// images and what the data set chooses for features. Unscaled images are all brightness and little
/// picture: the reference model learns nothing from them at the preset rate.
std::string automatic_rule(const Dataset& data);
std::string rule_or(const Options& options, const std::string& automatic);

/// The error for a model whose outputs are not as many as the classes.
bool check_outputs(const RuntimeJob& job, std::size_t classes, const char* hint, Error* error);

/// Class names, one a line. Names must be UTF-8 without line ends.
bool class_lines(const std::vector<std::string>& classes, std::string* lines, Error* error);
/// The same of columns, whose names may be empty, into the metadata of `text`; nothing if there are
/// none.
bool add_columns(const std::vector<std::string>& columns, CheckpointText* text, Error* error);

/// Runs a fresh or resumed training and prints its results. `gated`: the model as it is competes.
struct RunPlan {
  bool gated = false;
  const CheckpointFile* last = nullptr;  ///< to resume from
};
bool run_training(TrainingSetup* setup, Trainer* trainer, const RunPlan& plan, RunFolder* folder,
                  Progress* progress, Error* error);

/// A usage error unless the option has a value.
bool require_option(const Options& options, const char* name, Error* error);
bool init_trainer(TrainingSetup* setup, Trainer* trainer, Error* error);

/// Goes on with the run that --resume names.
bool resume_run(const Options& options, Error* error);

}  // namespace hone
