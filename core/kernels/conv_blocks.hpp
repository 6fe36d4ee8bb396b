#pragma once
#include "leaves.hpp"

namespace hone {
namespace HONE_LEAF_NS {

/// The weights of one tap and group, or the bias: rows of `cols` weights, s.out_c apart, and the
/// walk over the outputs from (oy, ox) on that feeds their chains.
struct WeightBlock {
  float* w;
  float* sum;
  std::size_t rows, cols, channel;
  const float* x;
  Walk walk;
  std::uint32_t oy, ox;
  const Update* update;
};

/// WeightBlock k of all: every tap with every group, then the bias, if there is one.
WeightBlock block_of(const ConvWeights& weights, const float* x, const Window& s, std::size_t n,
                     std::size_t k);

/// Ors what visit(block) returns.
template <class Visit>
static inline std::uint32_t for_each_block(const ConvWeights& weights, const float* x,
                                           const Window& s, std::size_t n, Visit visit) {
  const std::size_t blocks =
      std::size_t{s.kernel_h} * s.kernel_w * s.groups + (weights.bias ? 1u : 0u);
  std::uint32_t flags = 0;
  for (std::size_t k = 0; k < blocks; ++k) {
    WeightBlock block = block_of(weights, x, s, n, k);
    flags |= visit(block);
  }
  return flags;
}

}  // namespace HONE_LEAF_NS
}  // namespace hone
