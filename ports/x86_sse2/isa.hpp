#pragma once
#include "ports/x86_sse2/vec4.hpp"

namespace hone {
namespace HONE_LEAF_NS {

using Wide = Vec4;
using Narrow = Vec4;

#if defined(__FMA__)
// 16 registers: 12 sums, two vectors of b, one of a.
constexpr int kTileRows = 6;
constexpr int kTileRowsThin = 12;
constexpr int kPooledPixels = 6;
#else
// The software fma needs the registers itself.
constexpr int kTileRows = 2;
constexpr int kTileRowsThin = 4;
constexpr int kPooledPixels = 2;
#endif
constexpr int kTileRowsOuter = kTileRows;

constexpr int kSweepGroup = 1;

}  // namespace HONE_LEAF_NS
}  // namespace hone
