#pragma once
#include "leaves.hpp"

namespace hone {
namespace HONE_LEAF_NS {

/// Scratch of the input gradient: the weights of one tap and group, transposed.
static inline std::size_t panel_floats(const Window& s) {
  return std::size_t{s.in_c / s.groups} * (s.out_c / s.groups);
}

/// Continues the chains in dx[n].
void conv_input_gradient(float* dx, const float* dy, const float* w, float* panel, const Window& s,
                         std::size_t n);
/// The same for row oy of the outputs of one sample. Rows come in raster order.
void conv_input_gradient_of_row(float* dx, const float* dy_row, const float* w, float* panel,
                                const Window& s, std::uint32_t oy);

}  // namespace HONE_LEAF_NS
}  // namespace hone
