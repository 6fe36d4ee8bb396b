#pragma once
#include "hone/conv_scratch.hpp"
#include "hone/integer_kernels.hpp"
#include "hone/plan_draft.hpp"
#include "hone/scale.hpp"

namespace hone {

namespace detail {

/// The planner: one set of rules for static_assert and for run time. Step i is the forward pass
/// of layer i, step `loss` the loss, and then the backward passes, last layer first.
struct Planner : PlanDraft {
  // ---- masks

  /// An activation that only feeds a max pool may leave its mask to the pool's output. Where
  /// windows overlap, leaky_relu would scale each of several gradients and round them apart.
  constexpr bool masked_by_pool(int i) const {
    if (!rules.mask_through_pool || !is_activation(kernel(i)) || p[i].users != 1) return false;
    const int pool = p[i].last_user;
    if (kernel(pool) != Op::max_pool) return false;
    return windows_apart(pool) || kernel(i) != Op::leaky_relu;
  }
  /// The layer whose output buffer shows the derivative of activation i.
  constexpr int mask_reader(int i) const { return masked_by_pool(i) ? p[i].last_user : i; }
  /// Does the sign (relu6: also the 6) of an output survive when `over` writes over it?
  constexpr bool survives(Op activation, Op over) const {
    // A mantissa that a dropout scales for a larger exponent may round to 0.
    if (over == Op::add || (is_integer() && over == Op::dropout)) return false;
    return !(activation == Op::relu6 && over == Op::dropout);
  }
  constexpr bool may_overwrite(int x, int i) const {
    if (p[x].users != 1) return false;
    for (int j = 0; j < i; ++j)
      if (needs_mask(j) && same_y(mask_reader(j), x) && !survives(kernel(j), kernel(i)))
        return false;
    return true;
  }

  // ---- forward

  constexpr void outputs() {
    for (int i = 0; i < n; ++i) p[i].y = -1;
    for (int i = 0; i < n; ++i) {
      const int x = x_of(i), second = m.layer[i].from[1];
      if (in_pooled_pass(i) || (is_integer() && p[i].runs_in >= 0)) {
        p[i].y = p[p[i].runs_in].y;
        continue;
      }
      if (rules.in_place && i > 0) {
        if (runs_in_place(i) && may_overwrite(x, i)) p[i].y = p[x].y;
        if (kernel(i) == Op::add && may_overwrite(x, i))
          p[i].y = p[x].y;
        else if (kernel(i) == Op::add && may_overwrite(second, i))
          p[i].y = p[second].y;
      }
      if (p[i].y < 0) p[i].y = fresh(tensor_bytes(p[i].pool >= 0 ? p[i].pool : i));
    }
    for (int i = 0; i < n; ++i) {
      buffer[p[i].y].extend(i);
      for (int k = 0; k < 2; ++k)
        if (m.layer[i].from[k] >= 0) buffer[p[m.layer[i].from[k]].y].extend(i);
    }
    buffer[p[n - 1].y].extend(loss);
  }

  // ---- backward

  constexpr void outputs_read_again() {
    for (int i = 1; i < n; ++i)
      if (p[i].backward >= 0 && reads_input_in_backward(i))
        buffer[p[x_of(i)].y].extend(p[i].backward);
  }

  /// May the backward pass of u, the only user of its input X, end the gradient of X with the
  /// derivatives that are read from X? Only with one; that activation is returned (-1: none).
  constexpr bool may_end_gradient(int u, int& activation) const {
    activation = -1;
    const int x = x_of(u);
    if (x == 0 || p[x].users != 1 || !p[x].has_gradient) return false;
    bool drops = false, leaks = false;
    for (int j = 0; j < u; ++j) {
      if (kernel(j) == Op::dropout && same_y(j, x)) drops = true;
      if (!needs_mask(j) || !same_y(mask_reader(j), x)) continue;
      if (activation >= 0) return false;
      activation = j;
      leaks = kernel(j) == Op::leaky_relu;
    }
    // leaky_relu rounds, so it cannot change places with the dropout's rounding.
    return !(drops && leaks);
  }
  /// May u write dX over X? An average needs X only for its mask, and a bit an element would do: it
  /// keeps X where it is global, since little memory is needed behind it.
  constexpr bool gradient_over_input(int u) const {
    int activation = -1;
    if (!rules.gradient_over_input || !may_end_gradient(u, activation)) return false;
    if (kernel(u) == Op::avg_pool) return is_global(u) && activation >= 0;
    return kernel(u) == Op::linear && p[u].trained;
  }
  /// The activation whose derivative the backward pass of u applies to the gradient of its input,
  /// or -1. Trained layers keep their input in any case.
  constexpr int ends_with(int u) const {
    int activation = -1;
    if (!may_end_gradient(u, activation)) return -1;
    const bool keeps_input = rules.mask_by_consumer && is_product(u) && p[u].trained;
    return keeps_input || gradient_over_input(u) ? activation : -1;
  }

