#include <cstdio>

#include "examples/hone/checkpoint/checkpoint_model.hpp"
#include "examples/hone/commands/json_writer.hpp"
#include "examples/hone/training/training_setup.hpp"
#include "ports/posix/directory.hpp"

namespace hone {
namespace {

/// All that the file says of itself but the state of its run, which ends here.
CheckpointText text_of(const CheckpointFile& from, const Trainer& trainer) {
  CheckpointText text = from.text();
  const std::string columns = from.metadata(kColumnsKey);
  if (!columns.empty()) text.extra.push_back({kColumnsKey, columns});
  add_hashes(Numeric::f32, &trainer, &text);
  return text;
}

}  // namespace

bool run_export(const Options& options, Error* error) {
  CheckpointFile from;
  ModelSource model;
  RuntimeJob job;
  Trainer trainer;
  if (!require_option(options, "out", error) || !from.open(options.arguments()[0], error))
    return false;
  if (!from.from_hone())
    return error->fail(kExitModel, from.name() +
                                       ": expected a checkpoint of hone, found one of "
                                       "another program");
  if (!read_checkpoint_model(from, "", &model, error)) return false;
  const std::string out = options.text("out");
  if (posix::kind_of(out) != posix::PathKind::missing)
    return error->fail(kExitStorage, out + ": expected a new name, found one that exists");
  model.set_numeric(Numeric::f32);
  if (!plan_inference(model, 1, &job, error)) return false;
  if (trainer.init(job.view(), job.arena(), 0) != Status::ok)
    return error->fail(kExitInternal, "the trainer refused its plan");
  if (!from.load_weights(job, trainer, -1, error) ||
      !write_checkpoint_file(out, text_of(from, trainer), job, trainer, false, error))
    return false;
  if (!options.flag("json")) {
    std::printf("weights sha256: %s\n", weights_hash(trainer).c_str());
    return true;
  }
  JsonWriter json;
  json.begin_object();
  json.field("out", out);
  json.field("weights_sha256", weights_hash(trainer));
  json.end_object();
  json.print();
  return true;
}

}  // namespace hone
