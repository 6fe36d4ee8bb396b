#include <algorithm>

#include "examples/hone/checkpoint/checkpoint_model.hpp"
#include "examples/hone/training/interrupt.hpp"
#include "examples/hone/training/sample_feed.hpp"
#include "examples/hone/training/training_setup.hpp"

namespace hone {
namespace {

bool same_names(std::vector<std::string> a, std::vector<std::string> b) {
  std::sort(a.begin(), a.end());
  std::sort(b.begin(), b.end());
  return a == b;
}

std::string joined(const std::vector<std::string>& names) {
  std::string out;
  for (const std::string& name : names) out += (out.empty() ? "" : ", ") + name;
  return out;
}

/// Opens model and data, in the base's order of classes if these are the same. `replaced` is the
/// layer that gets new outputs, -1 if none does.
bool open_base(const CheckpointFile& base, TrainingSetup* setup, int* replaced, Error* error) {
  *replaced = -1;
  RuntimeJob job;
  setup->columns = base.columns();
  if (!read_checkpoint_model(base, setup->options.text("model"), &setup->model, error) ||
      !require_rule(base, setup->options, error))
    return false;
  setup->choose_numeric(setup->model.numeric());
  if (!plan_inference(setup->model, 1, &job, error) || !setup->open_data({}, error)) return false;
  const std::vector<std::string>& found = setup->data.classes();
  std::vector<std::string> classes = base.classes();
  // Another program's file names no classes: as many outputs count as the same ones.
  if (!base.from_hone() && job.classes() == found.size()) classes = found;
  if (same_names(classes, found)) return classes == found || setup->open_data(classes, error);
  *replaced = setup->model.head();
  // Damage in the layer that is left out is damage too.
  Trainer whole;
  if (whole.init(job.view(), job.arena(), 0) != Status::ok)
    return error->fail(kExitInternal, "the trainer refused its plan");
  return base.load_weights(job, whole, -1, error) && setup->replace_head(found.size(), error);
}

}  // namespace

bool run_finetune(const Options& options, Error* error) {
  exit_on_interrupts();
  if (options.given("resume")) return resume_run(options, error);
  RunFolder folder(options.text("out"));
  TrainingSetup setup;
  setup.options = options;
  CheckpointFile base;
  int replaced = -1;
  if (!require_option(options, "data", error) || !require_option(options, "out", error) ||
      !folder.claim(error) || !setup.settings.read(options, error) ||
      !base.open(options.arguments()[0], error) || !folder.refuse_base(base.name(), error) ||
      !folder.refuse_in_data(options.text("data"), error) ||
      !open_base(base, &setup, &replaced, error) || !setup.plan(error) ||
      !check_outputs(setup.job, setup.data.classes().size(), "the last layer cannot be replaced",
                     error) ||
      !setup.prepare_data(rule_or(options, base.text().normalise), error))
    return false;
  Trainer trainer;
  if (!init_trainer(&setup, &trainer, error) ||
      !base.load_weights(setup.job, trainer, replaced, error))
    return false;
  Progress progress(options.flag("quiet"));
  if (replaced >= 0)
    progress.line("classes differ (" + joined(base.classes()) + " before, " +
                  joined(setup.data.classes()) + " now): the last layer starts anew");
  RunPlan plan;
  plan.gated = replaced < 0 && setup.data.size(Part::validation) > 0;
  if (is_converted_to_integers(base, setup.model) &&
      !calibrate_outputs(&setup.data, setup.settings.seed, &trainer, error))
    return false;
  return run_training(&setup, &trainer, plan, &folder, &progress, error);
}

}  // namespace hone
