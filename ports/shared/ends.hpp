#pragma once
#include <type_traits>

#include "isa.hpp"

// What becomes of finished chains, in lanes: outputs (struct OutputEnd) and input gradients (struct
// GradientEnd).
namespace hone {
namespace HONE_LEAF_NS {

/// act(floor(x)). For relu and relu6 the floor and the sign are one comparison.
template <Activation kAct, class V>
HONE_INLINE V ended(V x, V slope) {
  if constexpr (kAct == Activation::none) {
    (void)slope;
    return store_floor(x);
  } else if constexpr (kAct == Activation::leaky_relu) {
    const V floored = store_floor(x);
    return select(floored > V::zero(), floored, store_floor(slope * floored));
  } else {
    (void)slope;
    const V positive = keep(x > V::all(kLargestBelowFloor), x);
    return kAct == Activation::relu6 ? smaller(positive, V::all(6.0f)) : positive;
  }
}

template <Activation kAct>
using Act = std::integral_constant<Activation, kAct>;

/// Calls f with the activation as a type.
template <class F>
HONE_INLINE void with_activation(Activation act, F f) {
  switch (act) {
    case Activation::none:
      return f(Act<Activation::none>{});
    case Activation::relu:
      return f(Act<Activation::relu>{});
    case Activation::relu6:
      return f(Act<Activation::relu6>{});
    case Activation::leaky_relu:
      return f(Act<Activation::leaky_relu>{});
  }
}

/// floor(d), then times the derivative of the activation at y.
template <Activation kAct, class V>
HONE_INLINE V gradient_ended(V d, V y, V slope) {
  const V whole = store_floor(d);
  if constexpr (kAct == Activation::none) {
    (void)y, (void)slope;
    return whole;
  } else if constexpr (kAct == Activation::leaky_relu) {
    return select(y > V::zero(), whole, store_floor(slope * whole));
  } else if constexpr (kAct == Activation::relu6) {
    return keep((y > V::zero()) & (V::all(6.0f) > y), whole);
  } else {
    return keep(y > V::zero(), whole);
  }
}

/// A GradientEnd with its activation as a type: start() and end() of the chains at an offset.
template <Activation kAct, bool kFinishes>
struct GradientLanes {
  bool resumes;
  float slope;
  const float* y;

  /// For offsets from there on.
  HONE_INLINE GradientLanes from(std::size_t y_at) const {
    return {resumes, slope, y ? y + y_at : nullptr};
  }
  template <class C>
  HONE_INLINE typename C::Vec start(const C& columns, const float* dx, int v) const {
    return resumes ? columns.load(dx, v) : C::Vec::zero();
  }
  /// y_at: the place in y that dx points to in the gradient.
  template <class C>
  HONE_INLINE void end(const C& columns, float* dx, std::size_t y_at, typename C::Vec d,
                       int v) const {
    using V = typename C::Vec;
    if constexpr (!kFinishes) {
      (void)y_at;
      columns.store(dx, d, v);
    } else if constexpr (kAct == Activation::none) {
      (void)y_at;
      columns.store(dx, store_floor(d), v);
    } else {
      columns.store(dx, gradient_ended<kAct>(d, columns.load(y + y_at, v), V::all(slope)), v);
    }
  }
};

template <class F>
HONE_INLINE void with_gradient_end(const GradientEnd& end, F f) {
  if (!end.finishes)
    return f(GradientLanes<Activation::none, false>{end.resumes, end.slope, nullptr});
  with_activation(end.y ? end.act : Activation::none, [&](auto act) HONE_LAMBDA {
    f(GradientLanes<decltype(act)::value, true>{end.resumes, end.slope, end.y});
  });
}

}  // namespace HONE_LEAF_NS
}  // namespace hone
