#pragma once
#include <cstdint>

#include "hone/job.hpp"
#include "hone/span.hpp"

namespace hone {

/// Where samples go.
struct Samples {
  float* x = nullptr;               ///< [n, inputs], in the order of the model's input
  std::uint16_t* labels = nullptr;  ///< [n], each below the number of classes; null under mse
  float* targets = nullptr;         ///< [n, outputs] under mse, else null
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
  double loss_sum = 0;  ///< of the samples' losses
  double mean_loss() const { return samples ? loss_sum / static_cast<double>(samples) : 0.0; }
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
  float* input() { return floats(program().layer[0].y); }
  /// [n, classes], of the last predict() or evaluate().
  const float* outputs() const { return floats(program().layer[program().n - 1].y); }
  /// The index of the largest output of sample i.
  std::uint32_t best_class(std::uint32_t i) const;
  /// Softmax of the outputs of sample i into p[classes].
  void probabilities(std::uint32_t i, float* p) const;

  /// 0, or at least 2^-40 and finite; in force from the next step.
  Status set_learning_rate(float lr);
  std::uint64_t steps() const { return steps_; }
  /// For a resumed run: the optimizer steps done so far.
  void set_steps(std::uint64_t steps) { steps_ = steps; }

  /// Parameters of a layer; empty where it has none. Whoever writes there keeps |w| >= 2^-40 or 0.
  Span<float> weights(int layer) const;
  Span<float> biases(int layer) const;
  /// Their velocity; empty without momentum or for a frozen layer.
  Span<float> weight_velocity(int layer) const;
  Span<float> bias_velocity(int layer) const;

  const ProgramView& program() const { return job_.program; }
  const Kernels& kernels() const { return *kernels_; }

 private:
  float* floats(std::uint32_t offset) const { return reinterpret_cast<float*>(arena_ + offset); }
  Samples samples() const;
  Pass pass(std::uint32_t first, std::uint32_t n, bool training) const;
  Status load(std::uint32_t first, std::uint32_t n, FillSamples fill, void* context) const;
  Status forward(const Pass& p) const;
  void losses(const Pass& p, float inv, StepResult& result) const;
  std::uint32_t backward(const Pass& p) const;
  std::uint32_t frozen_not_finite() const;

  JobView job_;
  const Kernels* kernels_ = nullptr;
  std::uint8_t* arena_ = nullptr;
  std::uint64_t seed_ = 0, steps_ = 0;
  float lr_ = 0;
};

/// SHA-256 of all parameters in model order, weight before bias (docs/CONTRACT.md).
void weights_sha256(const Trainer& trainer, std::uint8_t (&digest)[32]);

}  // namespace hone
