#pragma once
#include <cstdint>

#include "hone/fixed.hpp"
#include "hone/plan.hpp"

namespace hone {

/// A factor in the numeric of its program.
union Factor {
  float f32;
  Multiplier w16a8;

  constexpr Factor() : f32(0) {}
  constexpr explicit Factor(float x) : f32(x) {}
  constexpr explicit Factor(Multiplier m) : w16a8(m) {}
};

/// One layer as the device keeps it: every size and byte offset resolved, no names, no lifetimes.
struct LayerRun {
  static constexpr std::uint8_t kTrained = 1;  ///< has parameters that change
  static constexpr std::uint8_t kHasBias = 2;
  static constexpr std::uint8_t kBackward = 8;     ///< takes part in the backward pass
  static constexpr std::uint8_t kRunsBefore = 32;  ///< an earlier layer's pass made its output
  static constexpr std::uint8_t kFast = 128;       ///< scratch has its fast size
  // Of a product.
  static constexpr std::uint8_t kDecaysBias = 4;
  static constexpr std::uint8_t kXavier = 16;  ///< its first weights
  static constexpr std::uint8_t kToLoss = 64;  ///< leaves its sums to the loss
  // Of a dropout.
  static constexpr std::uint8_t kDrops = 4;  ///< p > 0
  static constexpr std::uint8_t kChannels = 16;

  /// What backward does with the gradient of one input. A tensor with several users has one chain,
  /// which they continue in backward order: `resumes` unless this is the first of them, `finishes`
  /// (the floor) if it is the last.
  struct Gradient {
    bool wanted : 1, resumes : 1, finishes : 1;
    constexpr Gradient() : wanted(false), resumes(false), finishes(false) {}
  };

  Op op = Op::input;
  std::uint8_t flags = 0;
  Mask mask = Mask::none;                  ///< of an activation
  Activation applies = Activation::none;   ///< derivative applied to the gradient of the input
  Gradient dx, dx2;                        ///< in the memory of dy of `from` and `from2`
  std::uint16_t layer = 0;                 ///< index of the spec, for the random streams
  std::uint16_t activation = 0, pool = 0;  ///< layers that run in this one; 0: none
  std::uint16_t from = 0, from2 = 0;       ///< layers of x and x2
  std::uint32_t x = 0, y = 0, dy = 0;      ///< byte offsets in the arena; x is y of `from`
  /// Of a product: scratch of its forward pass; of others: kept bits of a mask, routes of a pool.
  std::uint32_t aux = 0;
  /// Of a product: scratch of its backward pass; of a dropout: drop if a 16-bit draw is below.
  std::uint32_t backward_scratch_or_threshold = 0;
  /// The biases of all three lie as far before their weights. Under f32 the sums are velocities.
  std::uint32_t w = 0, b = 0, sum_w = 0, velocity_w = 0;
  std::uint32_t weights = 0;
  Factor factor;  ///< dropout: 1 / (1 - p); otherwise: slope of `applies`
  Window window;

