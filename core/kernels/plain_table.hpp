#pragma once
#include "leaves.hpp"

namespace hone {
namespace HONE_LEAF_NS {

#define HONE_TEXT_OF(name) #name
#define HONE_NAME_OF(name) HONE_TEXT_OF(name)

extern const IntegerKernels kIntegerKernels;

/// The plain leaves of this build. A port starts from them.
static constexpr Kernels plain_table() {
  Kernels k{};
  k.name = HONE_NAME_OF(HONE_LEAF_NS);
  k.integer = &kIntegerKernels;
  k.dense_forward = dense_forward;
  k.dense_backward = dense_backward;
  k.outer_update = outer_update;
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
  k.accumulate = accumulate;
  k.dropout = dropout;
  k.softmax = softmax;
  k.cross_entropy = cross_entropy;
  k.squared_error = squared_error;
  k.any_not_finite = any_not_finite;
  k.floor_all = floor_all;
  return k;
}

}  // namespace HONE_LEAF_NS
}  // namespace hone
