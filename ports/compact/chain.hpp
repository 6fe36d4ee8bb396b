#pragma once
#include "leaves.hpp"

// The ends of one chain, by the letter of hone/kernels.hpp: functions, because a call is smaller
// than what it does.
namespace hone {
namespace HONE_LEAF_NS {

/// act(chain); the chain is floored already.
float activated(float chain, Activation act, float slope);
/// A gradient through the derivative of act at y.
float finished(float d, float y, Activation act, float slope);

/// The chain of the weight *w at its start. sum may be null where struct Update says so.
float start_chain(const float* w, const float* sum, const Update& update);
/// Stores the chain or ends it with the update. Non-zero if the new weight is not finite.
std::uint32_t end_chain(float chain, float* w, float* sum, const Update& update);

/// p[i]; null for null.
static inline float* at(float* p, std::size_t i) { return p ? p + i : nullptr; }

}  // namespace HONE_LEAF_NS
}  // namespace hone
