#include "lane_table.hpp"

namespace hone {
namespace HONE_LEAF_NS {

extern const Kernels kKernels;
constexpr Kernels kKernels = lane_table();

}  // namespace HONE_LEAF_NS
}  // namespace hone
