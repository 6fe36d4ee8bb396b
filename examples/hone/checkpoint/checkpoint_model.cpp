#include "examples/hone/checkpoint/checkpoint_model.hpp"

#include <algorithm>

namespace hone {
namespace {

constexpr const char* kOtherWriter =
    ": expected the metadata of hone, found none; name its model with --model MODEL";

}  // namespace

bool read_checkpoint_model(const CheckpointFile& file, const std::string& model_file,
                           ModelSource* model, Error* error) {
  if (!file.from_hone()) {
    if (model_file.empty()) return error->fail(kExitModel, file.name() + kOtherWriter);
    return model->read(model_file, error);
  }
  if (!model->parse(file.text().model, file.name() + " (model)", error)) return false;
  model->set_numeric(file.numeric());
  if (model_file.empty()) return true;
  ModelSource other;
  std::string expected, found;
  if (!other.read(model_file, error) || !other.text(&expected, error) ||
      !model->text(&found, error))
    return false;
  if (expected == found) return true;
  const std::vector<std::string> a = split(expected, '\n'), b = split(found, '\n');
  std::size_t i = 0;
  while (i < a.size() && i < b.size() && a[i] == b[i]) ++i;
  const auto line = [i](const std::vector<std::string>& l) {
    return i < l.size() && !l[i].empty() ? "'" + l[i] + "'" : std::string("the end");
  };
  return error->fail(kExitModel, file.name() + ": expected a checkpoint of " + model_file +
                                     ", found one of another model: layer line " +
                                     std::to_string(i + 1) + ": expected " + line(a) + ", found " +
                                     line(b) + "; leave --model out");
}

Numeric choose_numeric(Options* options, Numeric automatic) {
  options->settle("numeric", word_of(automatic));
  return options->text("numeric") == word_of(Numeric::w16a8) ? Numeric::w16a8 : Numeric::f32;
}

bool read_classes(const Options& options, std::vector<std::string>* classes, Error* error) {
  classes->clear();
  if (options.text("classes").empty()) return true;
  *classes = split(options.text("classes"), ',');
  for (auto name = classes->begin(); name != classes->end(); ++name)
    if (name->empty() || std::find(classes->begin(), name, *name) != name)
      return error->fail(kExitUsage,
                         "--classes: expected different names between commas, found " +
                             (name->empty() ? std::string("an empty one") : *name + " twice"));
  return true;
}

bool require_rule(const CheckpointFile& file, const Options& options, Error* error) {
  if (file.from_hone() || options.text("normalise") != "auto") return true;
  return error->fail(kExitUsage,
                     file.name() +
                         ": expected --normalise beside --model, as the checkpoint of another "
                         "program does not tell its rule, found none; give the rule that it was "
                         "trained with: none, fixed A B, set, image or columns");
}

bool plan_inference(const ModelSource& model, int n, RuntimeJob* job, Error* error) {
  return job->plan(model, Optimizer{}, batch(n), PlanKind::inference, error);
}

bool LoadedModel::open(const Options& options, int n, Error* error) {
  ModelSource model;
  std::vector<std::string> given;
  if (!read_classes(options, &given, error) || !file.open(options.arguments()[0], error) ||
      !read_checkpoint_model(file, options.text("model"), &model, error) ||
      !require_rule(file, options, error))
    return false;
  Options chosen = options;
  model.set_numeric(choose_numeric(&chosen, model.numeric()));
  needs_calibration = is_converted_to_integers(file, model);
  // Calibration needs the memory of a training job.
  const PlanKind kind = needs_calibration ? PlanKind::training : PlanKind::inference;
  if (!job.plan(model, Optimizer{}, batch(n), kind, error)) return false;
  if (trainer.init(job.view(), job.arena(), 0) != Status::ok)
    return error->fail(kExitInternal, "the trainer refused its plan");
  if (!file.load_weights(job, trainer, -1, error)) return false;
  classes = file.classes();
  if (!given.empty()) {
    if (file.from_hone() && given != classes)
      return error->fail(kExitUsage,
                         "--classes: expected it for checkpoints of another program "
                         "only, found " +
                             file.name() + " that names its classes");
    classes = given;
  }
  if (classes.empty() || classes.size() == job.classes()) return true;
  return error->fail(kExitModel, file.name() + ": expected " + std::to_string(job.classes()) +
                                     " class names, one for each output, found " +
                                     std::to_string(classes.size()));
}

}  // namespace hone
