#include "hone/numeric.hpp"
#include "initialise.hpp"
#include "trainer_functions.hpp"

namespace hone::train {

namespace {

struct Parameters {
  float *w, *b;
  const LayerRun& l;
};
Parameters parameters_of(const TrainerState& s, const LayerRun& l) {
  return {s.at<float>(l.w), s.at<float>(l.b), l};
}

}  // namespace

void initialise_float(const TrainerState& s) {
  const ProgramView& v = s.program();
  for (int i = 0; i < v.n; ++i) {
    const LayerRun& l = v.layer[i];
    if (l.weights == 0) continue;
    initialise(l, s.seed, s.at<float>(l.w), s.at<float>(l.b));
    if (!v.has_momentum || !l.is(LayerRun::kTrained)) continue;
    for (std::uint32_t k = 0; k < l.weights; ++k) s.at<float>(l.sum_w)[k] = 0.0f;
    for (std::uint32_t k = 0; k < l.biases(); ++k) s.at<float>(l.sum_b())[k] = 0.0f;
  }
}

namespace {

HONE_HELPER float* outputs_of(const TrainerState& s) {
  return s.at<float>(s.program().layer[s.program().n - 1].y);
}

Samples samples_of(const TrainerState& s) {
  const ProgramView& v = s.program();
  Samples to;
  to.x = s.at<float>(v.layer[0].y);
  if (v.mse) {
    to.targets = s.at<float>(v.labels);
  } else {
    to.labels = s.at<std::uint16_t>(v.labels);
  }
  return to;
}

Pass pass_of(const TrainerState& s, std::uint32_t first, std::uint32_t n, bool training) {
  const ProgramView& v = s.program();
  Pass p;
  p.kernels = s.kernels;
  p.layer = v.layer;
  p.arena = s.arena;
  p.seed = s.seed;
  p.step = s.steps;
  p.first = first;
  p.n = n;
  p.training = training;
  const bool in_velocity = v.has_momentum && !v.decoupled_decay;
  p.update.lr = s.lr;
  p.update.shrink = in_velocity ? 0.0f : store_floor(s.lr * v.weight_decay);
  p.update.pull = in_velocity ? v.weight_decay : 0.0f;
  p.update.mu = v.mu;
  p.update.momentum = v.has_momentum;
  return p;
}

Status load(const TrainerState& s, std::uint32_t first, std::uint32_t n, FillSamples fill,
            void* context) {
  const ProgramView& v = s.program();
  const Samples to = samples_of(s);
  const Status status = fill(context, first, n, to);
  if (status != Status::ok) return status;
  const std::size_t outputs = std::size_t{n} * v.classes;
  if (v.mse && s.kernels->floor_all(to.targets, outputs)) return Status::not_finite;
  return check_labels(v, to.labels, n);
}

Status forward(const TrainerState& s, const Pass& p) {
  const ProgramView& v = s.program();
  if (p.kernels->floor_all(s.at<float>(v.layer[0].y), std::size_t{p.n} * v.inputs))
    return Status::not_finite;
  run_forward(s, p);
  return p.kernels->any_not_finite(outputs_of(s), std::size_t{p.n} * v.classes) ? Status::not_finite
                                                                                : Status::ok;
}

HONE_HELPER std::uint32_t best_class(const TrainerState& s, std::uint32_t i) {
  const std::uint32_t classes = s.program().classes;
  const float* const z = outputs_of(s) + std::size_t{i} * classes;
  std::uint32_t best = 0;
  for (std::uint32_t c = 1; c < classes; ++c)
    if (z[c] > z[best]) best = c;
  return best;
}

HONE_APART void losses(const TrainerState& s, const Pass& p, float inv, StepResult& result) {
  const ProgramView& v = s.program();
  const Samples from = samples_of(s);
  float* const lanes = s.at<float>(v.loss_lanes);
  for (std::uint32_t i = 0; i < p.n; ++i) {
    float* const z = outputs_of(s) + std::size_t{i} * v.classes;
    float& lane = lanes[(p.first + i) % kLanes];
    if (v.mse) {
      lane += p.kernels->squared_error(z, from.targets + std::size_t{i} * v.classes, v.classes, inv,
                                       true);
    } else {
      if (best_class(s, i) == from.labels[i]) ++result.correct;
      lane += p.kernels->cross_entropy(z, v.classes, from.labels[i], inv, true);
    }
  }
}

// The update sweep looks at what it writes; frozen parameters are looked at here, since relu and
// pooling can hide a NaN on its way to the outputs.
HONE_APART std::uint32_t frozen_not_finite(const TrainerState& s) {
  std::uint32_t flags = 0;
  for (int i = 1; i < s.program().n; ++i) {
    const Parameters p = parameters_of(s, s.program().layer[i]);
    if (p.l.is(LayerRun::kTrained)) continue;
    flags |= s.kernels->any_not_finite(p.w, p.l.weights);
    flags |= s.kernels->any_not_finite(p.b, p.l.biases());
  }
  return flags;
}

}  // namespace

Status step_float(TrainerState& s, std::uint32_t n, FillSamples fill, void* context,
                  StepResult& result) {
  const ProgramView& v = s.program();
  // The gradient of the mean: over samples, and under mse over outputs too.
  const float inv = 1.0f / static_cast<float>(v.mse ? std::uint64_t{n} * v.classes : n);
  float* const lanes = s.at<float>(v.loss_lanes);
  for (int i = 0; i < kLanes; ++i) lanes[i] = 0.0f;
  std::uint32_t flags = 0;
  for (std::uint32_t first = 0; first < n; first += v.micro) {
    const std::uint32_t here = n - first < v.micro ? n - first : v.micro;
    result.velocity_valid = first == 0 || !v.has_momentum;
    Status status = load(s, first, here, fill, context);
    if (status != Status::ok) return status;
    if (first == 0 && frozen_not_finite(s)) return Status::not_finite;
    Pass p = pass_of(s, first, here, true);
    p.update.first = first == 0;
    p.update.last = first + here == n;
    status = forward(s, p);
    if (status != Status::ok) return status;
    losses(s, p, inv, result);
    result.loss = sum_lanes(lanes) * inv;
    if (is_not_finite(result.loss)) return Status::not_finite;
    flags |= run_backward(s, p);
  }
  result.velocity_valid = flags == 0 || !v.has_momentum;
  if (flags) return Status::not_finite;
  ++s.steps;
  return Status::ok;
}

namespace {

Status evaluate(const TrainerState& s, std::uint32_t n, FillSamples fill, void* context,
                Evaluation& sums) {
  const ProgramView& v = s.program();
  Status status = load(s, 0, n, fill, context);
  if (status != Status::ok) return status;
  status = forward(s, pass_of(s, 0, n, false));
  if (status != Status::ok) return status;
  const Samples from = samples_of(s);
  for (std::uint32_t i = 0; i < n; ++i) {
    float* const z = outputs_of(s) + std::size_t{i} * v.classes;
    float loss = 0;
    if (v.mse) {
      loss = s.kernels->squared_error(z, from.targets + std::size_t{i} * v.classes, v.classes, 0,
                                      false) /
             static_cast<float>(v.classes);
    } else {
      if (best_class(s, i) == from.labels[i]) ++sums.correct;
      loss = s.kernels->cross_entropy(z, v.classes, from.labels[i], 0, false);
    }
    sums.loss_sum += static_cast<double>(loss);
  }
  sums.samples += n;
  return Status::ok;
}

Status predict(const TrainerState& s, std::uint32_t n) {
  return forward(s, pass_of(s, 0, n, false));
}

}  // namespace

extern const TrainerFunctions kFloat;
constexpr TrainerFunctions kFloat = {initialise_float, step_float, evaluate, predict, best_class};

}  // namespace hone::train
