#pragma once
#include "hone/integer_kernels.hpp"
#include "hone/program.hpp"
#include "leaf.hpp"

// The leaves of w16a8 in the compact port; pools and softmax are the plain ones, compiled for size.
namespace hone::compact {

namespace integer {
Leaf<decltype(IntegerKernels::dense_forward)> dense_forward;
Leaf<decltype(IntegerKernels::conv_forward)> conv_forward;
Leaf<decltype(IntegerKernels::depthwise_forward)> depthwise_forward;
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

// What becomes of a parameter: integer_update.hpp.
struct AnyRule;
struct MomentumRule;
struct PlainRule;
template <class Rule>
Leaf<decltype(IntegerKernels::dense_backward)> dense_backward_by;
template <class Rule>
Leaf<decltype(IntegerKernels::conv_backward)> conv_backward_by;
template <class Rule>
Leaf<decltype(IntegerKernels::depthwise_backward)> depthwise_backward_by;
}  // namespace integer

/// A constant expression, for integer_kernels_of(); that of AnyRule is kIntegerKernels in memory.
template <class Rule>
constexpr IntegerKernels integer_table_by() {
  IntegerKernels k{};
  k.dense_forward = integer::dense_forward;
  k.dense_backward = integer::dense_backward_by<Rule>;
  k.conv_forward = integer::conv_forward;
  k.conv_backward = integer::conv_backward_by<Rule>;
  k.depthwise_forward = integer::depthwise_forward;
  k.depthwise_backward = integer::depthwise_backward_by<Rule>;
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
/// That of the shortest rule that does for a program.
constexpr IntegerKernels integer_table(const ProgramView& program) {
  if (program.micro < program.batch) return integer_table_by<integer::AnyRule>();
  if (program.has_momentum)
    return program.velocity16 || program.decoupled_decay
               ? integer_table_by<integer::AnyRule>()
               : integer_table_by<integer::MomentumRule>();
  return program.weight_decay > 0 ? integer_table_by<integer::AnyRule>()
                                  : integer_table_by<integer::PlainRule>();
}

}  // namespace hone::compact
