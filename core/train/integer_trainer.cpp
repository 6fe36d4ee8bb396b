#include <cstring>

#include "hone/random.hpp"
#include "integer_initialise.hpp"
#include "integer_outputs.hpp"
#include "layers/integer/ends.hpp"
#include "trainer_functions.hpp"

namespace hone::train {

namespace {

HONE_HELPER Scale& scale_of(const TrainerState& s, int kind, int layer) {
  return s.at<Scale>(s.program().scales)[kind * s.program().n + layer];
}

}  // namespace

void initialise_integer(const TrainerState& s) {
  const ProgramView& v = s.program();
  for (int i = 0; i < kScalesPerLayer * v.n; ++i) s.at<Scale>(v.scales)[i] = Scale{};
  if (v.training)
    std::memset(s.at<std::uint8_t>(v.counters), 0,
                static_cast<std::size_t>(v.n - 1) * sizeof(LayerCounters));
  for (int i = 0; i < v.n; ++i) {
    const LayerRun& l = v.layer[i];
    if (l.weights == 0) continue;
    scale_of(s, 2, i).e = scale_of(s, 2, i).now =
        initialise_mantissas(l, s.seed, s.at<std::int16_t>(l.w));
    std::memset(s.at<std::int32_t>(l.b), 0, l.biases() * sizeof(std::int32_t));
    if (!v.has_momentum || !l.is(LayerRun::kTrained)) continue;
    std::memset(s.at<std::uint8_t>(l.velocity_w), 0,
                l.weights * std::size_t{v.velocity16 ? 2u : 4u});
    std::memset(s.at<std::int32_t>(l.velocity_b()), 0, l.biases() * sizeof(std::int32_t));
  }
}

namespace {

HONE_HELPER Samples samples_of(const TrainerState& s) {
  const ProgramView& v = s.program();
  Samples to;
  to.x_mantissas = s.at<std::int8_t>(v.layer[0].y);
  if (v.mse) {
    to.target_mantissas = s.at<std::int32_t>(v.labels);
  } else {
    to.labels = s.at<std::uint16_t>(v.labels);
  }
  return to;
}

/// What a pass is for. Looking: sums say which exponents they want.
struct Use {
  bool training = false, looks = false, updates = false;
};

HONE_HELPER Multiplier multiplier_of_float(float x) {
  std::uint32_t bits;
  std::memcpy(&bits, &x, sizeof bits);
  return multiplier_from_bits(bits);
}

// The gradient of the mean over n samples, and under mse over their outputs too: the loss leaves
// the division, and the 2 of the squared error, to the rate.
HONE_HELPER IntegerPass shared_of(const TrainerState& s, std::uint32_t n, const Use& use) {
  const ProgramView& v = s.program();
  const Multiplier lr = multiplier_of_float(s.lr);
  IntegerPass p;
  p.leaves = s.kernels->integer;
  p.outputs = &scale_of(s, 0, 0);
  p.gradients = &scale_of(s, 1, 0);
  p.weights = &scale_of(s, 2, 0);
  p.counters = use.updates ? s.at<LayerCounters>(v.counters) : nullptr;
  p.looks = use.looks;
  Multiplier rate = quotient_of(lr, n);
  if (v.mse) {
    rate = quotient_of(rate, v.classes);
    --rate.shift;
  }
  p.update.rate = rate;
  p.update.decay = product_of(lr, multiplier_of_float(v.weight_decay));
  p.update.mu = multiplier_of_float(v.mu);
  p.update.momentum = v.has_momentum;
  p.update.velocity16 = v.velocity16;
  p.update.decoupled = v.decoupled_decay;
  p.update.stream = stream_of_step(s.seed, Purpose::weight_update, s.steps);
  return p;
}

HONE_HELPER Pass pass_of(const TrainerState& s, std::uint32_t first, std::uint32_t n,
                         const IntegerPass& shared, bool training) {
  const ProgramView& v = s.program();
  Pass p;
  p.layer = v.layer;
  p.arena = s.arena;
  p.seed = s.seed;
  p.step = s.steps;
  p.first = first;
  p.n = n;
  p.training = training;
  p.integer = &shared;
  return p;
}

HONE_APART Status load(const TrainerState& s, std::uint32_t first, std::uint32_t n,
                       FillSamples fill, void* context) {
  const ProgramView& v = s.program();
  const Samples to = samples_of(s);
  const Status status = fill(context, first, n, to);
  if (status != Status::ok) return status;
  return check_labels(v, to.labels, n);
}

HONE_APART void forward(const TrainerState& s, const Pass& p) {
  std::int8_t* const x = s.at<std::int8_t>(s.program().layer[0].y);
  const std::size_t inputs = std::size_t{p.n} * s.program().inputs;
  for (std::size_t i = 0; i < inputs; ++i)  // the one asymmetric code
    x[i] = x[i] < -kMaxMantissa8 ? std::int8_t{-kMaxMantissa8} : x[i];
  scale_of(s, 0, 0).now = static_cast<std::int8_t>(s.input_exponent);
  run_forward(s, p);
}

HONE_HELPER std::uint32_t best_class(const TrainerState& s, std::uint32_t i) {
  const std::int64_t* const z = outputs_of(s, i);
  std::uint32_t best = 0;
  for (std::uint32_t c = 1; c < s.program().classes; ++c)
    if (z[c] > z[best]) best = c;
  return best;
}

// The loss of one output from its target, in units of 2^-16, cut where it no longer tells anything.
HONE_HELPER std::int64_t squared_loss(std::int64_t difference, int e) {
  const std::int64_t d = clamp(rounded_shift(difference, -12 - e), std::int64_t{1} << 24);
  return d * d >> 8;
}

// Loss of sample i of a pass, in units of 2^-16. `dy` (null: not wanted), which may be the memory
// of the outputs of this sample and those before it, gets the gradient at exponent `gradient.e`.
HONE_HELPER std::int64_t loss_of(const TrainerState& s, const Pass& p, std::uint32_t i,
                                 std::int8_t* dy, Scale& gradient) {
  const ProgramView& v = s.program();
  const std::size_t classes = v.classes;
  const std::int64_t* const z = outputs_of(s, i);
  const int e = output_exponent(s);
  std::uint64_t seen = 0;
  std::int64_t loss = 0;
  if (v.mse) {
    const std::int32_t* const t = s.at<std::int32_t>(v.labels) + i * classes;
    for (std::size_t c = 0; c < classes; ++c) {
      const std::int64_t d = z[c] - rounded_shift(t[c], e - kTargetExponent);
      loss += squared_loss(d, e);
      seen |= magnitude_bits(d);
      if (dy) dy[c] = quantised(d, gradient.e - e);
    }
    if (dy) layers::integer::note(p, gradient, e, seen);
    return static_cast<std::int64_t>(quotient(static_cast<std::uint64_t>(loss), v.classes));
  }
  const std::uint32_t label = s.at<std::uint16_t>(v.labels)[i];
  std::int32_t* const prob = loss_room(s).p;
  loss = p.integer->leaves->softmax(prob, z, classes, e, label);
  for (std::size_t c = 0; c < classes && dy; ++c) {
    // A share of 2^15 at most: the least of the gradient is that of 0.
    const std::int64_t d = clamp(prob[c] - (c == label ? 32768 : 0), kMaxMantissa16);
    seen |= magnitude_bits(d);
    dy[c] = quantised(d, gradient.e + 15);
  }
  if (dy) layers::integer::note(p, gradient, -15, seen);
  return loss;
}

HONE_APART void losses(const TrainerState& s, const Pass& p, StepResult& result) {
  const ProgramView& v = s.program();
  Scale& gradient = scale_of(s, 1, v.n - 1);
  std::int8_t* const dy = s.at<std::int8_t>(v.layer[v.n - 1].y);  // over the outputs
  for (std::uint32_t i = 0; i < p.n; ++i) {
    if (!v.mse && best_class(s, i) == s.at<std::uint16_t>(v.labels)[i]) ++result.correct;
    *loss_room(s).sum += loss_of(s, p, i, dy + std::size_t{i} * v.classes, gradient);
  }
}

// All micro-batches of a batch.
HONE_HELPER Status run_batch(const TrainerState& s, std::uint32_t n, FillSamples fill,
                             void* context, const Use& use, StepResult& result) {
  const ProgramView& v = s.program();
  IntegerPass shared = shared_of(s, n, use);
  *loss_room(s).sum = 0;
  result.correct = 0;
  for (std::uint32_t first = 0; first < n; first += v.micro) {
    const std::uint32_t here = n - first < v.micro ? n - first : v.micro;
    const Status status = load(s, first, here, fill, context);
    if (status != Status::ok) return status;
    shared.update.first = first == 0;
    shared.update.last = first + here == n;
    const Pass p = pass_of(s, first, here, shared, use.training);
    forward(s, p);
    if (!use.training) continue;
    losses(s, p, result);
    run_backward(s, p);
  }
  return Status::ok;
}

HONE_APART bool raise_all(const TrainerState& s) {
  bool rose = false;
  for (int i = 0; i < 2 * s.program().n; ++i) rose |= s.at<Scale>(s.program().scales)[i].raise();
  return rose;
}

// What runs in one step. Exponents are raised until the batch fits: first one sample, which finds
// most of them. Every pass but the last of a phase raises one, so the end is near.
enum class Phase { one_sample, fit, update };

HONE_HELPER Status run_phases(const TrainerState& s, Phase from, Phase to, bool training,
                              std::uint32_t n, FillSamples fill, void* context,
                              StepResult& result) {
  for (int phase = static_cast<int>(from); phase <= static_cast<int>(to);) {
    const bool updates = phase == static_cast<int>(Phase::update);
    const std::uint32_t samples = phase == static_cast<int>(Phase::one_sample) ? 1 : n;
    const Status status = run_batch(s, samples, fill, context, {training, true, updates}, result);
    if (status != Status::ok) return status;
    if (updates || !raise_all(s)) ++phase;
  }
  return Status::ok;
}

// M = (M + 1) >> 1 keeps a tensor clear of its range; the velocity (null: none) counts in its
// units.
HONE_APART void halve(std::int16_t* w, std::int32_t* velocity, std::size_t n, Scale& scale) {
  for (std::size_t k = 0; k < n; ++k) w[k] = static_cast<std::int16_t>((w[k] + 1) >> 1);
  for (std::size_t k = 0; k < n && velocity; ++k) velocity[k] >>= 1;
  ++scale.e;
  scale.now = scale.e;
}
HONE_HELPER void halve(const TrainerState& s, const LayerRun& l, Scale& scale) {
  const ProgramView& v = s.program();
  const bool is_wide = v.has_momentum && !v.velocity16;
  halve(s.at<std::int16_t>(l.w), is_wide ? s.at<std::int32_t>(l.velocity_w) : nullptr, l.weights,
        scale);
  for (std::uint32_t k = 0; k < l.weights && v.velocity16; ++k) {
    std::int16_t& narrow = s.at<std::int16_t>(l.velocity_w)[k];
    narrow = static_cast<std::int16_t>(narrow >> 1);
  }
}

HONE_HELPER bool is_near_range(const TrainerState& s, const LayerRun& l) {
  for (std::uint32_t k = 0; k < l.weights; ++k) {
    const std::int32_t m = s.at<std::int16_t>(l.w)[k];
    if (m > kCrowded || m < -kCrowded) return true;
  }
  return false;
}

// Weights of another origin may fill their range; from then on steps look at what they change.
HONE_APART void make_room(const TrainerState& s) {
  for (int i = 0; i < s.program().n; ++i) {
    const LayerRun& l = s.program().layer[i];
    Scale& scale = scale_of(s, 2, i);
    while (l.is(LayerRun::kTrained) && scale.e < Scale::kHighest && is_near_range(s, l))
      halve(s, l, scale);
  }
}

HONE_APART void settle(const TrainerState& s) {
  const ProgramView& v = s.program();
  for (int i = 1; i < v.n; ++i) {
    LayerCounters& count = s.at<LayerCounters>(v.counters)[i - 1];
    Scale &y = scale_of(s, 0, i), &dy = scale_of(s, 1, i), &w = scale_of(s, 2, i);
    // A gradient that nobody measured is that of the layer behind it.
    const bool is_lost = dy.want == Scale::kNothing || dy.want + 7 < dy.e;
    LayerCounters::count(count.gradient_zero, dy.e > Scale::kLowest && is_lost);
    LayerCounters::count(count.saturated, y.saturates());
    LayerCounters::count(count.gradient_saturated, dy.saturates());
    y.settle();
    dy.settle();
    // Layers leave here whether a weight came near its range.
    if (w.want == Scale::kNothing) continue;
    w.want = Scale::kNothing;
    if (w.e >= Scale::kHighest) continue;
    halve(s, v.layer[i], w);
    LayerCounters::count(count.rescaled, true);
  }
}

// loss = sum / n in units of 2^-16, cut to 24 bits, without floating point.
HONE_APART void put_mean(float& loss, std::int64_t sum, std::uint32_t n) {
  std::uint64_t mean = quotient(static_cast<std::uint64_t>(sum), n);
  const int excess = bit_length(mean) - 24;
  mean = excess >= 0 ? mean >> excess : mean << -excess;
  std::uint32_t bits = (static_cast<std::uint32_t>(excess + 134) << 23) |
                       (static_cast<std::uint32_t>(mean) & 0x7FFFFFu);
  if (mean == 0) bits = 0;
  std::memcpy(&loss, &bits, sizeof loss);
}

}  // namespace

Status step_integer(TrainerState& s, std::uint32_t n, FillSamples fill, void* context,
                    StepResult& result) {
  if (s.steps == 0) make_room(s);
  const Status status = run_phases(s, s.steps == 0 ? Phase::one_sample : Phase::update,
                                   Phase::update, true, n, fill, context, result);
  if (status != Status::ok) {
    // Sums of a split batch start anew with the next step, and so does what exponents are wanted.
    for (int i = 0; i < kScalesPerLayer * s.program().n; ++i)
      s.at<Scale>(s.program().scales)[i].want = Scale::kNothing;
    return status;
  }
  settle(s);
  put_mean(result.loss, *loss_room(s).sum, n);
  ++s.steps;
  return Status::ok;
}

namespace {

Status evaluate(const TrainerState& s, std::uint32_t n, FillSamples fill, void* context,
                Evaluation& sums) {
  const ProgramView& v = s.program();
  const Status status = load(s, 0, n, fill, context);
  if (status != Status::ok) return status;
  const IntegerPass shared = shared_of(s, n, {});
  const Pass p = pass_of(s, 0, n, shared, false);
  forward(s, p);
  Scale unused;
  for (std::uint32_t i = 0; i < n; ++i) {
    if (!v.mse && best_class(s, i) == s.at<std::uint16_t>(v.labels)[i]) ++sums.correct;
    sums.loss_mantissas += loss_of(s, p, i, nullptr, unused);
  }
  sums.samples += n;
  return Status::ok;
}

Status predict(const TrainerState& s, std::uint32_t n) {
  const IntegerPass shared = shared_of(s, n, {});
  forward(s, pass_of(s, 0, n, shared, false));
  return Status::ok;
}

}  // namespace

Status fit_outputs(const TrainerState& s, std::uint32_t n, FillSamples fill, void* context) {
  StepResult unused;
  return run_phases(s, Phase::one_sample, Phase::fit, false, n, fill, context, unused);
}

extern const TrainerFunctions kInteger;
constexpr TrainerFunctions kInteger = {initialise_integer, step_integer, evaluate, predict,
                                       best_class};

}  // namespace hone::train
