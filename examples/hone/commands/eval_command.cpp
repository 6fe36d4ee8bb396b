#include <cstdio>

#include "examples/hone/checkpoint/checkpoint_model.hpp"
#include "examples/hone/commands/json_writer.hpp"
#include "examples/hone/data/dataset.hpp"
#include "examples/hone/data/fault_text.hpp"
#include "examples/hone/training/interrupt.hpp"
#include "examples/hone/training/progress.hpp"
#include "examples/hone/training/sample_feed.hpp"
#include "examples/hone/training/training_setup.hpp"

namespace hone {
namespace {

constexpr int kSamplesAtOnce = 16;

/// Counts of samples by true class (row) and predicted class (column).
struct Confusion {
  std::size_t classes;
  std::vector<std::uint64_t> count;

  explicit Confusion(std::size_t n) : classes(n), count(n * n) {}
  std::uint64_t at(std::size_t truth, std::size_t guess) const {
    return count[truth * classes + guess];
  }
  std::uint64_t row(std::size_t c) const {
    std::uint64_t n = 0;
    for (std::size_t k = 0; k < classes; ++k) n += at(c, k);
    return n;
  }
  std::uint64_t column(std::size_t c) const {
    std::uint64_t n = 0;
    for (std::size_t k = 0; k < classes; ++k) n += at(k, c);
    return n;
  }
};

double ratio(std::uint64_t a, std::uint64_t b) {
  return b ? static_cast<double>(a) / static_cast<double>(b) : 0.0;
}

double accuracy(const Confusion& m) {
  std::uint64_t hits = 0, all = 0;
  for (std::size_t c = 0; c < m.classes; ++c) hits += m.at(c, c), all += m.row(c);
  return ratio(hits, all);
}

/// Mean recall of the classes that occur.
double balanced_accuracy(const Confusion& m) {
  double sum = 0;
  std::uint64_t present = 0;
  for (std::size_t c = 0; c < m.classes; ++c) {
    if (m.row(c) == 0) continue;
    sum += ratio(m.at(c, c), m.row(c));
    ++present;
  }
  return present ? sum / static_cast<double>(present) : 0.0;
}

Part part_of(const std::string& word) {
  return word == "train" ? Part::train : word == "val" ? Part::validation : Part::test;
}

/// What the command line says, else what the checkpoint was trained with.
std::string option_or_setting(const Options& options, const CheckpointFile& file,
                              const char* name) {
  if (options.given(name)) return options.text(name);
  const std::string setting = file.setting(name);
  return setting.empty() ? options.text(name) : setting;
}

/// What of --data is read: the part to be evaluated, or the training part.
bool data_options(const Options& options, const LoadedModel& model, DataOptions* options_of_data,
                  Error* error) {
  DataOptions& o = *options_of_data;
  std::uint64_t per_class = 0;
  const bool split_known =
      parse_real(option_or_setting(options, model.file, "validation"), &o.validation) &&
      parse_count(option_or_setting(options, model.file, "per-class"), &per_class) &&
      parse_count(option_or_setting(options, model.file, "seed"), &o.seed);
  if (!split_known)
    return error->fail(kExitModel, model.file.name() +
                                       ": expected validation, per-class and seed "
                                       "as numbers in its settings, found others");
  o.path = options.text("data");
  o.label = options.text("label");
  o.default_label = model.file.setting("label");
  o.shape = model.job.input();
  o.per_class = static_cast<std::size_t>(per_class);
  o.classes = model.classes;
  o.columns = model.file.columns();
  o.evaluation = options.text("part") == "test";
  return true;
}

bool open_data(const DataOptions& o, const Options& options, const LoadedModel& model,
               Dataset* data, Error* error) {
  const std::string& stored = model.file.text().normalise;
  const std::string rule = rule_or(options, stored.empty() ? "none" : stored);
  return data->open(o, error) && data->set_normalisation(rule, error);
}

/// Opens the data and makes the model ready for it.
bool open_data(const Options& options, LoadedModel* model, Dataset* data, Error* error) {
  DataOptions o;
  if (!data_options(options, *model, &o, error) || !open_data(o, options, *model, data, error))
    return false;
  if (model->trainer.set_input_exponent(data->input_exponent()) != Status::ok)
    return error->fail(kExitInternal, "the trainer refused the exponent of its input");
  if (!model->needs_calibration) return true;
  Dataset training;
  o.evaluation = false;
  return open_data(o, options, *model, &training, error) &&
         check_outputs(model->job, training.classes().size(), "name the classes with --classes",
                       error) &&
         calibrate_outputs(&training, o.seed, &model->trainer, error);
}

/// Writes a sample to its place in the trainer's input.
bool take_in(Dataset* data, Part part, std::size_t sample, std::size_t place, Trainer* to,
             Error* error) {
  const std::size_t at = place * to->program().inputs;
  return to->program().numeric == Numeric::f32
             ? data->fill(part, sample, std::nullopt, to->input() + at, error)
             : data->fill(part, sample, std::nullopt, to->input_mantissas() + at, error);
}

bool count_samples(Dataset* data, Part part, LoadedModel* model, Progress* progress, Confusion* m,
                   Error* error) {
  const std::size_t n = data->size(part);
  progress->start(0, n);
  note_interrupts();
  for (std::size_t begin = 0; begin < n; begin += kSamplesAtOnce) {
    if (interrupted())
      return error->fail(kExitInterrupted, "interrupted after " + std::to_string(begin) + " of " +
                                               std::to_string(n) + " samples");
    const std::size_t here = n - begin < kSamplesAtOnce ? n - begin : kSamplesAtOnce;
    for (std::size_t i = 0; i < here; ++i)
      if (!take_in(data, part, begin + i, i, &model->trainer, error)) return false;
    const Status s = model->trainer.predict(static_cast<std::uint32_t>(here));
    if (s != Status::ok)
      return error->fail(kExitModel, data->name(part, begin) + ": expected finite outputs of " +
                                         model->file.name() + ", found NaN or infinity");
    for (std::size_t i = 0; i < here; ++i) {
      const std::size_t truth = data->label(part, begin + i);
      ++m->count[truth * m->classes + model->trainer.best_class(static_cast<std::uint32_t>(i))];
    }
    progress->step(begin + here, "");
  }
  return true;
}

void print_json(const Confusion& m, std::size_t samples, const std::vector<std::string>& classes) {
  JsonWriter json;
  json.begin_object();
  json.field("samples", static_cast<std::uint64_t>(samples));
  json.field("accuracy", accuracy(m));
  json.field("balanced_accuracy", balanced_accuracy(m));
  json.key("classes");
  json.begin_list();
  for (const std::string& name : classes) json.text(name);
  json.end_list();
  json.key("confusion");
  json.begin_list();
  for (std::size_t c = 0; c < m.classes; ++c) {
    json.begin_list();
    for (std::size_t k = 0; k < m.classes; ++k) json.number(m.at(c, k));
    json.end_list();
  }
  json.end_list();
  json.end_object();
  json.print();
}

void print_text(const Confusion& m, std::size_t samples, const std::vector<std::string>& classes) {
  std::printf("samples: %zu\naccuracy: %s\nbalanced accuracy: %s\n\n", samples,
              percent_text(accuracy(m)).c_str(), percent_text(balanced_accuracy(m)).c_str());
  int width = 5;
  std::vector<std::string> names;
  for (const std::string& name : classes) names.push_back(one_line(name));
  for (const std::string& name : names)
    width = static_cast<int>(name.size()) > width ? static_cast<int>(name.size()) : width;
  std::printf("%-*s  precision     recall    samples\n", width, "class");
  for (std::size_t c = 0; c < m.classes; ++c)
    std::printf("%-*s  %9s  %9s  %9llu\n", width, names[c].c_str(),
                percent_text(ratio(m.at(c, c), m.column(c))).c_str(),
                percent_text(ratio(m.at(c, c), m.row(c))).c_str(),
                static_cast<unsigned long long>(m.row(c)));
  std::printf(
      "\nconfusion matrix: rows are true classes, columns predicted ones in the same "
      "order\n");
  for (std::size_t c = 0; c < m.classes; ++c) {
    std::printf("%-*s", width, names[c].c_str());
    for (std::size_t k = 0; k < m.classes; ++k)
      std::printf(" %6llu", static_cast<unsigned long long>(m.at(c, k)));
    std::printf("\n");
  }
}

}  // namespace

bool run_eval(const Options& options, Error* error) {
  exit_on_interrupts();
  LoadedModel model;
  Dataset data;
  if (!require_option(options, "data", error) || !model.open(options, kSamplesAtOnce, error) ||
      !open_data(options, &model, &data, error) ||
      !check_outputs(model.job, data.classes().size(), "name the classes with --classes", error))
    return false;
  const Part part = part_of(options.text("part"));
  if (data.size(part) == 0)
    return error->fail(kExitData, options.text("data") + ": expected a part '" +
                                      options.text("part") + "' with samples, found none");
  Confusion m(data.classes().size());
  {
    Progress progress(options.flag("quiet"));
    if (data.is_undivided() && part == Part::test)
      progress.line("note: " + options.text("data") + " has no test part; all " +
                    std::to_string(data.size(part)) + " samples are evaluated");
    if (!count_samples(&data, part, &model, &progress, &m, error)) return false;
  }
  if (options.flag("json"))
    print_json(m, data.size(part), data.classes());
  else
    print_text(m, data.size(part), data.classes());
  return true;
}

}  // namespace hone
