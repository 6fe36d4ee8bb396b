#pragma once
#include "hone/conv_scratch.hpp"
#include "weight_chain.hpp"

// The gradient chains of a convolution while they wait in memory between rows or samples: in the
// sums of its weights. Frozen weights (update null) have none.
namespace hone {
namespace HONE_LEAF_NS {

/// Weights without sums, and so with a plain update of the whole batch, keep their chains in
/// scratch instead.
static inline ConvWeights with_sums(ConvWeights weights, float* sum, float* bias_sum) {
  if (!weights.sum) {
    weights.sum = sum;
    weights.bias_sum = bias_sum;
  }
  return weights;
}

static inline void start_waiting(const ConvWeights& weights, const Window& s) {
  if (!weights.update) return;
  if (weights.update->first)
    start_chains(weights.sum, weights.w, weights.sum, group_weights(s) * s.groups, *weights.update);
  if (weights.bias && weights.bias_update->first)
    start_chains(weights.bias_sum, weights.bias, weights.bias_sum, s.out_c, *weights.bias_update);
}

/// Non-zero if a new weight is not finite.
static inline std::uint32_t finish_waiting(const ConvWeights& weights, const Window& s) {
  std::uint32_t flags = 0;
  if (!weights.update) return flags;
  if (weights.update->last)
    flags = finish_chains(weights.sum, weights.w, weights.sum, group_weights(s) * s.groups,
                          *weights.update);
  if (weights.bias && weights.bias_update->last)
    flags |= finish_chains(weights.bias_sum, weights.bias, weights.bias_sum, s.out_c,
                           *weights.bias_update);
  return flags;
}

}  // namespace HONE_LEAF_NS
}  // namespace hone
