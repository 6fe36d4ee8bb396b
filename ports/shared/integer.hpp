#pragma once
#include "core/kernels/integer/leaves.hpp"

namespace hone {
namespace HONE_LEAF_NS {

/// The integer leaves on lanes, by the names and types of the plain ones. Contracts:
/// hone/integer_kernels.hpp.
namespace lanes::integer {

decltype(HONE_LEAF_NS::integer::dense_forward) dense_forward;
decltype(HONE_LEAF_NS::integer::dense_backward) dense_backward;
decltype(HONE_LEAF_NS::integer::conv_forward) conv_forward;
decltype(HONE_LEAF_NS::integer::conv_backward) conv_backward;
decltype(HONE_LEAF_NS::integer::depthwise_forward) depthwise_forward;
decltype(HONE_LEAF_NS::integer::depthwise_backward) depthwise_backward;
decltype(HONE_LEAF_NS::integer::dropout) dropout;

}  // namespace lanes::integer
}  // namespace HONE_LEAF_NS
}  // namespace hone
