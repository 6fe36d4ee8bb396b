#include "examples/hone/training/training_run.hpp"

#include "examples/hone/training/counters_text.hpp"
#include "examples/hone/training/interrupt.hpp"
#include "hone/elementary.hpp"
#include "hone/sampler.hpp"
#include "ports/posix/directory.hpp"

namespace hone {
namespace {

double ratio(std::uint64_t a, std::uint64_t b) {
  return b ? static_cast<double>(a) / static_cast<double>(b) : 0.0;
}

}  // namespace

TrainingRun::TrainingRun(const TrainingSettings& settings, Dataset* data, const RuntimeJob& job,
                         Trainer* trainer, RunFolder* folder, const CheckpointText& text,
                         const std::string& data_hash, Progress* progress)
    : settings_(settings),
      data_(data),
      job_(job),
      trainer_(trainer),
      folder_(folder),
      text_(text),
      progress_(progress),
      steps_per_epoch_(settings.steps_per_epoch(data->size(Part::train))),
      schedule_(settings.schedule(steps_per_epoch_)) {
  state_.training_samples = data->size(Part::train);
  state_.data_hash = data_hash;
}

bool TrainingRun::check_steps(Error* error) const {
  if (steps_per_epoch_ > 0) return true;
  return error->fail(kExitUsage, "--drop-last: expected at least one whole batch of " +
                                     std::to_string(settings_.batch_size) + ", found " +
                                     std::to_string(data_->size(Part::train)) +
                                     " training samples; use a smaller --batch");
}

bool TrainingRun::score_start(Error* error) {
  PartScore score;
  if (!score_part(data_, Part::validation, trainer_, &score, error)) return false;
  state_.has_kept = true;
  state_.kept_accuracy = score.accuracy();
  state_.selection.begin(score);
  state_.kept_hash = weights_hash(*trainer_);
  progress_->line("before: validation accuracy " + percent_text(score.accuracy()));
  return true;
}

// last comes first: a run without best is resumed at step 0, where last has the same weights; one
// without last could not be resumed.
bool TrainingRun::write_start(Error* error) {
  return write_last(error) && (!state_.has_kept || write_best(error));
}

bool TrainingRun::check_state(const CheckpointFile& last, const RunState& state,
                              Error* error) const {
  if (state.training_samples != state_.training_samples)
    return error->fail(kExitData, last.name() + ": expected the " +
                                      std::to_string(state.training_samples) +
                                      " training samples that the run began with, found " +
                                      std::to_string(state_.training_samples) +
                                      "; restore the data or start a new run");
  if (state.data_hash != state_.data_hash)
    return error->fail(kExitData, last.name() +
                                      ": expected samples with the names, sizes and labels that "
                                      "the run began with (sha256 " +
                                      state.data_hash + "), found others (" + state_.data_hash +
                                      "); restore the data or start a new run");
  if (state.fits(last.text().step, steps_per_epoch_) && state.epoch == last.text().epoch &&
      state.epoch <= settings_.epochs)
    return true;
  return error->fail(
      kExitModel,
      last.name() + ": byte 8: expected the place of a run of " + std::to_string(steps_per_epoch_) +
          " steps an epoch and " + std::to_string(settings_.epochs) + " epochs, found step " +
          std::to_string(last.text().step) + " as epoch " + std::to_string(state.epoch) + " and " +
          std::to_string(state.place) + " steps; use an undamaged checkpoint");
}

/// The best checkpoint is the one that last tells of, or that of the epoch after it, if the run was
/// killed between writing the two: this epoch is then done again. Uses the trainer's memory.
bool TrainingRun::check_best(const CheckpointFile& last, const RunState& state, Error* error) {
  const bool missing = posix::kind_of(folder_->best()) == posix::PathKind::missing;
  if (missing && (!state.has_kept || last.text().step == 0)) return true;
  CheckpointFile best;
  if (!best.open(folder_->best(), error) || !best.load_weights(job_, *trainer_, -1, error))
    return false;
  const std::string found = weights_hash(*trainer_);
  if (state.has_kept && found == state.kept_hash) return true;
  if (best.text().epoch == state.epoch + 1 && best.text().settings == last.text().settings)
    return true;
  return error->fail(kExitModel, best.name() + ": expected " +
                                     (state.has_kept ? "weights with sha256 " + state.kept_hash +
                                                           ", as " + last.name() + " says,"
                                                     : "no file, as no epoch is finished,") +
                                     " found some with " + found +
                                     "; restore the file or start a new run");
}

bool TrainingRun::resume(const CheckpointFile& last, Error* error) {
  RunState state;
  const bool has_state = state.parse(last.metadata(kStateKey));
  if (has_state && (!check_state(last, state, error) || !check_best(last, state, error)))
    return false;
  if (!last.load_weights(job_, *trainer_, -1, error) || !last.load_velocity(job_, *trainer_, error))
    return false;
  if (!has_state || velocity_hash(*trainer_) != last.metadata(kVelocityHashKey))
    return error->fail(
        kExitModel,
        last.name() +
            ": byte 8: expected the state of a run and its "
            "velocity, found damaged ones or those of another version; start a new run");
  state_ = state;
  trainer_->set_steps(last.text().step);
  if (!folder_->read_results(state_.epoch, error)) return false;
  progress_->line("resumed after " + std::to_string(state_.epoch) + " epochs and " +
                  std::to_string(state_.place) + " steps");
  return steps() > 0 || !state_.has_kept || write_best(error);
}

std::string TrainingRun::left_over() const {
  if (!state_.has_kept) return "; no model is kept";
  return state_.kept_epoch == 0 ? "; the old model is kept" : "; the model selected so far is kept";
}

CheckpointText TrainingRun::text_now() const {
  CheckpointText text = text_;
  text.step = trainer_->steps();
  text.epoch = state_.epoch;
  add_hashes(job_.model().numeric(), trainer_, &text);
  return text;
}

bool TrainingRun::write_best(Error* error) {
  state_.kept_hash = weights_hash(*trainer_);
  return write_checkpoint_file(folder_->best(), text_now(), job_, *trainer_, false, error);
}

bool TrainingRun::write_last(Error* error) {
  CheckpointText text = text_now();
  text.extra.push_back({kVelocityHashKey, velocity_hash(*trainer_)});
  text.extra.push_back({kStateKey, state_.text()});
  return write_checkpoint_file(folder_->last(), text, job_, *trainer_, true, error);
}

bool TrainingRun::interrupt(Error* error) {
  if (!write_last(error)) return false;
  return error->fail(kExitInterrupted, "interrupted after step " + std::to_string(steps()) +
                                           "; to go on: --resume " + folder_->path());
}

bool TrainingRun::step(SampleFeed* feed, Error* error) {
  const std::size_t left = order_.size() - feed->begin;
  const auto size = static_cast<std::size_t>(settings_.batch_size);
  const auto n = static_cast<std::uint32_t>(left < size ? left : size);
  lr_ = learning_rate(schedule_, trainer_->steps());
  StepResult result;
  Status s = trainer_->set_learning_rate(lr_);
  if (s == Status::ok) s = trainer_->step(n, SampleFeed::fill, feed, result);
  if (s == Status::io_error) return false;
  if (s == Status::not_finite)
    return error->fail(kExitDiverged,
                       "diverged in step " + std::to_string(state_.place + 1) + " of epoch " +
                           std::to_string(state_.epoch + 1) +
                           ": expected finite numbers, found NaN or infinity" + left_over() +
                           "; use a smaller --lr or --warmup" +
                           (steps() == 0 ? ", or scale the inputs with --normalise" : ""));
  if (s != Status::ok)
    return error->fail(kExitInternal, std::string("training step: ") + to_string(s));
  state_.loss_sum += static_cast<double>(result.loss) * static_cast<double>(n);
  state_.correct += result.correct;
  state_.seen += n;
  ++state_.place;
  return true;
}

bool TrainingRun::run_epoch(Error* error) {
  epoch_order({order_.data(), order_.size()}, settings_.seed, state_.epoch);
  SampleFeed feed;
  feed.data = data_;
  feed.program = &trainer_->program();
  feed.error = error;
  feed.order = &order_;
  feed.epoch = state_.epoch;
  while (state_.place < steps_per_epoch_) {
    if (interrupted()) return interrupt(error);
    feed.begin =
        static_cast<std::size_t>(state_.place) * static_cast<std::size_t>(settings_.batch_size);
    if (!step(&feed, error)) return false;
    progress_->step(trainer_->steps(),
                    "epoch " + std::to_string(state_.epoch + 1) + "/" +
                        std::to_string(settings_.epochs) + "  loss " +
                        short_text(state_.loss_sum / static_cast<double>(state_.seen)) +
                        "  accuracy " + percent_text(ratio(state_.correct, state_.seen)));
  }
  return finish_epoch(error);
}

bool TrainingRun::check_loss(double loss, Error* error) {
  if (state_.epoch == 0) state_.first_loss = loss;
  const double limit = job_.view().program.mse ? 10 * state_.first_loss
                                               : 2 * log(static_cast<double>(job_.classes())) + 1;
  if (loss <= limit) return true;
  // The loss of a step is that before its update.
  const bool is_start = state_.epoch == 0 && steps_per_epoch_ == 1;
  return error->fail(kExitDiverged,
                     "diverged in epoch " + std::to_string(state_.epoch + 1) +
                         ": expected a mean loss of at most " + short_text(limit) + ", found " +
                         short_text(loss) + left_over() +
                         (is_start ? "; this is the loss of the first weights, before any update: "
                                     "the inputs may need --normalise"
                                   : "; use a smaller --lr or --warmup"));
}

std::string TrainingRun::result_row(const PartScore& score) const {
  const bool mse = job_.view().program.mse;  // its steps do not count hits
  std::string row = std::to_string(state_.epoch) + "," + std::to_string(trainer_->steps()) + "," +
                    decimal_text(static_cast<double>(lr_)) + "," + decimal_text(state_.train_loss) +
                    "," + (mse ? "" : decimal_text(ratio(state_.correct, state_.seen))) + ",";
  if (has_validation()) row += decimal_text(score.loss);
  row += ",";
  if (has_validation()) row += decimal_text(score.accuracy());
  return row;
}

void TrainingRun::tell_counters() {
  for (int i = 1; i < job_.layers(); ++i) {
    LayerCounters* const counters = trainer_->counters(i);
    if (!counters) return;
    const std::string what = counters_text(*counters);
    *counters = LayerCounters{};
    if (!what.empty())
      progress_->line("  " + std::string(name_of(job_.model().view(), i).chars) + ": " + what);
  }
}

bool TrainingRun::finish_epoch(Error* error) {
  const double loss = state_.loss_sum / static_cast<double>(state_.seen);
  if (!check_loss(loss, error)) return false;
  PartScore score;
  if (has_validation() && !score_part(data_, Part::validation, trainer_, &score, error))
    return error->exit_code == kExitInterrupted ? interrupt(error) : false;
  // The rate of the last step, also where a resumed run begins here.
  lr_ = learning_rate(schedule_, trainer_->steps() - 1);
  ++state_.epoch;
  state_.train_loss = loss;
  state_.validation_accuracy = score.accuracy();
  const std::string row = result_row(score);
  progress_->line("epoch " + std::to_string(state_.epoch) + "/" + std::to_string(settings_.epochs) +
                  ": loss " + short_text(loss) +
                  (has_validation() ? ", validation loss " + short_text(score.loss) +
                                          ", validation accuracy " + percent_text(score.accuracy())
                                    : ""));
  if (verbose_) tell_counters();
  state_.place = state_.correct = state_.seen = 0;
  state_.loss_sum = 0;
  const bool is_kept = !has_validation() || state_.selection.keeps(score);
  // last comes last: whatever happens before it, a resumed run does this epoch again.
  if (!folder_->add_result(row, error)) return false;
  if (is_kept) {
    state_.has_kept = true;
    state_.kept_epoch = state_.epoch;
    state_.kept_accuracy = score.accuracy();
    if (!write_best(error)) return false;
  }
  return write_last(error);
}

bool TrainingRun::run(Error* error) {
  order_.resize(data_->size(Part::train));
  progress_->start(trainer_->steps(), settings_.epochs * steps_per_epoch_);
  while (state_.epoch < settings_.epochs)
    if (!run_epoch(error)) return false;
  return true;
}

}  // namespace hone
