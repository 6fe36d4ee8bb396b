#pragma once
#include "ports/x86_avx2/vec8.hpp"
#include "ports/x86_avx512/nonzero.hpp"
#include "ports/x86_avx512/vec16.hpp"

namespace hone {
namespace HONE_LEAF_NS {

using Wide = Vec16;
using Narrow = Vec8;

// 32 registers: 24 sums, two vectors of b, one of a.
constexpr int kTileRows = 12;
constexpr int kTileRowsOuter = kTileRows;
/// Pixels of a row in a tile of two rows that is pooled in registers.
constexpr int kPooledPixels = 14;
constexpr int kTileRowsThin = 14;

constexpr int kSweepGroup = 4;

}  // namespace HONE_LEAF_NS
}  // namespace hone
