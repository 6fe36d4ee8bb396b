#include "examples/hone/training/training_setup.hpp"

#include "examples/hone/checkpoint/checkpoint_model.hpp"
#include "examples/hone/data/fault_text.hpp"

namespace hone {

std::string automatic_rule(const Dataset& data) { return data.is_images() ? "set" : ""; }

std::string rule_or(const Options& options, const std::string& automatic) {
  const std::string rule = options.text("normalise");
  return rule == "auto" ? automatic : rule;
}

bool check_outputs(const RuntimeJob& job, std::size_t classes, const char* hint, Error* error) {
  if (job.classes() == classes) return true;
  return error->fail(kExitModel, job.model().name() + ": expected " + std::to_string(classes) +
                                     " outputs, one for each class of the data, found " +
                                     std::to_string(job.classes()) + "; " + hint);
}

bool class_lines(const std::vector<std::string>& classes, std::string* lines, Error* error) {
  lines->clear();
  for (const std::string& name : classes) {
    const Text text(name.data(), name.size());
    if (name.empty() || name.find('\n') != std::string::npos || !is_utf8(text))
      return error->fail(kExitData, "class '" + printable(text) +
                                        "': expected a name in UTF-8 "
                                        "without line ends, found another; rename it");
    *lines += name + "\n";
  }
  return true;
}

bool add_columns(const std::vector<std::string>& columns, CheckpointText* text, Error* error) {
  std::string lines;
  for (const std::string& name : columns) {
    if (name.find('\n') != std::string::npos || !is_utf8({name.data(), name.size()}))
      return error->fail(kExitData, "column '" + printable({name.data(), name.size()}) +
                                        "': expected a name in UTF-8 without line ends, found "
                                        "another; rename it");
    lines += name + "\n";
  }
  if (!columns.empty()) text->extra.push_back({kColumnsKey, lines});
  return true;
}

bool TrainingSetup::open_data(const std::vector<std::string>& classes, Error* error) {
  DataOptions o;
  o.path = options.text("data");
  o.label = options.text("label");
  const LayerSpec& input = model.layer(0);
  o.shape = {input.height, input.width, input.channels};
  o.validation = options.real("validation");
  o.per_class = static_cast<std::size_t>(options.count("per-class"));
  o.seed = options.count("seed");
  o.classes = classes;
  o.columns = columns;
  o.cache = options.flag("cache");
  data = Dataset();
  return data.open(o, error);
}

bool TrainingSetup::replace_head(std::size_t classes, Error* error) {
  const int head = model.head();
  if (head < 0)
    return error->fail(kExitModel, model.name() +
                                       ": expected a linear or conv2d layer to give one "
                                       "output for each class, found none");
  model.set_outputs(head, static_cast<std::uint32_t>(classes));
  return true;
}

void TrainingSetup::choose_numeric(Numeric automatic) {
  model.set_numeric(hone::choose_numeric(&options, automatic));
}

bool TrainingSetup::plan(Error* error) {
  planned = model;
  if (options.count("train-last") && !planned.train_last(options.count("train-last"), error))
    return false;
  return settings.plan(planned, &job, error);
}

bool TrainingSetup::prepare_data(const std::string& rule, Error* error) {
  return data.set_augmentation(options.text("augment"), error) &&
         data.set_normalisation(rule, error) && data.verify(error);
}

bool TrainingSetup::text(CheckpointText* text, Error* error) const {
  text->seed = settings.seed;
  text->settings = options.settings_text();
  text->normalise = data.normalisation_text();
  return model.text(&text->model, error) && class_lines(data.classes(), &text->classes, error) &&
         add_columns(data.columns(), text, error);
}

}  // namespace hone