  constexpr void masks() {
    for (int u = 1; u < n; ++u) {
      const int j = p[u].backward >= 0 ? ends_with(u) : -1;
      if (j < 0) continue;
      p[j].mask = Mask::applied_by_consumer;
      p[u].applies = static_cast<std::int16_t>(j);
    }
    for (int i = 1; i < n; ++i) {
      if (!needs_mask(i) || p[i].mask == Mask::applied_by_consumer) continue;
      const int reader = mask_reader(i);
      const bool over_logits = same_y(reader, n - 1);  // the loss writes its gradient there
      if (reader != i && !over_logits) {
        p[i].mask = Mask::applied_by_consumer;
        p[reader].applies = static_cast<std::int16_t>(i);
        buffer[p[reader].y].extend(p[reader].backward);
      } else if (same_y(i, n - 1) || (rules.mask_bits && !kept_anyway(i))) {
        p[i].mask = Mask::bits;
        p[i].aux = fresh((p[i].shape.out.size() * samples() + 7) / 8);
        buffer[p[i].aux].extend(i);
        buffer[p[i].aux].extend(p[i].backward);
      } else {
        p[i].mask = Mask::output;
        buffer[p[i].y].extend(p[i].backward);
      }
    }
  }
  constexpr bool kept_anyway(int i) const {
    for (int u = i + 1; u < n; ++u)
      if (p[u].backward >= 0 && reads_input_in_backward(u) && same_y(x_of(u), i)) return true;
    return false;
  }

  constexpr void routes() {
    for (int i = 1; i < n; ++i) {
      if (kernel(i) != Op::max_pool || p[i].backward < 0) continue;
      const Window& w = p[i].shape.window;
      p[i].aux = fresh(route_bytes(w.kernel_h * w.kernel_w,
                                   static_cast<std::size_t>(p[i].shape.out.size() * samples())));
      const int user = p[i].runs_in >= 0 ? p[i].runs_in : i;
      buffer[p[i].aux].extend(user);
      buffer[p[i].aux].extend(p[user].backward);
    }
  }

  // ---- scratch, which lives in its own step only

  constexpr std::int16_t scratch_at(int step, std::uint64_t floats) {
    if (floats == 0) return -1;
    const std::int16_t at = fresh(floats * 4);
    buffer[at].extend(step);
    return at;
  }
  /// Words of the scratch of dense_backward under w16a8.
  constexpr std::uint64_t column_of_linear(int u) const {
    const Window& w = p[u].shape.window;
    return gradient_over_input(u) ? (integer_dense_scratch(samples() * w.out_h * w.out_w) + 3) / 4
                                  : 0;
  }
  /// False if some would be too large.
  constexpr bool scratch() {
    for (int u = 1; u < n; ++u) {
      const bool goes_back = p[u].backward >= 0;
      if (kernel(u) == Op::linear && goes_back)
        p[u].backward_scratch =
            scratch_at(p[u].backward, is_integer() ? column_of_linear(u) : panel_of_linear(u));
      if (kernel(u) != Op::conv2d) continue;
      const Window& w = p[u].shape.window;
      const Window* const pool = p[u].pool >= 0 ? &p[p[u].pool].shape.window : nullptr;
      if (is_integer()) {
        p[u].scratch = scratch_at(u, (integer_conv_scratch(w, pool, false) + 3) / 4);
        if (goes_back && p[x_of(u)].has_gradient)
          p[u].backward_scratch =
              scratch_at(p[u].backward, (integer_conv_scratch(w, pool, true) + 3) / 4);
        continue;
      }
      const bool fast = batch.workspace == Workspace::fast;
      if (fast && !is_moderate(w)) return false;
      p[u].scratch = scratch_at(u, conv_forward_floats(w, pool, fast));
      if (goes_back)
        p[u].backward_scratch =
            scratch_at(p[u].backward, conv_backward_floats(w, pool, p[x_of(u)].has_gradient, fast));
    }
    return true;
  }

