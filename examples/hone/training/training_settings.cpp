#include "examples/hone/training/training_settings.hpp"

#include "hone/nearest_word.hpp"
#include "hone/scale.hpp"

namespace hone {
namespace {

std::string nearest_schedule(const std::string& word) {
  NearestWord near({word.data(), word.size()});
  for (const char* known : {"constant", "cosine", "step"}) near.consider(known);
  return near.best.size ? "; did you mean " + std::string(near.best.data, near.best.size) + "?"
                        : "";
}

}  // namespace

bool TrainingSettings::read_schedule(const std::string& text, Error* error) {
  const std::vector<std::string> part = split(text, ':');
  double v = 0;
  if (part[0] == "constant" && part.size() == 1) return true;
  if (part[0] == "cosine" && part.size() <= 2) {
    schedule_.kind = Schedule::Kind::cosine;
    if (part.size() == 1) return true;
    if (parse_real(part[1], &v) && is_rate(v)) {
      schedule_.lowest = v;
      return true;
    }
  }
  if (part[0] == "step" && part.size() == 3 && parse_count(part[1], &schedule_.period) &&
      schedule_.period >= 1 && schedule_.period <= 1000000 && parse_real(part[2], &v) && v > 0 &&
      v <= 1) {
    schedule_.kind = Schedule::Kind::step;
    schedule_.factor = v;
    return true;
  }
  return error->fail(kExitUsage,
                     "--schedule: expected constant, cosine, cosine:LOWEST with a rate, "
                     "or step:EPOCHS:FACTOR with a factor up to 1, found '" +
                         text + "'" + nearest_schedule(part[0]));
}

bool TrainingSettings::read_warmup(const std::string& text, Error* error) {
  constexpr std::uint64_t kMostSteps = std::uint64_t{1} << 40;
  if (!text.empty() && text.back() == '%') {
    double v = 0;
    if (parse_real(text.substr(0, text.size() - 1), &v) && v >= 0 && v < 100) {
      warmup_share_ = v / 100;
      return true;
    }
  } else if (parse_count(text, &warmup_steps_) && warmup_steps_ <= kMostSteps) {
    return true;
  }
  return error->fail(kExitUsage,
                     "--warmup: expected a number of optimizer steps, or a share of all "
                     "steps as 5%, found '" +
                         text + "'");
}

bool TrainingSettings::read(const Options& options, Error* error) {
  const struct {
    const char* name;
    double* to;
  } rates[] = {{"lr", &rule.lr}, {"weight-decay", &rule.decay}, {"momentum", &rule.mu}};
  for (const auto& rate : rates) {
    *rate.to = options.real(rate.name);
    if (!is_rate(*rate.to) || (rate.to == &rule.mu && rule.mu >= 1))
      return error->fail(kExitUsage, std::string("--") + rate.name +
                                         ": expected 0, or a number from 2^-40 (about 1e-12) to " +
                                         (rate.to == &rule.mu ? "below 1" : "1000000") +
                                         ", found " + options.text(rate.name));
  }
  rule.has_momentum = rule.mu > 0;
  rule.velocity16 = options.text("velocity") == "16";
  rule.decoupled_decay = options.text("decay") == "decoupled";
  rule.decays_bias = options.flag("decay-bias");
  batch_size = static_cast<int>(options.count("batch"));
  micro_batch_ = static_cast<int>(options.count("micro-batch"));
  has_budget_ = !options.text("ram").empty();
  ram_ = options.bytes("ram");
  epochs = options.count("epochs");
  seed = options.count("seed");
  drops_last = options.flag("drop-last");
  schedule_.lr = rule.lr;
  return read_schedule(options.text("schedule"), error) &&
         read_warmup(options.text("warmup"), error);
}

/// What w16a8 has no numbers for.
bool TrainingSettings::check_integer(Error* error) const {
  const struct {
    const char* name;
    double value;
  } rates[] = {{"lr", rule.lr}, {"weight-decay", rule.decay}, {"schedule", schedule_.lowest}};
  for (const auto& rate : rates)
    if (!is_integer_rate(rate.value))
      return error->fail(kExitUsage, std::string("--") + rate.name +
                                         ": expected 0, or a number from 2^-40 to below 16384 for "
                                         "--numeric w16a8, found " +
                                         decimal_text(rate.value) +
                                         "; use a smaller one, or --numeric f32");
  if (batch_size <= kMaxIntegerBatch) return true;
  return error->fail(kExitUsage, "--batch: expected at most " + std::to_string(kMaxIntegerBatch) +
                                     " for --numeric w16a8, found " + std::to_string(batch_size) +
                                     "; use a smaller one, or --numeric f32");
}

bool TrainingSettings::plan(const ModelSource& model, RuntimeJob* job, Error* error) const {
  if (rule.velocity16 && (model.numeric() != Numeric::w16a8 || !rule.has_momentum))
    return error->fail(kExitUsage,
                       "--velocity: expected 32 but for --numeric w16a8 with momentum, "
                       "found 16");
  if (model.numeric() == Numeric::w16a8 && !check_integer(error)) return false;
  const Batch wanted = batch(batch_size).micro(micro_batch_);
  if (has_budget_) return job->plan_within(model, rule, wanted, ram_, error);
  return job->plan(model, rule, wanted, PlanKind::training, error);
}

std::uint64_t TrainingSettings::steps_per_epoch(std::uint64_t samples) const {
  const auto size = static_cast<std::uint64_t>(batch_size);
  return drops_last ? samples / size : (samples + size - 1) / size;
}

Schedule TrainingSettings::schedule(std::uint64_t steps_per_epoch) const {
  Schedule s = schedule_;
  const std::uint64_t total = epochs * steps_per_epoch;
  s.warmup = warmup_steps_;
  if (warmup_share_ > 0)
    s.warmup = static_cast<std::uint64_t>(warmup_share_ * static_cast<double>(total) + 0.5);
  if (s.kind == Schedule::Kind::step) s.period = schedule_.period * steps_per_epoch;
  if (s.kind == Schedule::Kind::cosine) s.period = total > s.warmup ? total - s.warmup : 1;
  return s;
}

}  // namespace hone
