#pragma once
#include <cstdint>

#include "hone/job.hpp"
#include "hone/span.hpp"

namespace hone {

/// Where samples go: to x and targets, or under w16a8 to their mantissas.
struct Samples {
  float* x = nullptr;               ///< [n, inputs], in the order of the model's input
  std::uint16_t* labels = nullptr;  ///< [n], each below the number of classes; null under mse
  float* targets = nullptr;         ///< [n, outputs] under mse, else null
  /// -127 .. 127, in units of 2^Trainer::input_exponent(); what lies outside is cut.
  std::int8_t* x_mantissas = nullptr;
  std::int32_t* target_mantissas = nullptr;  ///< in units of 2^kTargetExponent
};
/// Writes samples first .. first + n of the current batch. Any Status but ok ends the step with it.
using FillSamples = Status (*)(void* context, std::uint32_t first, std::uint32_t n,
                               const Samples& to);

struct StepResult {
  float loss = 0;             ///< mean over the batch
  std::uint32_t correct = 0;  ///< samples whose largest output was that of their label
  /// False after an error in the middle of a split batch with momentum, when the velocity holds a
  /// piece of the gradient, and after one that the update itself ran into. Weights are untouched
  /// unless the new weights themselves are not finite.
  bool velocity_valid = true;
};

struct Evaluation {
  std::uint64_t samples = 0, correct = 0;
  double loss_sum = 0;              ///< of the samples' losses
  std::int64_t loss_mantissas = 0;  ///< under w16a8, in units of 2^-16
  double mean_loss() const {
    const double sum = loss_sum + static_cast<double>(loss_mantissas) * 0x1p-16;
    return samples ? sum / static_cast<double>(samples) : 0.0;
  }
};

/// What a trainer knows beside its arena.
struct TrainerState {
  JobView job;
  const Kernels* kernels = nullptr;
  std::uint8_t* arena = nullptr;
  std::uint64_t seed = 0, steps = 0;
  float lr = 0;
  int input_exponent = -7;  ///< of w16a8: pixels halved to 0 .. 127 are numbers in [0, 1)

  const ProgramView& program() const { return job.program; }
  template <class T>
  T* at(std::uint32_t offset) const {
    return reinterpret_cast<T*>(arena + offset);
  }
};

/// Trains, evaluates and predicts in one arena of the caller. Holds no state of its own but the
/// number of steps: everything else is in the arena.
class Trainer {
 public:
  /// Initialises the parameters from the seed and clears the velocity. The arena must be aligned
  /// to kAlignment and outlive the trainer; the job too. too_large: the arena is smaller than the
  /// program; bad_argument: no program, or an arena off its alignment.
  Status init(const JobView& job, Span<std::uint8_t> arena, std::uint64_t seed,
              const Kernels& kernels = hone::kernels());

  /// One optimizer step on n <= batch samples, in micro-batches. The gradient is of the mean loss
  /// over these n. A step that ends in an error is not counted. bad_argument: n is 0 or above the
  /// batch, or the job is for inference; bad_label; not_finite: an input, an output, the loss or a
  /// parameter is NaN or infinite.
  Status step(std::uint32_t n, FillSamples fill, void* context, StepResult& result);
  /// The same for samples in memory: x [n, inputs], labels [n].
  Status step(const float* x, const std::uint16_t* labels, std::uint32_t n, StepResult& result);

  /// Adds n <= micro samples to `sums`, in evaluation mode. Errors as step().
  Status evaluate(std::uint32_t n, FillSamples fill, void* context, Evaluation& sums);

  /// Forward pass in evaluation mode of n <= micro samples that the caller has written to input().
  /// not_finite: an input or an output. Layers write over their input: write it again each time.
  Status predict(std::uint32_t n);
  float* input() { return state_.at<float>(program().layer[0].y); }
  /// [n, classes], of the last predict() or evaluate().
  const float* outputs() const { return state_.at<float>(program().layer[program().n - 1].y); }
  /// The index of the largest output of sample i.
  std::uint32_t best_class(std::uint32_t i) const;
  /// Softmax of the outputs of sample i into p[classes].
  void probabilities(std::uint32_t i, float* p) const;

  /// 0, or at least 2^-40 and finite; in force from the next step.
  Status set_learning_rate(float lr);
  std::uint64_t steps() const { return state_.steps; }
  /// For a resumed run: the optimizer steps done so far.
  void set_steps(std::uint64_t steps) { state_.steps = steps; }

  /// Parameters of a layer; empty where it has none. Whoever writes there keeps |w| >= 2^-40 or 0.
  Span<float> weights(int layer) const;
  Span<float> biases(int layer) const;
  /// Their velocity; empty without momentum or for a frozen layer.
  Span<float> weight_velocity(int layer) const;
  Span<float> bias_velocity(int layer) const;

