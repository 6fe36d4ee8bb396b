#include <cstdio>

#include "examples/hone/checkpoint/checkpoint_model.hpp"
#include "examples/hone/commands/json_writer.hpp"
#include "examples/hone/data/fault_text.hpp"
#include "examples/hone/data/prediction_input.hpp"
#include "examples/hone/training/interrupt.hpp"
#include "examples/hone/training/progress.hpp"

namespace hone {
namespace {

struct Answer {
  std::string file, word;
  double probability;
};

std::string word_of(const LoadedModel& model, std::uint32_t best) {
  return model.classes.empty() ? "class" + std::to_string(best) : model.classes[best];
}

bool answer(LoadedModel* model, const std::string& name, std::vector<Answer>* out, Error* error) {
  if (model->trainer.predict(1) != Status::ok)
    return error->fail(kExitModel, name + ": expected finite outputs of " + model->file.name() +
                                       ", found NaN or infinity");
  std::vector<float> p(model->job.classes());
  model->trainer.probabilities(0, p.data());
  const std::uint32_t best = model->trainer.best_class(0);
  out->push_back({name, word_of(*model, best), static_cast<double>(p[best])});
  return true;
}

void print_json(const std::vector<Answer>& answers) {
  JsonWriter json;
  json.begin_list();
  for (const Answer& a : answers) {
    json.begin_object();
    json.field("file", a.file);
    json.field("class", a.word);
    json.field("probability", a.probability);
    json.end_object();
  }
  json.end_list();
  json.print();
}

}  // namespace

bool run_predict(const Options& options, Error* error) {
  if (options.arguments().size() < 2)
    return error->fail(kExitUsage,
                       "hone predict: expected CHECKPOINT FILE..., found no file; see "
                       "hone predict --help");
  exit_on_interrupts();
  LoadedModel model;
  PredictionInput input;
  if (!model.open(options, 1, error)) return false;
  if (model.needs_calibration)
    return error->fail(kExitUsage,
                       "--numeric: expected a checkpoint in w16a8, as predict has no training part "
                       "to find its exponents with, found " +
                           model.file.name() +
                           " in f32; convert it with hone finetune --numeric w16a8");
  if (!input.open(options, model, error)) return false;
  std::vector<Answer> answers;
  // All before anything is printed: a bad file leaves no half answer.
  note_interrupts();
  while (input.next(&model.trainer, error)) {
    if (interrupted())
      return error->fail(kExitInterrupted, "interrupted after " + std::to_string(answers.size()) +
                                               " samples; nothing was printed");
    if (!answer(&model, input.name(), &answers, error)) return false;
  }
  if (error->exit_code != kExitOk) return false;
  if (options.flag("json")) {
    print_json(answers);
    return true;
  }
  for (const Answer& a : answers)
    std::printf("%s: %s %s\n", one_line(a.file).c_str(), one_line(a.word).c_str(),
                percent_text(a.probability).c_str());
  return true;
}

}  // namespace hone
