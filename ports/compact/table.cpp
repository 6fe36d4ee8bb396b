#include "table.hpp"

#include "integer_table.hpp"

namespace hone::compact {

constexpr Kernels kKernels = table();
extern const IntegerKernels kIntegerKernels;
constexpr IntegerKernels kIntegerKernels = integer_table();

}  // namespace hone::compact
