#pragma once
#include "leaves.hpp"

namespace hone {
namespace HONE_LEAF_NS {
namespace integer {

/// The plain leaves of w16a8 of this build. A port starts from them.
static constexpr IntegerKernels plain_table() {
  IntegerKernels k{};
  k.dense_forward = dense_forward;
  k.dense_backward = dense_backward;
  k.conv_forward = conv_forward;
  k.conv_backward = conv_backward;
  k.depthwise_forward = depthwise_forward;
  k.depthwise_backward = depthwise_backward;
  k.activate = activate;
  k.finish_gradient = finish_gradient;
  k.keep_mask = keep_mask;
  k.finish_gradient_masked = finish_gradient_masked;
  k.max_pool_forward = max_pool_forward;
  k.max_pool_backward = max_pool_backward;
  k.avg_pool_forward = avg_pool_forward;
  k.avg_pool_backward = avg_pool_backward;
  k.add = add;
  k.dropout = dropout;
  k.softmax = softmax;
  return k;
}

}  // namespace integer
}  // namespace HONE_LEAF_NS
}  // namespace hone
