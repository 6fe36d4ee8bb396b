#include "table.hpp"

#include "integer_table.hpp"

namespace hone::compact {

constexpr Kernels kKernels = table();
extern const IntegerKernels kIntegerKernels;
constexpr IntegerKernels kIntegerKernels = integer_table_by<integer::AnyRule>();

}  // namespace hone::compact