  constexpr bool is(std::uint8_t flag) const { return (flags & flag) != 0; }
  constexpr std::uint32_t backward_scratch() const { return backward_scratch_or_threshold; }
  constexpr std::uint32_t drop_threshold() const { return backward_scratch_or_threshold; }
  constexpr std::uint32_t biases() const { return is(kHasBias) ? window.out_c : 0; }
  /// Of the first weights of a product: inputs of an output, Xavier: and the reverse.
  constexpr std::uint32_t fan() const {
    const std::uint32_t in = weights / window.out_c;
    return is(kXavier) ? in + window.kernel_h * window.kernel_w * window.out_c : in;
  }
  /// Of the sums and the velocities of biases; 0: none.
  constexpr std::uint32_t sum_b() const { return sum_w ? sum_w - (w - b) : 0; }
  constexpr std::uint32_t velocity_b() const { return velocity_w ? velocity_w - (w - b) : 0; }
  constexpr bool is_product() const {
    return op == Op::linear || op == Op::conv2d || op == Op::depthwise;
  }
};

/// A model ready to run.
struct ProgramView {
  const LayerRun* layer = nullptr;
  int n = 0;  ///< without the loss
  std::uint32_t batch = 1, micro = 1;
  std::uint32_t classes = 0;  ///< outputs of the last layer, all axes together
  std::uint32_t inputs = 0;   ///< numbers in one sample
  Numeric numeric = Numeric::f32;
  bool mse = false, training = false;
  bool has_momentum = false, decoupled_decay = false, velocity16 = false;
  float lr = 0, weight_decay = 0, mu = 0;
  std::uint32_t labels = 0, loss_lanes = 0;  ///< byte offsets in the arena
  std::uint32_t scales = 0, counters = 0;    ///< of w16a8
  std::uint32_t bytes = 0;                   ///< of the arena
};

namespace detail {

/// By their order, which is the same.
constexpr Activation activation_of(Op op) {
  if (!is_activation(op)) return Activation::none;
  return static_cast<Activation>(static_cast<int>(op) - static_cast<int>(Op::relu) +
                                 static_cast<int>(Activation::relu));
}
static_assert(activation_of(Op::relu6) == Activation::relu6, "");
static_assert(activation_of(Op::leaky_relu) == Activation::leaky_relu, "");

constexpr LayerRun::Gradient gradient_of(ModelView m, const LayerPlan* p, int user, int x, int n) {
  LayerRun::Gradient g;
  if (x < 0 || !p[x].has_gradient || p[x].dy < 0) return g;
  g.wanted = g.finishes = true;
  for (int j = 0; j < n; ++j) {
    if (m.layer[j].from[0] != x && m.layer[j].from[1] != x) continue;
    if (j > user) g.resumes = true;
    if (j < user) g.finishes = false;
  }
  return g;
}

constexpr LayerRun run_of(ModelView m, const LayerPlan* p, const Buffer* b, int i, int n,
                          const Optimizer& rule, Workspace workspace) {
  const LayerSpec& s = m.layer[i];
  const LayerPlan& q = p[i];
  auto at = [&](std::int16_t buffer) {
    return buffer < 0 ? 0u : static_cast<std::uint32_t>(b[buffer].offset);
  };
  LayerRun r;
  r.op = q.shape.kernel;
  r.layer = static_cast<std::uint16_t>(i);
  r.window = q.shape.window;
  r.weights = q.shape.weights;
  r.y = at(q.y), r.dy = at(q.dy);
  r.aux = at(r.is_product() ? q.scratch : q.aux);
  r.backward_scratch_or_threshold = at(q.backward_scratch);
  if (q.activation >= 0) r.activation = static_cast<std::uint16_t>(q.activation);
  if (q.pool >= 0) r.pool = static_cast<std::uint16_t>(q.pool);
  r.w = static_cast<std::uint32_t>(q.w), r.b = static_cast<std::uint32_t>(q.b);
  r.sum_w = static_cast<std::uint32_t>(q.sum_w);
  r.velocity_w = static_cast<std::uint32_t>(q.velocity_w);
  if (q.trained) r.flags |= LayerRun::kTrained;
  if (q.shape.biases) r.flags |= LayerRun::kHasBias;
  if (q.backward >= 0) r.flags |= LayerRun::kBackward;
  if (q.runs_in >= 0) r.flags |= LayerRun::kRunsBefore;
  if (workspace == Workspace::fast) r.flags |= LayerRun::kFast;
  if (r.is_product()) {
    if (s.decays_bias || rule.decays_bias) r.flags |= LayerRun::kDecaysBias;
    if (s.init == Init::xavier) r.flags |= LayerRun::kXavier;
    if (i == n - 1 && !r.activation) r.flags |= LayerRun::kToLoss;
  }
  r.mask = q.mask;
  float factor = 0;
  if (q.applies >= 0) {
    r.applies = activation_of(m.layer[q.applies].op);
    factor = m.layer[q.applies].slope;
  }
  if (is_activation(s.op)) factor = s.slope;
  if (s.op == Op::dropout) {
    r.backward_scratch_or_threshold = static_cast<std::uint32_t>(65536.0 * s.drop + 0.5);
    // p = 1 drops everything; its factor is never used.
    const float keep = static_cast<float>(1.0 - s.drop);
    factor = keep > 0.0f ? 1.0f / keep : 0.0f;
    // A p below 2^-17 drops nothing, but scales; one below 2^-25 is 0.
    if (r.drop_threshold() > 0 || factor != 1.0f) r.flags |= LayerRun::kDrops;
    if (s.drops_channels) r.flags |= LayerRun::kChannels;
  }
  r.factor = m.numeric == Numeric::w16a8 ? Factor(multiplier_of(factor)) : Factor(factor);
  if (i == 0) return r;
  r.x = at(p[s.from[0]].y);
  r.from = static_cast<std::uint16_t>(s.from[0]);
  r.dx = gradient_of(m, p, i, s.from[0], n);
  if (s.from[1] >= 0) {
    r.from2 = static_cast<std::uint16_t>(s.from[1]);
    r.dx2 = gradient_of(m, p, i, s.from[1], n);
  }
  return r;
}

}  // namespace detail

namespace detail {

/// The view of a program, without its records.
constexpr ProgramView view_of(ModelView m, const Optimizer& rule, Batch batch, PlanKind kind,
                              const LayerPlan* p, const PlanTotals& t) {
  ProgramView v;
  const Op last = m.layer[m.n - 1].op;
  v.n = is_loss(last) ? m.n - 1 : m.n;
  v.batch = static_cast<std::uint32_t>(batch.size);
  v.micro = static_cast<std::uint32_t>(batch.in_memory());
  v.classes = static_cast<std::uint32_t>(p[v.n - 1].shape.out.size());
  v.inputs = static_cast<std::uint32_t>(p[0].shape.out.size());
  v.numeric = m.numeric;
  v.mse = last == Op::mse;
  v.training = kind == PlanKind::training;
  v.has_momentum = rule.has_momentum;
  v.velocity16 = rule.velocity16;
  v.decoupled_decay = rule.decoupled_decay;
  v.lr = static_cast<float>(rule.lr);
  v.weight_decay = static_cast<float>(rule.decay);
  v.mu = static_cast<float>(rule.mu);
  v.labels = static_cast<std::uint32_t>(t.labels);
  v.loss_lanes = static_cast<std::uint32_t>(t.loss_lanes);
  v.scales = static_cast<std::uint32_t>(t.scales);
  v.counters = static_cast<std::uint32_t>(t.counters);
  v.bytes = static_cast<std::uint32_t>(t.bytes);
  return v;
}

}  // namespace detail

/// The records of a good plan into out[0..n), n the layers without the loss, and the view of it.
constexpr ProgramView compile_into(ModelView m, const Optimizer& rule, Batch batch, PlanKind kind,
                                   const LayerPlan* p, const Buffer* b, const PlanTotals& t,
                                   LayerRun* out) {
  ProgramView v = detail::view_of(m, rule, batch, kind, p, t);
  for (int i = 0; i < v.n; ++i) out[i] = detail::run_of(m, p, b, i, v.n, rule, batch.workspace);
  v.layer = out;
  return v;
}

}  // namespace hone
