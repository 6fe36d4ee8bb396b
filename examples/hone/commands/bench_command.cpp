#include <algorithm>
#include <chrono>

#include "examples/hone/bench/bench_report.hpp"
#include "examples/hone/bench/fma_peak.hpp"
#include "examples/hone/training/interrupt.hpp"
#include "examples/hone/training/sample_feed.hpp"
#include "examples/hone/training/training_setup.hpp"
#include "hone/sampler.hpp"

namespace hone {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

/// Batches of the training part, epoch after epoch.
class BatchLoop {
 public:
  BatchLoop(TrainingSetup* setup, Error* error)
      : seed_(setup->settings.seed), order_(setup->data.size(Part::train)) {
    feed_.data = &setup->data;
    feed_.program = &setup->job.view().program;
    feed_.error = error;
    feed_.order = &order_;
    start_epoch(0);
  }

  SampleFeed* feed() { return &feed_; }
  /// Moves to the next batch and returns its size.
  std::uint32_t next() {
    feed_.begin += size_;
    if (feed_.begin >= order_.size()) start_epoch(*feed_.epoch + 1);
    const std::size_t left = order_.size() - feed_.begin, batch = feed_.program->batch;
    size_ = static_cast<std::uint32_t>(left < batch ? left : batch);
    return size_;
  }

 private:
  void start_epoch(std::uint64_t epoch) {
    epoch_order({order_.data(), order_.size()}, seed_, epoch);
    feed_.epoch = epoch;
    feed_.begin = 0;
    size_ = 0;
  }

  std::uint64_t seed_;
  std::vector<std::uint32_t> order_;
  SampleFeed feed_;
  std::uint32_t size_ = 0;
};

bool check_step(Status status, Error* error) {
  if (status == Status::ok) return true;
  if (status == Status::io_error) return false;  // the feed has said why
  if (status == Status::not_finite)
    return error->fail(kExitDiverged,
                       "diverged: expected finite numbers, found NaN or infinity; use a smaller "
                       "--lr or another --normalise");
  return error->fail(kExitInternal, std::string("training step: ") + to_string(status));
}

/// Repeats `step`, which returns the samples it took and 0 after an error, for so many seconds.
template <class Step>
bool measure(double seconds, Rate* rate, Error* error, Step step) {
  const Clock::time_point begin = Clock::now();
  do {
    if (interrupted()) return error->fail(kExitInterrupted, "interrupted");
    const std::uint32_t samples = step();
    if (samples == 0) return false;
    rate->samples += samples;
    rate->seconds = seconds_since(begin);
  } while (rate->seconds < seconds);
  return true;
}

bool measure_training(TrainingSetup* setup, Trainer* trainer, double seconds, Rate* rate,
                      Error* error) {
  BatchLoop batches(setup, error);
  return measure(seconds, rate, error, [&]() -> std::uint32_t {
    StepResult result;
    const std::uint32_t n = batches.next();
    return check_step(trainer->step(n, SampleFeed::fill, batches.feed(), result), error) ? n : 0;
  });
}

/// The forward pass of one sample, which is already in memory, from the trainer's `input`.
template <class T>
bool measure_inference_of(T* input, TrainingSetup* setup, Trainer* trainer, double seconds,
                          Rate* rate, Error* error) {
  std::vector<T> sample(setup->job.view().program.inputs);
  if (!setup->data.fill(Part::train, 0, std::nullopt, sample.data(), error)) return false;
  return measure(seconds, rate, error, [&]() -> std::uint32_t {
    std::copy(sample.begin(), sample.end(), input);
    return check_step(trainer->predict(1), error) ? 1 : 0;
  });
}

bool measure_inference(TrainingSetup* setup, Trainer* trainer, double seconds, Rate* rate,
                       Error* error) {
  return trainer->program().numeric == Numeric::f32
             ? measure_inference_of(trainer->input(), setup, trainer, seconds, rate, error)
             : measure_inference_of(trainer->input_mantissas(), setup, trainer, seconds, rate,
                                    error);
}

bool measure_layers(TrainingSetup* setup, StepProfile* profile, double seconds, Error* error) {
  Trainer trainer;
  const Status s =
      trainer.init(profile->job(), setup->job.arena(), setup->settings.seed, profile->kernels());
  if (!check_step(s, error) ||
      !check_step(trainer.set_input_exponent(setup->data.input_exponent()), error))
    return false;
  Rate rate;
  BatchLoop batches(setup, error);
  return measure(seconds, &rate, error, [&]() -> std::uint32_t {
    StepResult result;
    const std::uint32_t n = batches.next();
    return check_step(profile->step(&trainer, n, SampleFeed::fill, batches.feed(), &result), error)
               ? n
               : 0;
  });
}

bool prepare(const Options& options, TrainingSetup* setup, Error* error) {
  setup->options = options;
  if (!require_option(options, "data", error) || !setup->settings.read(options, error) ||
      !setup->model.read(options.arguments()[0], error))
    return false;
  setup->choose_numeric(Numeric::f32);
  if (!setup->plan(error) || !setup->open_data({}, error)) return false;
  const std::size_t classes = setup->data.classes().size();
  if (options.flag("replace-head") && (!setup->replace_head(classes, error) || !setup->plan(error)))
    return false;
  return check_outputs(setup->job, classes, "add --replace-head to change the last layer", error) &&
         setup->prepare_data(rule_or(options, automatic_rule(setup->data)), error);
}

}  // namespace

bool run_bench(const Options& options, Error* error) {
  exit_on_interrupts();
  TrainingSetup setup;
  Trainer trainer;
  if (!prepare(options, &setup, error) || !init_trainer(&setup, &trainer, error)) return false;
  Progress progress(options.flag("quiet"));
  const double seconds = options.real("seconds");
  progress.line(std::string("port ") + kernels().name + "; measuring for " + decimal_text(seconds) +
                " seconds");
  note_interrupts();
  StepProfile profile(setup.job.view(), kernels());
  BenchReport report(setup.job, profile);
  report.peak_gflops = fma_peak(kernels().name);
  if (!measure_training(&setup, &trainer, 0.4 * seconds, &report.training, error) ||
      !measure_inference(&setup, &trainer, 0.2 * seconds, &report.inference, error) ||
      !measure_layers(&setup, &profile, 0.4 * seconds, error))
    return false;
  if (options.flag("json"))
    report.print_json();
  else
    report.print_text();
  return true;
}

}  // namespace hone
