#pragma once
#include "leaves.hpp"

// A dense layer for few samples, without tiles of sums: as many as small cores keep in registers.
namespace hone {
namespace HONE_LEAF_NS {
namespace integer {

/// Else the leaves of dense.cpp. Columns: of W, a record of each is on the stack.
constexpr std::size_t kFewSamples = 8, kFewColumns = 64;
constexpr std::size_t kFewInputs = kWideChunk;  // a sum of 32 bits holds them

/// The arguments are those of the leaves.
std::uint64_t forward_few(std::int8_t* y, const std::int8_t* x, const std::int16_t* w,
                          const std::int32_t* bias, int bias_shift, std::size_t n, std::size_t in,
                          std::size_t out, const IntegerOutput& end);
/// False, and nothing done, where 32 bits may be too few for an update.
bool backward_few(IntegerReport& report, const IntegerParameters& p, std::int8_t* dx,
                  const std::int8_t* x, const std::int8_t* dy, std::size_t n, std::size_t in,
                  std::size_t out, const IntegerGradient& end);

}  // namespace integer
}  // namespace HONE_LEAF_NS
}  // namespace hone
