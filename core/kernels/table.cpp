#include "plain_table.hpp"

namespace hone {
namespace HONE_LEAF_NS {

extern const Kernels kKernels;
constexpr Kernels kKernels = plain_table();

}  // namespace HONE_LEAF_NS
}  // namespace hone
