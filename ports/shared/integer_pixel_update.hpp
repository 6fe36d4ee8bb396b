#pragma once
#include "integer_conv_routed.hpp"

// The gradient of the weights of a convolution by products of bytes of neighbouring pixels, with a
// pool behind it or without.
namespace hone {
namespace HONE_LEAF_NS {

/// Whether the port's lanes (integer_pixels.hpp) and the layer have them.
bool takes_pixels(const RoutedLayer& l);
/// The update of the weights.
void pixel_update(const RoutedLayer& l, const IntegerParameters& p, const std::int8_t* x,
                  IntegerReport& report);

}  // namespace HONE_LEAF_NS
}  // namespace hone