  // ---- gradients

  /// The input of add u that may use the gradient of the sum as its own, to the last: the later
  /// one of those for which u is the last user. -1: none.
  constexpr int heir_of(int u) const {
    int heir = -1;
    for (int k = 0; k < 2; ++k) {
      const int x = m.layer[u].from[k];
      if (p[x].has_gradient && p[x].last_user == u && x > heir) heir = x;
    }
    return heir;
  }
  /// May the other input x of add u use that memory as well? Only if the heir does nothing but
  /// read it, and has done so before anybody adds to the gradient of x or masks it.
  constexpr bool may_share_with_heir(int x, int u) const {
    const int heir = heir_of(u);
    if (!rules.shared_gradients || x == heir || p[x].last_user != u) return false;
    if (p[heir].users != 1 || runs_in_place(heir) || kernel(heir) == Op::add) return false;
    for (int c = heir; c < u; ++c)
      if (m.layer[c].from[0] == x || m.layer[c].from[1] == x) return false;
    return true;
  }

  constexpr std::int16_t gradient_buffer(int i) {
    const int u = p[i].last_user;
    if (u < 0) return p[i].y;  // the loss writes its gradient over the logits
    if (in_pooled_pass(u) || (runs_in_place(u) && rules.in_place)) return p[u].dy;
    if (kernel(u) == Op::add && rules.in_place && (i == heir_of(u) || may_share_with_heir(i, u)))
      return p[u].dy;
    if (gradient_over_input(u)) return p[i].y;
    return fresh(tensor_bytes(i));
  }
  constexpr void gradients() {
    for (int i = n - 1; i > 0; --i) {
      if (p[i].backward < 0) continue;
      p[i].dy = gradient_buffer(i);
      buffer[p[i].dy].extend(p[i].last_user < 0 ? loss : p[p[i].last_user].backward);
      buffer[p[i].dy].extend(p[i].backward);
    }
  }

  // ---- bytes

  constexpr void permanent(PlanTotals& t, std::uint64_t& at) {
    auto take_bytes = [&](std::uint64_t exact, std::uint64_t& group) {
      const std::uint64_t here = at, bytes = aligned(exact);
      at += bytes;
      group += bytes;
      return here;
    };
    auto take = [&](std::uint64_t words, std::uint64_t& group) {
      return take_bytes(words * 4, group);
    };
    for (int i = 0; i < n; ++i) {
      if (p[i].shape.weights == 0) continue;
      p[i].b = take(p[i].shape.biases, t.parameter_bytes);
      p[i].w =
          take_bytes(std::uint64_t{p[i].shape.weights} * (is_integer() ? 2 : 4), t.parameter_bytes);
    }
    if (is_integer()) {
      t.scales =
          take_bytes(std::uint64_t{kScalesPerLayer} * static_cast<std::uint64_t>(n) * sizeof(Scale),
                     t.state_bytes);
      // The loss, a row of probabilities, and one of sums where the last layer keeps none.
      const std::uint64_t output = keeps_sums(n - 1) ? 4 : 12;
      t.loss_lanes =
          take_bytes(sizeof(std::int64_t) + p[n - 1].shape.out.size() * output, t.loss_bytes);
    }
    if (kind == PlanKind::inference) return;
    const bool splits = batch.in_memory() < batch.size;
    for (int i = 0; i < n; ++i) {
      if (!p[i].trained || !(rule.has_momentum || splits)) continue;
      if (is_integer()) {
        if (splits) {
          p[i].sum_b = take(p[i].shape.biases, t.accumulator_bytes);
          p[i].sum_w = take(p[i].shape.weights, t.accumulator_bytes);
        }
        if (rule.has_momentum) {
          p[i].velocity_b = take(p[i].shape.biases, t.optimizer_bytes);
          p[i].velocity_w = take_bytes(
              std::uint64_t{p[i].shape.weights} * (rule.velocity16 ? 2 : 4), t.optimizer_bytes);
        }
        continue;
      }
      std::uint64_t& group = rule.has_momentum ? t.optimizer_bytes : t.accumulator_bytes;
      p[i].sum_b = take(p[i].shape.biases, group);
      p[i].sum_w = take(p[i].shape.weights, group);
    }
    if (is_integer()) {
      t.counters =
          take_bytes(static_cast<std::uint64_t>(n - 1) * sizeof(LayerCounters), t.state_bytes);
    } else {
      t.loss_lanes = take(kLossLanes, t.loss_bytes);
    }
  }
  static constexpr std::uint64_t kLossLanes = 32;

