#pragma once
#include "hone/planner.hpp"

namespace hone {

/// Plans a model into the caller's memory. t.status: what shape_of() and check() return, with
/// t.bad_layer; too_large also for more layers than `memory` holds or 2 GiB of arena.
constexpr void plan_into(ModelView m, const Optimizer& rule, Batch batch, PlanKind kind,
                         const SharingRules& rules, const PlanMemory& memory, PlanTotals& t) {
  t = PlanTotals{};
  if (m.n > memory.layers || m.n > 8000) {
    t.status = Status::too_large;
    return;
  }
  detail::Planner planner{{m, rule, batch, kind, rules, memory.layer, memory.buffer}};
  planner.mse = m.layer[m.n - 1].op == Op::mse;
  planner.n = is_loss(m.layer[m.n - 1].op) ? m.n - 1 : m.n;
  planner.run(memory, t);
}

/// A plan with room for N layers.
template <int N>
struct Plan : PlanTotals {
  LayerPlan layer[N] = {};
  Buffer buffer[buffers_of(N)] = {};
};

template <int N>
constexpr void plan_into(ModelView m, const Optimizer& rule, Batch batch, PlanKind kind,
                         const SharingRules& rules, Plan<N>& out) {
  std::int16_t order[buffers_of(N)] = {}, placed[buffers_of(N)] = {};
  plan_into(m, rule, batch, kind, rules, PlanMemory{out.layer, out.buffer, order, placed, N}, out);
}

}  // namespace hone
