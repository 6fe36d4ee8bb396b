// The floats of neon, and integers with dot products of bytes.
#if !defined(__ARM_FEATURE_DOTPROD)
#error "neon_dot: a -march among the compiler's flags takes away what -mcpu=cortex-a55 gives"
#endif
#undef HONE_LEAF_NS
#define HONE_LEAF_NS neon
#include "ports/shared/lane_table.hpp"

namespace hone {
namespace neon_dot {

extern const IntegerKernels kIntegerKernels;
extern const Kernels kKernels;
constexpr Kernels kKernels = neon::lane_table("neon_dot", kIntegerKernels);

}  // namespace neon_dot
}  // namespace hone