  constexpr bool refuse(PlanTotals& t, int layer) const {
    t.status = Status::too_large;
    t.bad_layer = layer;
    return false;
  }

  /// Labels have 16 bits.
  constexpr bool label_limit(PlanTotals& t) const {
    return mse || p[n - 1].shape.out.size() <= kMaxClasses || refuse(t, n - 1);
  }

  /// What w16a8 cannot represent: rates beyond its multipliers; averages of so many pixels that
  /// 2^kAverageBits / pixels has few bits; a split batch whose 32-bit sums of products might
  /// overflow.
  constexpr bool integer_limits(PlanTotals& t) const {
    t.status = Status::bad_argument;
    if (!is_integer_rate(rule.lr) || !is_integer_rate(rule.decay) || batch.size > kMaxIntegerBatch)
      return false;
    const bool splits = batch.in_memory() < batch.size;
    for (int i = 0; i < n; ++i) {
      const Window& w = p[i].shape.window;
      const std::uint64_t taps = std::uint64_t{w.kernel_h} * w.kernel_w,
                          positions = std::uint64_t{w.out_h} * w.out_w;
      if (kernel(i) == Op::avg_pool && taps > kMaxAveraged) return refuse(t, i);
      if (splits && p[i].trained &&
          positions > kNarrowChunk / static_cast<std::uint64_t>(batch.size))
        return refuse(t, i);
    }
    t.status = Status::ok;
    return true;
  }

  constexpr void run(const PlanMemory& memory, PlanTotals& t) {
    loss = n;
    t.bad_layer = shapes(t);
    if (t.bad_layer >= 0) return;
    if (!label_limit(t) || (is_integer() && !integer_limits(t))) return;
    if (check(rule) != Status::ok || (rule.velocity16 && !is_integer()) || batch.size < 1 ||
        batch.micro_batch < 0) {
      t.status = Status::bad_argument;
      return;
    }
    fuse();
    outputs();
    if (!scratch()) {
      t.status = Status::too_large;
      return;
    }
    t.steps = n + 1;
    std::int16_t labels = -1;
    if (kind == PlanKind::training) {
      t.steps = 2 * n + 1;
      labels = fresh(samples() * (mse ? p[n - 1].shape.out.size() * 4 : 2));
      buffer[labels].extend(0);
      buffer[labels].extend(loss);
      outputs_read_again();
      masks();
      routes();
      gradients();
    }
    t.buffers = nb;
    std::uint64_t at = 0;
    permanent(t, at);
    t.bound = placement_bound(buffer, nb, t.steps);
    if (rules.share) {
      t.shared_bytes = place(buffer, nb, t.bound, memory.order, memory.placed);
    } else {
      for (int i = 0; i < nb; ++i) {
        buffer[i].offset = t.shared_bytes;
        t.shared_bytes += buffer[i].lives() ? buffer[i].bytes : 0;
      }
    }
    for (int i = 0; i < nb; ++i) buffer[i].offset += at;
    if (labels >= 0) t.labels = buffer[labels].offset;
    if (at + t.shared_bytes > 0x7FFFFFFFu) {
      t.status = Status::too_large;
      return;
    }
    t.bytes = at + t.shared_bytes;
  }
};

}  // namespace detail

}  // namespace hone
