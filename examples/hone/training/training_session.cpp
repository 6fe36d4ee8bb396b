#include <cstdio>

#include "examples/hone/commands/json_writer.hpp"
#include "examples/hone/training/data_identity.hpp"
#include "examples/hone/training/interrupt.hpp"
#include "examples/hone/training/training_run.hpp"
#include "examples/hone/training/training_setup.hpp"
#include "hone/kernels.hpp"
#include "ports/posix/directory.hpp"

namespace hone {
namespace {

void print_json(const TrainingSetup& setup, const TrainingRun& run, const std::string& hash) {
  const RunState& state = run.state();
  JsonWriter json;
  const double none = -1.0;
  const auto measured = [&](const char* name, double value) {
    if (value != none) json.field(name, value);
  };
  json.begin_object();
  json.field("weights_sha256", hash);
  json.field("steps", run.steps());
  json.field("epochs", state.epoch);
  json.field("train_loss", state.train_loss);
  json.key("validation_accuracy");
  if (run.has_validation())
    json.number(state.kept_accuracy);
  else
    json.null();
  json.field("total_bytes", setup.job.totals().bytes);
  json.field("kept_epoch", state.kept_epoch);
  json.field("kept_sha256", state.kept_hash);
  measured("last_validation_accuracy", run.has_validation() ? state.validation_accuracy : none);
  measured("before_accuracy", state.selection.before_accuracy);
  json.field("numeric", std::string(word_of(setup.model.numeric())));
  json.field("micro_batch", static_cast<std::uint64_t>(setup.job.batch().in_memory()));
  json.field("port", std::string(kernels().name));
  json.end_object();
  json.print();
}

void print_text(const TrainingSetup& setup, const TrainingRun& run, const std::string& hash) {
  const RunState& state = run.state();
  std::printf("train loss: %s\n", short_text(state.train_loss).c_str());
  if (state.selection.before_accuracy >= 0)
    std::printf("validation accuracy before: %s\n",
                percent_text(state.selection.before_accuracy).c_str());
  if (run.has_validation())
    std::printf("validation accuracy: %s (kept, epoch %llu)\n",
                percent_text(state.kept_accuracy).c_str(),
                static_cast<unsigned long long>(state.kept_epoch));
  std::printf("total bytes: %llu\n", static_cast<unsigned long long>(setup.job.totals().bytes));
  if (state.kept_hash != hash)
    std::printf("kept: epoch %llu, sha256 %s\n", static_cast<unsigned long long>(state.kept_epoch),
                state.kept_hash.c_str());
  std::printf("weights sha256: %s\n", hash.c_str());
}

void log_start(const TrainingSetup& setup, Progress* progress) {
  const bool is_float = setup.model.numeric() == Numeric::f32;
  progress->line("port " + std::string(kernels().name) + "; " +
                 (is_float ? std::string() : "numeric w16a8; ") +
                 std::to_string(setup.data.size(Part::train)) + " training and " +
                 std::to_string(setup.data.size(Part::validation)) + " validation samples in " +
                 std::to_string(setup.data.classes().size()) + " classes; batch " +
                 std::to_string(setup.settings.batch_size) + " in micro-batches of " +
                 std::to_string(setup.job.batch().in_memory()) + "; " +
                 std::to_string(setup.job.totals().bytes) + " bytes");
}

}  // namespace

bool run_training(TrainingSetup* setup, Trainer* trainer, const RunPlan& plan, RunFolder* folder,
                  Progress* progress, Error* error) {
  CheckpointText text;
  if (!setup->text(&text, error)) return false;
  // Of options that may change at a resume, the run keeps those that it began with.
  if (plan.last) text.settings = plan.last->text().settings;
  std::string data_hash;
  if (!data_identity(setup->data, setup->options.text("data"), &data_hash, error)) return false;
  TrainingRun run(setup->settings, &setup->data, setup->job, trainer, folder, text, data_hash,
                  progress);
  log_start(*setup, progress);
  if (setup->options.flag("verbose")) run.be_verbose();
  if (!run.check_steps(error) || (plan.gated && !run.score_start(error))) return false;
  note_interrupts();
  if (plan.last) {
    if (!run.resume(*plan.last, error)) return false;
  } else if (!folder->create(text.settings, error) || !run.write_start(error)) {
    folder->remove();
    return false;
  }
  if (!run.run(error)) {
    // Going on from the start would end here again.
    if (error->exit_code == kExitDiverged && run.state().epoch == 0) folder->remove();
    return false;
  }
  const std::string hash = weights_hash(*trainer);
  if (setup->options.flag("json"))
    print_json(*setup, run, hash);
  else
    print_text(*setup, run, hash);
  if (run.state().kept_epoch > 0) return true;
  return error->fail(kExitGate, "expected a validation accuracy above " +
                                    percent_text(run.state().selection.before_accuracy) +
                                    ", that of the old model, or the same with a lower validation "
                                    "loss, found neither in " +
                                    std::to_string(run.state().epoch) +
                                    " epochs; the old model is kept in " + folder->best());
}

namespace {

/// What settings.txt says must be what the run began with, or it would end as another run.
bool same_settings(const RunFolder& folder, const std::string& found, const CheckpointFile& last,
                   Error* error) {
  const std::string& expected = last.text().settings;
  if (found == expected) return true;
  const std::vector<std::string> a = split(expected, '\n'), b = split(found, '\n');
  std::size_t i = 0;
  while (i < a.size() && i < b.size() && a[i] == b[i]) ++i;
  const auto line = [i](const std::vector<std::string>& l) {
    return i + 1 < l.size() ? "'" + l[i] + "'" : std::string("the end");
  };
  return error->fail(kExitUsage, folder.settings() + ": line " + std::to_string(i + 1) +
                                     ": expected " + line(a) +
                                     ", with which the run began, found " + line(b) +
                                     "; restore the line, or start a new run with --settings");
}

/// The options of a run to be resumed, from its last checkpoint.
bool read_run(RunFolder* folder, CheckpointFile* last, Options* options, Error* error) {
  std::string text;
  if (!folder->read_settings(&text, error) || !folder->lock(error)) return false;
  if (!last->open(folder->last(), error)) {
    if (posix::kind_of(folder->last()) == posix::PathKind::missing)
      error->text += "; a run that wrote none is started again without --resume";
    return false;
  }
  return same_settings(*folder, text, *last, error) &&
         options->add_settings(last->text().settings, folder->settings(), error);
}

}  // namespace

bool resume_run(const Options& given, Error* error) {
  for (const std::string& name : given.on_command_line())
    if (name != "resume" && name != "json" && name != "quiet" && name != "data" &&
        name != "cache" && name != "ram" && name != "micro-batch" && name != "verbose")
      return error->fail(kExitUsage, "--" + name +
                                         ": expected only --data, --cache, --ram, "
                                         "--micro-batch, --verbose, --json and --quiet beside "
                                         "--resume, which "
                                         "takes all others from the run");
  if (!given.arguments().empty())
    return error->fail(kExitUsage, "--resume: expected no argument beside it, found '" +
                                       given.arguments()[0] + "'");
  RunFolder folder(given.text("resume"));
  TrainingSetup setup;
  setup.options = given;
  CheckpointFile last;
  if (!read_run(&folder, &last, &setup.options, error)) return false;
  setup.columns = last.columns();
  if (!setup.settings.read(setup.options, error) ||
      !setup.model.parse(last.text().model, last.name() + " (model)", error))
    return false;
  setup.model.set_numeric(last.numeric());
  if (!setup.plan(error) || !setup.open_data(last.classes(), error) ||
      !check_outputs(setup.job, last.classes().size(), "start a new run", error) ||
      !setup.prepare_data(last.text().normalise, error))
    return false;
  Trainer trainer;
  if (!init_trainer(&setup, &trainer, error)) return false;
  Progress progress(setup.options.flag("quiet"));
  RunPlan plan;
  plan.last = &last;
  return run_training(&setup, &trainer, plan, &folder, &progress, error);
}

}  // namespace hone
