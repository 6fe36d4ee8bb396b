#pragma once
#include <string>
#include <vector>

#include "examples/hone/checkpoint/checkpoint_file.hpp"
#include "examples/hone/options/options.hpp"
#include "hone/image.hpp"

namespace hone {

/// The model of a checkpoint. One of another program has none: `model_file` (--model) then names
/// it. A checkpoint of hone must be of that model, if it is given. Its numeric is the checkpoint's.
bool read_checkpoint_model(const CheckpointFile& file, const std::string& model_file,
                           ModelSource* model, Error* error);

/// True if the floats of `file` become mantissas in a job of `model`.
bool is_converted_to_integers(const CheckpointFile& file, const ModelSource& model);

/// What --numeric says, else `automatic`, which then is a setting like one that was given.
Numeric choose_numeric(Options* options, Numeric automatic);

/// The names that --classes gives, none where it is not given; all different and not empty.
bool read_classes(const Options& options, std::vector<std::string>* classes, Error* error);

/// A usage error for a checkpoint of another program without --normalise RULE: nothing tells how
/// its inputs were scaled.
bool require_rule(const CheckpointFile& file, const Options& options, Error* error);

/// Plans inference of up to n samples at once, in the numeric of the model.
bool plan_inference(const ModelSource& model, int n, RuntimeJob* job, Error* error);

/// A trained model ready to answer: what eval and predict have in common.
struct LoadedModel {
  CheckpointFile file;
  RuntimeJob job;
  Trainer trainer;
  /// Names of the outputs; empty for a checkpoint of another program without --classes.
  std::vector<std::string> classes;
  /// Floats that became w16a8: their exponents are not known before calibrate_outputs().
  bool needs_calibration = false;

  /// Opens the checkpoint that the first argument names, with room for n samples at once.
  bool open(const Options& options, int n, Error* error);
};

}  // namespace hone
