#pragma once
#include "hone/plan_types.hpp"

namespace hone {

namespace detail {

constexpr std::uint64_t aligned(std::uint64_t bytes) {
  return (bytes + kAlignment - 1) / kAlignment * kAlignment;
}

/// A plan in the making: the model with its shapes, who is trained, who uses whom, and which layers
/// run in the forward pass of another.
struct PlanDraft {
  ModelView m;
  Optimizer rule;
  Batch batch;
  PlanKind kind;
  SharingRules rules;
  LayerPlan* p;
  Buffer* buffer;
  int n = 0;     // layers without the loss spec
  int loss = 0;  // step of the loss
  int nb = 0;
  bool mse = false;

  constexpr std::uint64_t samples() const { return static_cast<std::uint64_t>(batch.in_memory()); }
  constexpr Op kernel(int i) const { return p[i].shape.kernel; }
  constexpr int x_of(int i) const { return m.layer[i].from[0]; }
  constexpr bool runs_in_place(int i) const {
    return is_activation(kernel(i)) || kernel(i) == Op::dropout || kernel(i) == Op::flatten;
  }
  constexpr bool reads_input_in_backward(int i) const { return p[i].trained; }
  constexpr bool same_y(int a, int b) const { return p[a].y == p[b].y; }
  constexpr bool is_integer() const { return m.numeric == Numeric::w16a8; }
  /// Does the loss read the sums of layer i themselves, as 64 bits?
  constexpr bool keeps_sums(int i) const { return is_integer() && i == n - 1 && is_product(i); }
  constexpr std::uint64_t tensor_bytes(int i) const {
    return p[i].shape.out.size() * samples() * (!is_integer() ? 4 : keeps_sums(i) ? 8 : 1);
  }

  constexpr std::int16_t fresh(std::uint64_t bytes) {
    buffer[nb] = Buffer{};
    buffer[nb].bytes = aligned(bytes);
    return static_cast<std::int16_t>(nb++);
  }

  /// Shapes, who is trained, who uses whom. Returns the first wrong layer, or -1.
  constexpr int shapes(PlanTotals& t) {
    for (int i = 0; i < n; ++i) {
      p[i] = LayerPlan{};  // the caller's memory may hold an older plan
      const LayerSpec& s = m.layer[i];
      const Shape a = i > 0 ? p[x_of(i)].shape.out : Shape{};
      const Shape b = s.from[1] >= 0 ? p[s.from[1]].shape.out : Shape{};
      t.status = shape_of(s, a, b, p[i].shape);
      if (t.status != Status::ok) return i;
      const LayerShape& r = p[i].shape;
      p[i].trained = r.weights > 0 && !s.is_frozen && kind == PlanKind::training;
      p[i].has_gradient = p[i].trained;
      for (int k = 0; k < 2; ++k) {
        if (s.from[k] < 0) continue;
        LayerPlan& q = p[s.from[k]];
        ++q.users;
        q.last_user = static_cast<std::int16_t>(i);
        p[i].has_gradient = p[i].has_gradient || q.has_gradient;
      }
      if (p[i].has_gradient) p[i].backward = static_cast<std::int16_t>(2 * n - i);
      t.parameters += std::uint64_t{r.weights} + r.biases;
      t.macs_forward += r.macs;
      const int passes = 1 + p[i].trained + (i > 0 && p[x_of(i)].has_gradient);
      const std::uint64_t per_mac = static_cast<std::uint64_t>(passes) *
                                    static_cast<std::uint64_t>(batch.size > 0 ? batch.size : 1);
      if (r.macs > (~std::uint64_t{0} - t.macs_step) / per_mac) {
        t.status = Status::too_large;
        return i;
      }
      t.macs_step += r.macs * per_mac;
    }
    for (int i = 0; i + 1 < n; ++i)
      if (p[i].users == 0) {  // an output that nobody uses
        t.status = Status::bad_argument;
        return i;
      }
    return -1;
  }

  // ---- layers that run in the forward pass of another

