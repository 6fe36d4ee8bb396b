#include "hone/trainer.hpp"

#include <cstring>

#include "trainer_functions.hpp"

namespace hone {

Status Trainer::begin(const JobView& job, Span<std::uint8_t> arena, std::uint64_t seed,
                      const Kernels& kernels) {
  if (!job.program.layer || job.program.n < 2 || !job.functions || !arena.data)
    return Status::bad_argument;
  if (reinterpret_cast<std::uintptr_t>(arena.data) % kAlignment != 0) return Status::bad_argument;
  if (arena.size < job.program.bytes) return Status::too_large;
  state_ = TrainerState{};
  state_.job = job;
  state_.kernels = &kernels;
  state_.arena = arena.data;
  state_.seed = seed;
  state_.lr = job.program.lr;
  return Status::ok;
}

Status Trainer::init(const JobView& job, Span<std::uint8_t> arena, std::uint64_t seed,
                     const Kernels& kernels) {
  if (!job.trainer) return Status::bad_argument;
  const Status status = begin(job, arena, seed, kernels);
  if (status != Status::ok) return status;
  job.trainer->initialise(state_);
  return Status::ok;
}

Status Trainer::begin_step(std::uint32_t n, StepResult& result) const {
  result = StepResult{};
  return program().training && n != 0 && n <= program().batch ? Status::ok : Status::bad_argument;
}

Status Trainer::step(std::uint32_t n, FillSamples fill, void* context, StepResult& result) {
  const Status status = begin_step(n, result);
  if (status != Status::ok) return status;
  return state_.job.trainer->step(state_, n, fill, context, result);
}

Status Trainer::evaluate(std::uint32_t n, FillSamples fill, void* context, Evaluation& sums) {
  if (!program().training || n == 0 || n > program().micro) return Status::bad_argument;
  return state_.job.trainer->evaluate(state_, n, fill, context, sums);
}

Status Trainer::predict(std::uint32_t n) {
  if (n == 0 || n > program().micro) return Status::bad_argument;
  return state_.job.trainer->predict(state_, n);
}

std::uint32_t Trainer::best_class(std::uint32_t i) const {
  return state_.job.trainer->best_class(state_, i);
}

namespace {

struct SamplesInMemory {
  const float* x;
  const std::uint16_t* labels;
  std::uint32_t inputs;
};

Status copy_samples(void* context, std::uint32_t first, std::uint32_t n, const Samples& to) {
  const SamplesInMemory& from = *static_cast<const SamplesInMemory*>(context);
  if (!to.labels || !to.x) return Status::bad_argument;
  std::memcpy(to.x, from.x + std::size_t{first} * from.inputs,
              std::size_t{n} * from.inputs * sizeof(float));
  std::memcpy(to.labels, from.labels + first, n * sizeof(std::uint16_t));
  return Status::ok;
}

}  // namespace

Status Trainer::step(const float* x, const std::uint16_t* labels, std::uint32_t n,
                     StepResult& result) {
  SamplesInMemory from{x, labels, program().inputs};
  return step(n, copy_samples, &from, result);
}

Status Trainer::set_learning_rate(float lr) {
  // is_rate() and is_integer_rate() on the bits, for cores without floating point.
  std::uint32_t bits;
  std::memcpy(&bits, &lr, sizeof bits);
  constexpr std::uint32_t kLeast = 0x2B800000u, kIntegerEnd = 0x46800000u, kInfinity = 0x7F800000u;
  const std::uint32_t end = program().numeric == Numeric::f32 ? kInfinity : kIntegerEnd;
  if (bits != 0 && (bits < kLeast || bits >= end)) return Status::bad_argument;
  state_.lr = lr;
  return Status::ok;
}

namespace {

template <class T>
Span<T> tensor(const TrainerState& s, Numeric numeric, std::uint32_t offset, std::uint32_t size) {
  return {s.at<T>(offset), s.program().numeric == numeric ? size : 0};
}
bool has_velocity(const TrainerState& s, int layer) {
  return s.program().has_momentum && s.program().layer[layer].is(LayerRun::kTrained);
}

}  // namespace

Span<float> Trainer::weights(int layer) const {
  const LayerRun& l = program().layer[layer];
  return tensor<float>(state_, Numeric::f32, l.w, l.weights);
}

Span<float> Trainer::biases(int layer) const {
  const LayerRun& l = program().layer[layer];
  return tensor<float>(state_, Numeric::f32, l.b, l.biases());
}

Span<float> Trainer::weight_velocity(int layer) const {
  const LayerRun& l = program().layer[layer];
  return tensor<float>(state_, Numeric::f32, l.sum_w, has_velocity(state_, layer) ? l.weights : 0);
}

Span<float> Trainer::bias_velocity(int layer) const {
  const LayerRun& l = program().layer[layer];
  return tensor<float>(state_, Numeric::f32, l.sum_b(),
                       has_velocity(state_, layer) ? l.biases() : 0);
}

Span<std::int16_t> Trainer::weight_mantissas(int layer) const {
  const LayerRun& l = program().layer[layer];
  return tensor<std::int16_t>(state_, Numeric::w16a8, l.w, l.weights);
}

Span<std::int32_t> Trainer::bias_mantissas(int layer) const {
  const LayerRun& l = program().layer[layer];
  return tensor<std::int32_t>(state_, Numeric::w16a8, l.b, l.biases());
}

namespace {

/// The velocity of weights of w16a8, if it consists of T.
template <class T>
Span<T> weight_velocity_of(const TrainerState& s, int layer) {
  const LayerRun& l = s.program().layer[layer];
  const bool exists = has_velocity(s, layer) && s.program().velocity16 == (sizeof(T) == 2);
  return tensor<T>(s, Numeric::w16a8, l.velocity_w, exists ? l.weights : 0);
}

}  // namespace

Span<std::int32_t> Trainer::weight_velocity_mantissas(int layer) const {
  return weight_velocity_of<std::int32_t>(state_, layer);
}
Span<std::int16_t> Trainer::weight_velocity16_mantissas(int layer) const {
  return weight_velocity_of<std::int16_t>(state_, layer);
}

Span<std::int32_t> Trainer::bias_velocity_mantissas(int layer) const {
  const LayerRun& l = program().layer[layer];
  return tensor<std::int32_t>(state_, Numeric::w16a8, l.velocity_b(),
                              has_velocity(state_, layer) ? l.biases() : 0);
}

Span<Scale> Trainer::scales() const {
  const std::uint32_t n = static_cast<std::uint32_t>(kScalesPerLayer * program().n);
  return tensor<Scale>(state_, Numeric::w16a8, program().scales, n);
}

LayerCounters* Trainer::counters(int layer) const {
  const bool exist = program().training && program().numeric == Numeric::w16a8 && layer > 0;
  return exist ? state_.at<LayerCounters>(program().counters) + layer - 1 : nullptr;
}

Status Trainer::set_input_exponent(int e) {
  if (e < Scale::kLowest || e > Scale::kHighest) return Status::bad_argument;
  state_.input_exponent = e;
  return Status::ok;
}

}  // namespace hone
