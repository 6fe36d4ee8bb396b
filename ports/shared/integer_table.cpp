#include "core/kernels/integer/plain_table.hpp"
#include "integer.hpp"

namespace hone {
namespace HONE_LEAF_NS {
namespace {

constexpr IntegerKernels table() {
  IntegerKernels k = integer::plain_table();
  k.dense_forward = lanes::integer::dense_forward;
  k.dense_backward = lanes::integer::dense_backward;
  k.conv_forward = lanes::integer::conv_forward;
  k.conv_backward = lanes::integer::conv_backward;
  k.depthwise_forward = lanes::integer::depthwise_forward;
  k.depthwise_backward = lanes::integer::depthwise_backward;
  k.dropout = lanes::integer::dropout;
  return k;
}

}  // namespace

extern const IntegerKernels kIntegerKernels;
constexpr IntegerKernels kIntegerKernels = table();

}  // namespace HONE_LEAF_NS
}  // namespace hone
