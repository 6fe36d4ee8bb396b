#pragma once
#include "tiles.hpp"

// Start and end of the gradient chains of weights, in lanes: struct Update in hone/kernels.hpp.
namespace hone {
namespace HONE_LEAF_NS {

/// V's view of an update. kMomentum is update.momentum; kWhole says that it is first and last, and
/// kShrinks that weights decay by themselves.
template <class V, bool kMomentum, bool kWhole = false, bool kShrinks = true>
struct UpdateLanes {
  bool first, last;
  V minus_lr, minus_shrink, pull, mu;

  HONE_INLINE explicit UpdateLanes(const Update& u)
      : first(kWhole || u.first),
        last(kWhole || u.last),
        minus_lr(V::all(-u.lr)),
        minus_shrink(V::all(-u.shrink)),
        pull(V::all(u.pull)),
        mu(V::all(u.mu)) {}

  /// `old` is the weight.
  template <class C>
  HONE_INLINE V start(const C& columns, V old, const float* sum, int v) const {
    if (!first) return columns.load(sum, v);
    if constexpr (!kMomentum) return V::zero();
    return fma(pull, old, mu * columns.load(sum, v));
  }
  template <class C>
  HONE_INLINE V start(const C& columns, const float* w, const float* sum, int v) const {
    return start(columns, kMomentum ? columns.load(w, v) : V::zero(), sum, v);
  }

  /// A row of vectors side by side, because in-order cores wait for each result that the next
  /// instruction needs. `seen` remembers new weights that are not finite.
  template <int N, class C>
  HONE_INLINE void end(const C& columns, float* w, float* sum, V (&chain)[N], const V (&old)[N],
                       V& seen) const {
    if (!last) {
      HONE_UNROLL for (int v = 0; v < N; ++v) columns.store(sum, chain[v], v);
      return;
    }
    if constexpr (kMomentum) {
      HONE_UNROLL for (int v = 0; v < N; ++v) chain[v] = store_floor(chain[v]);
      HONE_UNROLL for (int v = 0; v < N; ++v) columns.store(sum, chain[v], v);
    }
    V next[N];
    HONE_UNROLL for (int v = 0; v < N; ++v) next[v] =
        kShrinks ? fma(minus_shrink, old[v], old[v]) : old[v];
    HONE_UNROLL for (int v = 0; v < N; ++v) next[v] = fma(minus_lr, chain[v], next[v]);
    HONE_UNROLL for (int v = 0; v < N; ++v) next[v] = watched_floor(next[v], seen);
    HONE_UNROLL for (int v = 0; v < N; ++v) columns.store(w, next[v], v);
  }
  template <int N, class C>
  HONE_INLINE void end(const C& columns, float* w, float* sum, V (&chain)[N], V& seen) const {
    V old[N];
    HONE_UNROLL for (int v = 0; v < N; ++v) old[v] = columns.load(w, v);
    end(columns, w, sum, chain, old, seen);
  }
};

}  // namespace HONE_LEAF_NS
}  // namespace hone
