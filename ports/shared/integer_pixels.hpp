#pragma once
#include "eights.hpp"

// The gradient of the weights of a convolution by lanes that multiply bytes, four neighbouring
// outputs at a time: integer_lanes.hpp of a port names its `PixelLanes`, or NoPixels.
//
//   kRows, kVectors   a tile: rows of W, vectors of sums for eight columns in each
//   kMostInputs       channels of a pixel for which that pays
//   take_planes()     sixteen pixels of eight channels become planes, `pitch` apart
//   put_pooled()      eight channels of two neighbouring 2x2 windows: the gradients of their upper
//                     and their lower four pixels, those of a channel side by side
//   put_outputs()     the same of four outputs
//   load(), store()   eight sums
//   add()             R rows of pixels times chunks of four such fours
namespace hone {
namespace HONE_LEAF_NS {

struct NoPixels;

}  // namespace HONE_LEAF_NS
}  // namespace hone
