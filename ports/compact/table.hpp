#pragma once
#include "hone/kernels.hpp"
#include "leaf.hpp"

namespace hone {

namespace portable {
Leaf<decltype(Kernels::keep_mask)> keep_mask;
Leaf<decltype(Kernels::finish_gradient_masked)> finish_gradient_masked;
Leaf<decltype(Kernels::avg_pool_forward)> avg_pool_forward;
Leaf<decltype(Kernels::avg_pool_backward)> avg_pool_backward;
Leaf<decltype(Kernels::add)> add;
Leaf<decltype(Kernels::accumulate)> accumulate;
}  // namespace portable

/// The port with the fewest bytes of code: README.md.
namespace compact {

Leaf<decltype(Kernels::dense_forward)> dense_forward;
Leaf<decltype(Kernels::dense_backward)> dense_backward;
Leaf<decltype(Kernels::outer_update)> outer_update;
Leaf<decltype(Kernels::conv_forward)> conv_forward;
Leaf<decltype(Kernels::conv_backward)> conv_backward;
Leaf<decltype(Kernels::depthwise_forward)> depthwise_forward;
Leaf<decltype(Kernels::depthwise_backward)> depthwise_backward;
Leaf<decltype(Kernels::activate)> activate;
Leaf<decltype(Kernels::finish_gradient)> finish_gradient;
Leaf<decltype(Kernels::max_pool_forward)> max_pool_forward;
Leaf<decltype(Kernels::max_pool_backward)> max_pool_backward;
Leaf<decltype(Kernels::dropout)> dropout;
Leaf<decltype(Kernels::softmax)> softmax;
Leaf<decltype(Kernels::cross_entropy)> cross_entropy;
Leaf<decltype(Kernels::squared_error)> squared_error;
Leaf<decltype(Kernels::any_not_finite)> any_not_finite;
Leaf<decltype(Kernels::floor_all)> floor_all;

extern const IntegerKernels kIntegerKernels;

/// A constant expression, for kernels_of(); kKernels is the same table in memory.
constexpr Kernels table() {
  Kernels k{};
  k.name = "compact";
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
  k.keep_mask = portable::keep_mask;
  k.finish_gradient_masked = portable::finish_gradient_masked;
  k.max_pool_forward = max_pool_forward;
  k.max_pool_backward = max_pool_backward;
  k.avg_pool_forward = portable::avg_pool_forward;
  k.avg_pool_backward = portable::avg_pool_backward;
  k.add = portable::add;
  k.accumulate = portable::accumulate;
  k.dropout = dropout;
  k.softmax = softmax;
  k.cross_entropy = cross_entropy;
  k.squared_error = squared_error;
  k.any_not_finite = any_not_finite;
  k.floor_all = floor_all;
  return k;
}

extern const Kernels kKernels;

}  // namespace compact
}  // namespace hone
