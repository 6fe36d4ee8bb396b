#pragma once
#include "core/kernels/plain_table.hpp"
#include "lanes.hpp"

namespace hone {
namespace HONE_LEAF_NS {

/// The leaves of this port.
static constexpr Kernels lane_table() {
  Kernels k = plain_table();
  k.dense_forward = lanes::dense_forward;
  k.dense_backward = lanes::dense_backward;
  k.outer_update = lanes::outer_update;
  k.conv_forward = lanes::conv_forward;
  k.conv_backward = lanes::conv_backward;
  k.depthwise_forward = lanes::depthwise_forward;
  k.depthwise_backward = lanes::depthwise_backward;
  k.avg_pool_backward = lanes::avg_pool_backward;
  k.dropout = lanes::dropout;
  return k;
}
/// The same as a port of another name, with integers of its own.
static constexpr Kernels lane_table(const char* name, const IntegerKernels& integer) {
  Kernels k = lane_table();
  k.name = name;
  k.integer = &integer;
  return k;
}

}  // namespace HONE_LEAF_NS
}  // namespace hone
