#include "examples/hone/training/interrupt.hpp"
#include "examples/hone/training/training_setup.hpp"

namespace hone {

bool require_option(const Options& options, const char* name, Error* error) {
  if (!options.text(name).empty()) return true;
  return error->fail(kExitUsage, std::string("expected --") + name + " " +
                                     find_option(name, kAllCommands)->value_name +
                                     ", found none; see --help");
}

bool init_trainer(TrainingSetup* setup, Trainer* trainer, Error* error) {
  Status s = trainer->init(setup->job.view(), setup->job.arena(), setup->settings.seed);
  if (s == Status::ok) s = trainer->set_input_exponent(setup->data.input_exponent());
  return s == Status::ok ||
         error->fail(kExitInternal, std::string("the trainer refused its plan: ") + to_string(s));
}

bool run_train(const Options& options, Error* error) {
  exit_on_interrupts();
  if (options.given("resume")) return resume_run(options, error);
  RunFolder folder(options.text("out"));
  TrainingSetup setup;
  setup.options = options;
  if (!require_option(options, "data", error) || !require_option(options, "out", error) ||
      !folder.claim(error) || !setup.settings.read(options, error) ||
      !setup.model.read(options.arguments()[0], error))
    return false;
  setup.choose_numeric(Numeric::f32);
  if (!setup.plan(error) || !folder.refuse_in_data(options.text("data"), error) ||
      !setup.open_data({}, error))
    return false;
  const std::size_t classes = setup.data.classes().size();
  if (options.flag("replace-head") && (!setup.replace_head(classes, error) || !setup.plan(error)))
    return false;
  if (!check_outputs(setup.job, classes, "add --replace-head to change the last layer", error) ||
      !setup.prepare_data(rule_or(options, automatic_rule(setup.data)), error))
    return false;
  Trainer trainer;
  Progress progress(options.flag("quiet"));
  return init_trainer(&setup, &trainer, error) &&
         run_training(&setup, &trainer, RunPlan{}, &folder, &progress, error);
}

}  // namespace hone
