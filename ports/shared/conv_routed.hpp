#pragma once
#include "hone/kernels.hpp"

namespace hone {
namespace HONE_LEAF_NS {

/// Does the backward pass of a convolution fused with this pool follow the routes? Of four outputs
/// only the winner has a gradient, so each non-zero one scatters its kernel into dx and its patch
/// of x into the weight chains: the vector axis is a kernel row of all channels, which therefore
/// has to be long enough, unless there is a dx to share the work.
bool is_routed(const Window& s, const Window& pool, bool has_dx);

/// conv_backward for those.
std::uint32_t routed_backward(const ConvWeights& weights, float* dx, const float* x,
                              const float* dy, const Window& s, const Pooled& pool, std::size_t n,
                              const GradientEnd& end, float* scratch);

}  // namespace HONE_LEAF_NS
}  // namespace hone
