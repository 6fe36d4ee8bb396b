#pragma once
#include "hone/layers.hpp"

namespace hone::layers {

/// The max pool that runs in one pass with the convolution l.
struct PoolOf {
  Pooled pooled;
  const Pooled* use;  ///< null: none

  PoolOf(const Pass& p, const LayerRun& l)
      : pooled{p.layer[l.pool].window, routes_of(p, p.layer[l.pool])},
        use(l.pool ? &pooled : nullptr) {}
  PoolOf(const PoolOf&) = delete;

 private:
  static std::uint8_t* routes_of(const Pass& p, const LayerRun& pool) {
    return p.training && pool.is(LayerRun::kBackward) ? p.arena + pool.aux : nullptr;
  }
};

}  // namespace hone::layers
