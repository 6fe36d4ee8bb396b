#pragma once
#include "sums.hpp"

// A dense layer for few samples, without tiles of sums: as many as small cores keep in registers.
namespace hone {
namespace HONE_LEAF_NS {
namespace integer {

/// Else the leaves of dense.cpp. Columns: of W, a record of each is on the stack.
constexpr std::size_t kFewSamples = 8, kFewColumns = 64;
/// A sum of 32 bits holds them beside what it starts from.
constexpr std::size_t kFewInputs = kWideChunk * 3 / 4;

/// Columns of x that are rows of W: themselves, or where dx is about to replace them a copy.
static inline Factors columns_of(const std::int8_t* x, std::int8_t* copy, std::size_t rows,
                                 std::size_t n, std::size_t in) {
  if (!copy) return {x, 1, in};
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t r = 0; r < rows; ++r) copy[i * rows + r] = x[i * in + r];
  return {copy, 1, rows};
}

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
