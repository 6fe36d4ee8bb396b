#pragma once
#include "core/kernels/leaves.hpp"

namespace hone {
namespace HONE_LEAF_NS {

/// The leaves on lane types, by the names and types of the plain ones. Contracts: hone/kernels.hpp.
namespace lanes {

decltype(HONE_LEAF_NS::dense_forward) dense_forward;
decltype(HONE_LEAF_NS::dense_backward) dense_backward;
decltype(HONE_LEAF_NS::outer_update) outer_update;
decltype(HONE_LEAF_NS::conv_forward) conv_forward;
decltype(HONE_LEAF_NS::conv_backward) conv_backward;
decltype(HONE_LEAF_NS::depthwise_forward) depthwise_forward;
decltype(HONE_LEAF_NS::depthwise_backward) depthwise_backward;
decltype(HONE_LEAF_NS::avg_pool_backward) avg_pool_backward;
decltype(HONE_LEAF_NS::dropout) dropout;

}  // namespace lanes
}  // namespace HONE_LEAF_NS
}  // namespace hone
