#pragma once
#include "hone/integer_kernels.hpp"
#include "hone/program.hpp"
#include "leaf.hpp"

// The leaves of w16a8 in the compact port; pools and softmax are the plain ones, compiled for size.
namespace hone::compact {

namespace integer {
Leaf<decltype(IntegerKernels::dense_forward)> dense_forward;
Leaf<decltype(IntegerKernels::dense_backward)> dense_backward;
Leaf<decltype(IntegerKernels::conv_forward)> conv_forward;
Leaf<decltype(IntegerKernels::conv_backward)> conv_backward;
Leaf<decltype(IntegerKernels::depthwise_forward)> depthwise_forward;
Leaf<decltype(IntegerKernels::depthwise_backward)> depthwise_backward;
Leaf<decltype(IntegerKernels::activate)> activate;
Leaf<decltype(IntegerKernels::finish_gradient)> finish_gradient;
Leaf<decltype(IntegerKernels::keep_mask)> keep_mask;
Leaf<decltype(IntegerKernels::finish_gradient_masked)> finish_gradient_masked;
Leaf<decltype(IntegerKernels::max_pool_forward)> max_pool_forward;
Leaf<decltype(IntegerKernels::max_pool_backward)> max_pool_backward;
Leaf<decltype(IntegerKernels::avg_pool_forward)> avg_pool_forward;
Leaf<decltype(IntegerKernels::avg_pool_backward)> avg_pool_backward;
Leaf<decltype(IntegerKernels::add)> add;
Leaf<decltype(IntegerKernels::dropout)> dropout;
Leaf<decltype(IntegerKernels::softmax)> softmax;

// For a job without momentum, decay and split batches.
Leaf<decltype(IntegerKernels::dense_backward)> plain_dense_backward;
Leaf<decltype(IntegerKernels::conv_backward)> plain_conv_backward;
Leaf<decltype(IntegerKernels::depthwise_backward)> plain_depthwise_backward;
}  // namespace integer

/// A constant expression, for integer_kernels_of(); kIntegerKernels is the same table in memory.
constexpr IntegerKernels integer_table() {
  IntegerKernels k{};
  k.dense_forward = integer::dense_forward;
  k.dense_backward = integer::dense_backward;
  k.conv_forward = integer::conv_forward;
  k.conv_backward = integer::conv_backward;
  k.depthwise_forward = integer::depthwise_forward;
  k.depthwise_backward = integer::depthwise_backward;
  k.activate = integer::activate;
  k.finish_gradient = integer::finish_gradient;
  k.keep_mask = integer::keep_mask;
  k.finish_gradient_masked = integer::finish_gradient_masked;
  k.max_pool_forward = integer::max_pool_forward;
  k.max_pool_backward = integer::max_pool_backward;
  k.avg_pool_forward = integer::avg_pool_forward;
  k.avg_pool_backward = integer::avg_pool_backward;
  k.add = integer::add;
  k.dropout = integer::dropout;
  k.softmax = integer::softmax;
  return k;
}
/// The same with the shortest leaves that do for a program.
constexpr IntegerKernels integer_table(const ProgramView& program) {
  IntegerKernels k = integer_table();
  if (program.has_momentum || program.weight_decay > 0 || program.micro < program.batch) return k;
  k.dense_backward = integer::plain_dense_backward;
  k.conv_backward = integer::plain_conv_backward;
  k.depthwise_backward = integer::plain_depthwise_backward;
  return k;
}

}  // namespace hone::compact
