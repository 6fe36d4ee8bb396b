#pragma once
#include "leaves.hpp"

namespace hone {
namespace HONE_LEAF_NS {

/// conv_backward with a pool, between the start and the end of the chains in dx.
/// The weights keep their chains in `sum` if they have one, in scratch if that is large, else in
/// registers, which costs a sweep over the gradient for each tile.
std::uint32_t conv_pooled_backward(const ConvWeights& given, float* dx, const float* x,
                                   const float* dy, const Window& s, const Pooled& pool,
                                   std::size_t n, float* scratch, bool fast);

}  // namespace HONE_LEAF_NS
}  // namespace hone
