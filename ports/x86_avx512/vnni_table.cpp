// The floats of avx512, and integers with multiply-adds of 16 bits in one instruction.
#undef HONE_LEAF_NS
#define HONE_LEAF_NS avx512
#include "ports/shared/lane_table.hpp"

namespace hone {
namespace avx512_vnni {

extern const IntegerKernels kIntegerKernels;
extern const Kernels kKernels;
constexpr Kernels kKernels = avx512::lane_table("avx512_vnni", kIntegerKernels);

}  // namespace avx512_vnni
}  // namespace hone
