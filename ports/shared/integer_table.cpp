#include "core/kernels/integer/plain_table.hpp"
#include "integer.hpp"

namespace hone {
namespace HONE_LEAF_NS {
namespace {

constexpr IntegerKernels table() {
  IntegerKernels k = integer::plain_table();
  k.dense_forward = lanes::integer::dense_forward;
  k.dense_backward = lanes::integer::dense_backward;
  return k;
}

}  // namespace

extern const IntegerKernels kIntegerKernels;
constexpr IntegerKernels kIntegerKernels = table();

}  // namespace HONE_LEAF_NS
}  // namespace hone
