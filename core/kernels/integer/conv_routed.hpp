#pragma once
#include "leaves.hpp"

namespace hone {
namespace HONE_LEAF_NS {
namespace integer {

/// The update of the weights of a convolution from the gradient dy of the max pool behind it.
void update_routed(IntegerReport& report, const IntegerParameters& p, const std::int8_t* x,
                   const std::int8_t* dy, const Window& s, const Pooled& pool, std::size_t n);

}  // namespace integer
}  // namespace HONE_LEAF_NS
}  // namespace hone
