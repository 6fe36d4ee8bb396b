#include "leaves.hpp"

namespace hone {
namespace HONE_LEAF_NS {

extern const IntegerKernels kIntegerKernels;
constexpr IntegerKernels kIntegerKernels = {
    integer::dense_forward,
    integer::dense_backward,
    integer::conv_forward,
    integer::conv_backward,
    integer::depthwise_forward,
    integer::depthwise_backward,
    integer::activate,
    integer::finish_gradient,
    integer::keep_mask,
    integer::finish_gradient_masked,
    integer::max_pool_forward,
    integer::max_pool_backward,
    integer::avg_pool_forward,
    integer::avg_pool_backward,
    integer::add,
    integer::dropout,
    integer::softmax,
};

}  // namespace HONE_LEAF_NS
}  // namespace hone