  constexpr bool windows_apart(int i) const {
    const Window& w = p[i].shape.window;
    return w.stride >= w.kernel_h && w.stride >= w.kernel_w;
  }
  constexpr bool windows_inside(int i) const {
    const Window& w = p[i].shape.window;
    return w.pad_top == 0 && w.pad_left == 0 && (w.out_h - 1) * w.stride + w.kernel_h <= w.in_h &&
           (w.out_w - 1) * w.stride + w.kernel_w <= w.in_w;
  }
  constexpr bool is_global(int i) const { return p[i].shape.out.h == 1 && p[i].shape.out.w == 1; }
  constexpr bool is_product(int i) const {
    return kernel(i) == Op::linear || kernel(i) == Op::conv2d || kernel(i) == Op::depthwise;
  }
  /// Is the output of i, as far as layers in place carry it, what the loss writes its gradient
  /// over?
  constexpr bool feeds_loss(int i) const {
    while (p[i].users == 1 && runs_in_place(p[i].last_user)) i = p[i].last_user;
    return p[i].users == 0;
  }
  constexpr bool needs_mask(int i) const {
    return is_activation(kernel(i)) && p[i].backward >= 0 && p[x_of(i)].has_gradient;
  }

  /// The activation that runs in the epilogue of i, or -1. Under w16a8 no rule: sums are looked at
  /// behind it, and the exponent of the output follows from that.
  constexpr int fusible_activation(int i) const {
    if (!is_product(i) || p[i].users != 1) return -1;
    if (!is_integer() && (!rules.fused_activation || !rules.in_place)) return -1;
    return is_activation(kernel(p[i].last_user)) ? p[i].last_user : -1;
  }
  /// The max pool that may run in one pass with convolution i and its activation (-1: none), or -1.
  /// The derivative of the activation is then read from the output of the pool.
  constexpr int fusible_pool(int i, int activation) const {
    const int before = activation >= 0 ? activation : i;
    if (!rules.fused_pool || kernel(i) != Op::conv2d || p[before].users != 1) return -1;
    const int pool = p[before].last_user;
    if (kernel(pool) != Op::max_pool || !windows_apart(pool) || !windows_inside(pool)) return -1;
    if (activation < 0) return pool;
    const bool shows_mask = rules.mask_through_pool && !feeds_loss(pool);
    return shows_mask || !needs_mask(activation) ? pool : -1;
  }
  constexpr void fuse() {
    for (int i = 1; i < n; ++i) {
      const int activation = fusible_activation(i), pool = fusible_pool(i, activation);
      p[i].activation = static_cast<std::int16_t>(activation);
      p[i].pool = static_cast<std::int16_t>(pool);
      if (activation >= 0) p[activation].runs_in = static_cast<std::int16_t>(i);
      if (pool >= 0) p[pool].runs_in = static_cast<std::int16_t>(i);
    }
  }
  /// Does i run between a convolution and the end of its pool, or is it that pool?
  constexpr bool in_pooled_pass(int i) const {
    return p[i].runs_in >= 0 && p[p[i].runs_in].pool >= 0;
  }

  // ---- scratch

  /// Floats of the panel of dense_backward.
  constexpr std::uint64_t panel_of_linear(int u) const {
    const Window& w = p[u].shape.window;
    const bool is_few = samples() * w.out_h * w.out_w <= kPanelFreeSamples;
    return is_few || !p[x_of(u)].has_gradient ? 0 : kPanelRows * std::uint64_t{w.out_c};
  }
  /// Are the padded images of a convolution of a size that a plan may have? Their sizes are then
  /// computed in size_t, which has 32 bits on small targets.
  static constexpr bool is_moderate(const Window& w) {
    const std::uint64_t image = ((std::uint64_t{w.out_h} - 1) * w.stride + w.kernel_h) *
                                ((std::uint64_t{w.out_w} - 1) * w.stride + w.kernel_w);
    const std::uint64_t gradient =
        (std::uint64_t{w.in_h} + w.kernel_h) * (std::uint64_t{w.in_w} + w.kernel_w);
    return image <= kMaxElements / w.in_c && gradient <= kMaxElements / w.out_c;
  }
};

}  // namespace detail

}  // namespace hone
