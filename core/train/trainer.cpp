#include "hone/trainer.hpp"

#include <cstring>

#include "hone/numeric.hpp"
#include "hone/sha256.hpp"
#include "initialise.hpp"

namespace hone {

Status Trainer::init(const JobView& job, Span<std::uint8_t> arena, std::uint64_t seed,
                     const Kernels& kernels) {
  if (!job.program.layer || job.program.n < 2 || !job.table || !arena.data)
    return Status::bad_argument;
  if (reinterpret_cast<std::uintptr_t>(arena.data) % kAlignment != 0) return Status::bad_argument;
  if (arena.size < job.program.bytes) return Status::too_large;
  job_ = job;
  kernels_ = &kernels;
  arena_ = arena.data;
  seed_ = seed;
  steps_ = 0;
  lr_ = job.program.lr;
  for (int i = 0; i < program().n; ++i) {
    const LayerRun& l = program().layer[i];
    if (l.weights == 0) continue;
    initialise(l, seed, floats(l.w), floats(l.b));
    for (float& v : weight_velocity(i)) v = 0.0f;
    for (float& v : bias_velocity(i)) v = 0.0f;
  }
  return Status::ok;
}

Samples Trainer::samples() const {
  Samples to;
  to.x = floats(program().layer[0].y);
  if (program().mse) {
    to.targets = floats(program().labels);
  } else {
    to.labels = reinterpret_cast<std::uint16_t*>(arena_ + program().labels);
  }
  return to;
}

Pass Trainer::pass(std::uint32_t first, std::uint32_t n, bool training) const {
  const ProgramView& v = program();
  Pass p;
  p.kernels = kernels_;
  p.layer = v.layer;
  p.arena = arena_;
  p.seed = seed_;
  p.step = steps_;
  p.first = first;
  p.n = n;
  p.training = training;
  const bool in_velocity = v.has_momentum && !v.decoupled_decay;
  p.update.lr = lr_;
  p.update.shrink = in_velocity ? 0.0f : store_floor(lr_ * v.weight_decay);
  p.update.pull = in_velocity ? v.weight_decay : 0.0f;
  p.update.mu = v.mu;
  p.update.momentum = v.has_momentum;
  return p;
}

Status Trainer::load(std::uint32_t first, std::uint32_t n, FillSamples fill, void* context) const {
  const ProgramView& v = program();
  const Samples to = samples();
  const Status status = fill(context, first, n, to);
  if (status != Status::ok) return status;
  const std::size_t outputs = std::size_t{n} * v.classes;
  if (v.mse && kernels_->floor_all(to.targets, outputs)) return Status::not_finite;
  for (std::uint32_t i = 0; i < n && !v.mse; ++i)
    if (to.labels[i] >= v.classes) return Status::bad_label;
  return Status::ok;
}

Status Trainer::forward(const Pass& p) const {
  const ProgramView& v = program();
  if (kernels_->floor_all(floats(v.layer[0].y), std::size_t{p.n} * v.inputs))
    return Status::not_finite;
  for (int i = 1; i < v.n; ++i) {
    const LayerRun& l = v.layer[i];
    job_.table->forward[static_cast<int>(l.op)](p, l);
  }
  return kernels_->any_not_finite(outputs(), std::size_t{p.n} * v.classes) ? Status::not_finite
                                                                           : Status::ok;
}

void Trainer::losses(const Pass& p, float inv, StepResult& result) const {
  const ProgramView& v = program();
  const Samples from = samples();
  float* const lanes = floats(v.loss_lanes);
  float* const out = floats(v.layer[v.n - 1].y);
  for (std::uint32_t i = 0; i < p.n; ++i) {
    float* const z = out + std::size_t{i} * v.classes;
    float& lane = lanes[(p.first + i) % kLanes];
    if (v.mse) {
      lane += kernels_->squared_error(z, from.targets + std::size_t{i} * v.classes, v.classes, inv,
                                      true);
    } else {
      if (best_class(i) == from.labels[i]) ++result.correct;
      lane += kernels_->cross_entropy(z, v.classes, from.labels[i], inv, true);
    }
  }
}

std::uint32_t Trainer::backward(const Pass& p) const {
  const ProgramView& v = program();
  std::uint32_t flags = 0;
  for (int i = v.n - 1; i > 0; --i) {
    const LayerRun& l = v.layer[i];
    if (l.is(LayerRun::kBackward)) flags |= job_.table->backward[static_cast<int>(l.op)](p, l);
  }
  return flags;
}

Status Trainer::step(std::uint32_t n, FillSamples fill, void* context, StepResult& result) {
  const ProgramView& v = program();
  result = StepResult{};
  if (!v.training || n == 0 || n > v.batch) return Status::bad_argument;
  // The gradient of the mean: over samples, and under mse over outputs too.
  const float inv = 1.0f / static_cast<float>(v.mse ? std::uint64_t{n} * v.classes : n);
  float* const lanes = floats(v.loss_lanes);
  for (int i = 0; i < kLanes; ++i) lanes[i] = 0.0f;
  std::uint32_t flags = 0;
  for (std::uint32_t first = 0; first < n; first += v.micro) {
    const std::uint32_t here = n - first < v.micro ? n - first : v.micro;
    result.velocity_valid = first == 0 || !v.has_momentum;
    Status status = load(first, here, fill, context);
    if (status != Status::ok) return status;
    if (first == 0 && frozen_not_finite()) return Status::not_finite;
    Pass p = pass(first, here, true);
    p.update.first = first == 0;
    p.update.last = first + here == n;
    status = forward(p);
    if (status != Status::ok) return status;
    losses(p, inv, result);
    result.loss = sum_lanes(lanes) * inv;
    if (is_not_finite(result.loss)) return Status::not_finite;
    flags |= backward(p);
  }
  result.velocity_valid = flags == 0 || !v.has_momentum;
  if (flags) return Status::not_finite;
  ++steps_;
  return Status::ok;
}

namespace {

struct SamplesInMemory {
  const float* x;
  const std::uint16_t* labels;
  std::uint32_t inputs;
};

Status copy_samples(void* context, std::uint32_t first, std::uint32_t n, const Samples& to) {
  const SamplesInMemory& from = *static_cast<const SamplesInMemory*>(context);
  if (!to.labels) return Status::bad_argument;
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

Status Trainer::evaluate(std::uint32_t n, FillSamples fill, void* context, Evaluation& sums) {
  const ProgramView& v = program();
  if (!v.training || n == 0 || n > v.micro) return Status::bad_argument;
  Status status = load(0, n, fill, context);
  if (status != Status::ok) return status;
  status = forward(pass(0, n, false));
  if (status != Status::ok) return status;
  const Samples from = samples();
  for (std::uint32_t i = 0; i < n; ++i) {
    float* const z = floats(v.layer[v.n - 1].y) + std::size_t{i} * v.classes;
    float loss = 0;
    if (v.mse) {
      loss = kernels_->squared_error(z, from.targets + std::size_t{i} * v.classes, v.classes, 0,
                                     false) /
             static_cast<float>(v.classes);
    } else {
      if (best_class(i) == from.labels[i]) ++sums.correct;
      loss = kernels_->cross_entropy(z, v.classes, from.labels[i], 0, false);
    }
    sums.loss_sum += static_cast<double>(loss);
  }
  sums.samples += n;
  return Status::ok;
}

Status Trainer::predict(std::uint32_t n) {
  if (n == 0 || n > program().micro) return Status::bad_argument;
  return forward(pass(0, n, false));
}

std::uint32_t Trainer::best_class(std::uint32_t i) const {
  const float* const z = outputs() + std::size_t{i} * program().classes;
  std::uint32_t best = 0;
  for (std::uint32_t c = 1; c < program().classes; ++c)
    if (z[c] > z[best]) best = c;
  return best;
}

void Trainer::probabilities(std::uint32_t i, float* p) const {
  kernels_->softmax(p, outputs() + std::size_t{i} * program().classes, program().classes);
}

Status Trainer::set_learning_rate(float lr) {
  if (!is_rate(static_cast<double>(lr))) return Status::bad_argument;
  lr_ = lr;
  return Status::ok;
}

Span<float> Trainer::weights(int layer) const {
  const LayerRun& l = program().layer[layer];
  return {floats(l.w), l.weights};
}

Span<float> Trainer::biases(int layer) const {
  const LayerRun& l = program().layer[layer];
  return {floats(l.b), l.biases};
}

Span<float> Trainer::weight_velocity(int layer) const {
  const LayerRun& l = program().layer[layer];
  const bool has = program().has_momentum && l.is(LayerRun::kTrained);
  return {floats(l.sum_w), has ? l.weights : 0};
}

Span<float> Trainer::bias_velocity(int layer) const {
  const LayerRun& l = program().layer[layer];
  const bool has = program().has_momentum && l.is(LayerRun::kTrained);
  return {floats(l.sum_b), has ? l.biases : 0};
}

// The update sweep looks at what it writes; frozen parameters are looked at here, since relu and
// pooling can hide a NaN on its way to the outputs.
std::uint32_t Trainer::frozen_not_finite() const {
  std::uint32_t flags = 0;
  for (int i = 1; i < program().n; ++i) {
    if (program().layer[i].is(LayerRun::kTrained)) continue;
    flags |= kernels_->any_not_finite(weights(i).data, weights(i).size);
    flags |= kernels_->any_not_finite(biases(i).data, biases(i).size);
  }
  return flags;
}

void weights_sha256(const Trainer& trainer, std::uint8_t (&digest)[32]) {
  Sha256 hash;
  auto update = [&](Span<float> t) {
    hash.update({reinterpret_cast<const std::uint8_t*>(t.data), t.size * sizeof(float)});
  };
  for (int i = 1; i < trainer.program().n; ++i) {
    update(trainer.weights(i));
    update(trainer.biases(i));
  }
  hash.finish(digest);
}

}  // namespace hone
