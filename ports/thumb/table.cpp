// The floats of portable, and integers in the few registers of a Cortex-M.
#include "kernels/integer/plain_table.hpp"
#undef HONE_LEAF_NS
#define HONE_LEAF_NS portable
#include "kernels/plain_table.hpp"

namespace hone {
namespace thumb {

extern const IntegerKernels kIntegerKernels;
constexpr IntegerKernels kIntegerKernels = integer::plain_table();

static constexpr Kernels table() {
  Kernels k = portable::plain_table();
  k.name = "thumb";
  k.integer = &kIntegerKernels;
  return k;
}
extern const Kernels kKernels;
constexpr Kernels kKernels = table();

}  // namespace thumb
}  // namespace hone
