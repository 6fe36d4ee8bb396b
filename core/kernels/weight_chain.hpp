#pragma once
#include "leaves.hpp"

namespace hone {
namespace HONE_LEAF_NS {

// Start and end of the gradient chains c[n] of the weights w[n]: struct Update in hone/kernels.hpp.
// `sum` may be null where the chains live in registers only. Blocks of 8 for the vectorizer.

/// c = what the chains start from.
void start_chains(float* c, const float* w, const float* sum, std::size_t n, const Update& update);
/// Stores the chains, or ends them with the update. Non-zero if a new weight is not finite.
std::uint32_t finish_chains(const float* c, float* w, float* sum, std::size_t n,
                            const Update& update);

}  // namespace HONE_LEAF_NS
}  // namespace hone
