#pragma once
#include "ports/x86_avx2/vec8.hpp"

namespace hone {
namespace HONE_LEAF_NS {

using Wide = Vec8;
using Narrow = Vec8;

// 16 registers: 12 sums, two vectors of b, one of a.
constexpr int kTileRows = 6;
constexpr int kTileRowsOuter = kTileRows;
/// Pixels of a row in a tile of two rows that is pooled in registers.
constexpr int kPooledPixels = 6;
constexpr int kTileRowsThin = 12;

constexpr int kSweepGroup = 2;

}  // namespace HONE_LEAF_NS
}  // namespace hone
