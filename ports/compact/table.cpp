#include "table.hpp"

namespace hone::compact {

constexpr Kernels kKernels = table();

}  // namespace hone::compact
