#include "plain_table.hpp"

namespace hone {
namespace HONE_LEAF_NS {

extern const IntegerKernels kIntegerKernels;
constexpr IntegerKernels kIntegerKernels = integer::plain_table();

}  // namespace HONE_LEAF_NS
}  // namespace hone