  // w16a8 has these in place of input(), outputs() and the four above.

  /// Where the mantissas of predict() go; -128 counts as -127.
  std::int8_t* input_mantissas() { return state_.at<std::int8_t>(program().layer[0].y); }
  /// The exponent of all inputs, from the next call on. bad_argument: outside [-60, 60].
  Status set_input_exponent(int e);
  int input_exponent() const { return state_.input_exponent; }
  Span<std::int16_t> weight_mantissas(int layer) const;
  Span<std::int32_t> bias_mantissas(int layer) const;  ///< in units of 2^kBiasExponent
  /// One of the two is empty: Optimizer::velocity16 says which.
  Span<std::int32_t> weight_velocity_mantissas(int layer) const;
  Span<std::int16_t> weight_velocity16_mantissas(int layer) const;
  Span<std::int32_t> bias_velocity_mantissas(int layer) const;
  /// All exponents: of the outputs of the layers, of the gradients of these, of the weights.
  Span<Scale> scales() const;
  Scale& weight_scale(int layer) const {
    return scales()[2 * static_cast<std::size_t>(program().n) + static_cast<std::size_t>(layer)];
  }
  /// Of layer 1 and later ones, whoever reads them may clear them; null for an inference job.
  LayerCounters* counters(int layer) const;
  /// Raises the exponents of the outputs until the batch fits them; weights converted from floats
  /// need this once before evaluate() and predict(). A first step() does it by itself.
  Status calibrate(std::uint32_t n, FillSamples fill, void* context);

  const ProgramView& program() const { return state_.job.program; }
  const Kernels& kernels() const { return *state_.kernels; }

 private:
  template <Numeric>
  friend class StepTrainer;
  /// The part of init() and step() that is the same in each numeric.
  Status begin(const JobView& job, Span<std::uint8_t> arena, std::uint64_t seed,
               const Kernels& kernels);
  Status begin_step(std::uint32_t n, StepResult& result) const;

  TrainerState state_;
};

namespace train {
void initialise_float(const TrainerState&);
Status step_float(TrainerState&, std::uint32_t n, FillSamples, void* context, StepResult&);
void initialise_integer(const TrainerState&);
Status step_integer(TrainerState&, std::uint32_t n, FillSamples, void* context, StepResult&);
}  // namespace train

/// A trainer that only takes steps, in a numeric known to the compiler: with link-time optimisation
/// the one that its job needs, in 1 to 3 KB less. Functions as in Trainer.
template <Numeric kNumeric>
class StepTrainer {
 public:
  Status init(const JobView& job, Span<std::uint8_t> arena, std::uint64_t seed,
              const Kernels& kernels) {
    if (job.program.numeric != kNumeric) return Status::bad_argument;
    const Status status = trainer_.begin(job, arena, seed, kernels);
    if (status != Status::ok) return status;
    if constexpr (kNumeric == Numeric::f32) {
      train::initialise_float(trainer_.state_);
    } else {
      train::initialise_integer(trainer_.state_);
    }
    return Status::ok;
  }
  Status step(std::uint32_t n, FillSamples fill, void* context, StepResult& result) {
    const Status status = trainer_.begin_step(n, result);
    if (status != Status::ok) return status;
    if constexpr (kNumeric == Numeric::f32) {
      return train::step_float(trainer_.state_, n, fill, context, result);
    } else {
      return train::step_integer(trainer_.state_, n, fill, context, result);
    }
  }
  Status set_learning_rate(float lr) { return trainer_.set_learning_rate(lr); }
  Status set_input_exponent(int e) { return trainer_.set_input_exponent(e); }
  /// Its parameters, steps and program; not for evaluation or prediction.
  Trainer& parts() { return trainer_; }

 private:
  Trainer trainer_;
};

/// Mantissas and exponent of a tensor of floats: the largest magnitude keeps one bit to grow.
/// e is that of the result; all 0 gives the lowest.
void mantissas_of(Span<const float> from, Span<std::int16_t> to, Scale& scale);
void bias_mantissas_of(Span<const float> from, Span<std::int32_t> to);
/// The way back: mantissa * 2^e, exact but for what a float has no bits for (biases of 16 and
/// more) and what is below 2^-40, which is 0.
void floats_of(Span<const std::int16_t> from, int e, Span<float> to);
void bias_floats_of(Span<const std::int32_t> from, Span<float> to);

/// SHA-256 of all parameters in model order, weight before bias (docs/CONTRACT.md).
void weights_sha256(const Trainer& trainer, std::uint8_t (&digest)[32]);

}  // namespace hone
