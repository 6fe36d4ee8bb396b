#include <cstdio>

#include "examples/hone/checkpoint/checkpoint_model.hpp"
#include "examples/hone/commands/json_writer.hpp"
#include "examples/hone/commands/plan_choices.hpp"
#include "examples/hone/training/training_setup.hpp"
#include "hone/decimal.hpp"
#include "ports/posix/directory.hpp"

namespace hone {
namespace {

bool ends_with_safetensors(const std::string& path) {
  const std::string end = ".safetensors";
  return path.size() > end.size() && path.compare(path.size() - end.size(), end.size(), end) == 0;
}

/// A stand-in for a rule whose numbers only the data tells: its text is as long as any can be.
std::string longest_rule(const std::string& rule, const RuntimeJob& job) {
  const std::string number(1 + kHexNumberChars, ' ');
  std::string out = rule;
  std::size_t numbers = 0;
  if (rule == "set") numbers = 2;
  if (rule == "columns") numbers = 2 * job.input().size();
  while (numbers-- > 0) out += number;
  return out;
}

std::vector<std::string> invented_classes(std::uint32_t n) {
  std::vector<std::string> out;
  for (std::uint32_t i = 0; i < n; ++i) out.push_back("class" + std::to_string(i));
  return out;
}

/// What layer i adds to the memory of outputs: nothing where it writes over an input.
std::uint64_t output_bytes(const RuntimeJob& job, int i) {
  for (int j = 0; j < i; ++j)
    if (job.layer(j).y == job.layer(i).y) return 0;
  return job.buffer(job.layer(i).y).bytes;
}

/// A plan and the sizes of the files of its run.
struct Prediction {
  TrainingSetup setup;
  std::uint64_t best_bytes = 0, last_bytes = 0;
  bool exact_classes = false;
  std::vector<PlanChoice> choices;  ///< with --ram
};

const char* workspace_text(const Batch& b) {
  return b.workspace == Workspace::fast ? "fast" : "least";
}
bool is_picked(const Prediction& p, const PlanChoice& c) {
  const Batch& b = p.setup.job.batch();
  return c.batch.in_memory() == b.in_memory() && c.batch.workspace == b.workspace;
}

bool open_model(const Options& options, Prediction* p, std::string* rule, Error* error) {
  const std::string& path = options.arguments()[0];
  p->setup.options = options;
  *rule = "set";
  if (posix::kind_of(path) != posix::PathKind::folder && !ends_with_safetensors(path)) {
    if (!p->setup.model.read(path, error)) return false;
    p->setup.choose_numeric(Numeric::f32);
    return true;
  }
  CheckpointFile base;
  p->setup.options.set_role(kFinetune);
  if (!base.open(path, error)) return false;
  if (base.from_hone()) *rule = base.text().normalise;
  p->setup.columns = base.columns();
  if (!read_checkpoint_model(base, options.text("model"), &p->setup.model, error)) return false;
  p->setup.choose_numeric(p->setup.model.numeric());
  return true;
}

/// Class names, normalisation and head: from the data, else as far as the options tell.
bool predict_text(Prediction* p, const std::string& rule, CheckpointText* text, Error* error) {
  TrainingSetup& s = p->setup;
  std::vector<std::string> classes;
  if (!read_classes(s.options, &classes, error)) return false;
  const bool has_data = !s.options.text("data").empty();
  p->exact_classes = has_data || !classes.empty();
  if (has_data) {
    if (!s.open_data(classes, error)) return false;
    classes = s.data.classes();
  }
  if (s.options.flag("replace-head") && p->exact_classes &&
      (!s.replace_head(classes.size(), error) || !s.plan(error)))
    return false;
  if (!p->exact_classes) classes = invented_classes(s.job.classes());
  if (!check_outputs(s.job, classes.size(), "add --replace-head to change the last layer", error))
    return false;
  text->seed = s.settings.seed;
  text->settings = s.options.settings_text();
  if (!has_data) {
    text->normalise = longest_rule(rule_or(s.options, rule), s.job);
  } else {
    const bool tunes = s.options.role() == kFinetune;
    const std::string automatic = tunes ? rule : automatic_rule(s.data);
    if (!s.data.set_normalisation(rule_or(s.options, automatic), error)) return false;
    text->normalise = s.data.normalisation_text();
  }
  return s.model.text(&text->model, error) && class_lines(classes, &text->classes, error) &&
         add_columns(has_data ? s.data.columns() : s.columns, text, error);
}

bool predict_files(Prediction* p, CheckpointText text, Error* error) {
  add_hashes(p->setup.job.model().numeric(), nullptr, &text);
  if (!checkpoint_file_bytes(text, p->setup.job, false, &p->best_bytes, error)) return false;
  text.extra.push_back({kVelocityHashKey, std::string(64, '0')});
  text.extra.push_back({kStateKey, RunState().text()});
  return checkpoint_file_bytes(text, p->setup.job, true, &p->last_bytes, error);
}

void print_choices(const Prediction& p, JsonWriter* json) {
  json->key("choices");
  json->begin_list();
  for (const PlanChoice& c : p.choices) {
    json->begin_object();
    json->field("micro_batch", static_cast<std::uint64_t>(c.batch.in_memory()));
    json->field("workspace", std::string(workspace_text(c.batch)));
    json->field("total_bytes", c.bytes);
    json->key("us_per_step");
    if (c.seconds > 0)
      json->number(1e6 * c.seconds);
    else
      json->null();
    json->key("picked");
    json->boolean(is_picked(p, c));
    json->end_object();
  }
  json->end_list();
}

void print_json(const Prediction& p) {
  const RuntimeJob& job = p.setup.job;
  const PlanTotals& t = job.totals();
  JsonWriter json;
  json.begin_object();
  json.field("numeric", std::string(word_of(job.model().numeric())));
  json.field("total_bytes", t.bytes);
  json.field("parameter_bytes", t.parameter_bytes);
  json.field("optimizer_bytes", t.optimizer_bytes);
  json.field("activation_bytes", t.activation_bytes());
  json.field("state_bytes", t.state_bytes);
  json.field("checkpoint_bytes", p.best_bytes);
  json.field("last_checkpoint_bytes", p.last_bytes);
  json.key("checkpoint_bytes_exact");
  json.boolean(p.exact_classes);
  json.field("macs_forward", t.macs_forward);
  json.field("macs_step", t.macs_step);
  json.field("parameters", t.parameters);
  json.field("batch", static_cast<std::uint64_t>(job.batch().size));
  json.field("micro_batch", static_cast<std::uint64_t>(job.batch().in_memory()));
  json.field("workspace", std::string(workspace_text(job.batch())));
  if (!p.choices.empty()) print_choices(p, &json);
  json.key("layers");
  json.begin_list();
  for (int i = 0; i < job.layers(); ++i) {
    const LayerShape& shape = job.layer(i).shape;
    json.begin_object();
    json.field("name", std::string(name_of(job.model().view(), i).chars));
    json.field("output", shape_text(shape.out));
    json.field("parameters", std::uint64_t{shape.weights} + shape.biases);
    json.field("macs", shape.macs);
    json.field("bytes", output_bytes(job, i));
    json.key("trained");
    json.boolean(job.layer(i).trained);
    json.end_object();
  }
  json.end_list();
  json.end_object();
  json.print();
}

void print_number(const char* name, std::uint64_t value) {
  std::printf("%-22s %15llu\n", name, static_cast<unsigned long long>(value));
}

void print_choices(const Prediction& p) {
  if (p.choices.empty()) return;
  std::printf("\n%-12s %-10s %15s %12s   on the %s kernels\n", "micro-batch", "workspace",
              "total bytes", "us a step", kernels().name);
  for (const PlanChoice& c : p.choices) {
    std::printf("%-12d %-10s %15llu", c.batch.in_memory(), workspace_text(c.batch),
                static_cast<unsigned long long>(c.bytes));
    if (c.seconds > 0)
      std::printf(" %12.0f", 1e6 * c.seconds);
    else
      std::printf(" %12s", "-");
    std::printf("%s\n", is_picked(p, c) ? "  picked" : "");
  }
}

void print_text(const Prediction& p) {
  const RuntimeJob& job = p.setup.job;
  const PlanTotals& t = job.totals();
  std::printf("%-24s %-14s %11s %13s %12s\n", "layer", "output", "parameters", "macs", "bytes");
  for (int i = 0; i < job.layers(); ++i) {
    const LayerPlan& layer = job.layer(i);
    std::printf(
        "%-24s %-14s %11llu %13llu %12llu%s\n", name_of(job.model().view(), i).chars,
        shape_text(layer.shape.out).c_str(),
        static_cast<unsigned long long>(std::uint64_t{layer.shape.weights} + layer.shape.biases),
        static_cast<unsigned long long>(layer.shape.macs),
        static_cast<unsigned long long>(output_bytes(job, i)),
        layer.shape.weights && !layer.trained ? "  frozen" : "");
  }
  std::printf("bytes: the output of a micro-batch of %d, of a batch of %d; 0 is in place\n\n",
              job.batch().in_memory(), job.batch().size);
  std::printf("%-22s %15s\n", "numeric", word_of(job.model().numeric()));
  print_number("parameters", t.parameters);
  print_number("parameter bytes", t.parameter_bytes);
  print_number("optimizer bytes", t.optimizer_bytes);
  print_number("activation bytes", t.activation_bytes());
  if (t.state_bytes) print_number("  exponents, counters", t.state_bytes);
  print_number("total bytes", t.bytes);
  print_number("checkpoint bytes", p.best_bytes);
  print_number("checkpoint bytes, last", p.last_bytes);
  print_number("macs forward", t.macs_forward);
  print_number("macs step", t.macs_step);
  if (!p.exact_classes)
    std::printf(
        "checkpoint bytes are for classes named class0, class1, ...; --data or --classes "
        "makes them exact\n");
  print_choices(p);
}

}  // namespace

bool run_plan(const Options& options, Error* error) {
  Prediction p;
  std::string rule;
  CheckpointText text;
  if (!open_model(options, &p, &rule, error) || !p.setup.settings.read(p.setup.options, error) ||
      !p.setup.plan(error) || !predict_text(&p, rule, &text, error) ||
      !predict_files(&p, text, error))
    return false;
  if (!p.setup.options.text("ram").empty())
    p.choices = plan_choices(p.setup.job, p.setup.settings.rule);
  if (options.flag("json"))
    print_json(p);
  else
    print_text(p);
  return true;
}

}  // namespace hone
