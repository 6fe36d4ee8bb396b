#pragma once
#include "core/kernels/integer/leaves.hpp"
#include "eights.hpp"
#include "integer_tile.hpp"

// Sums of input gradients that fit 32 bits become mantissas, eight at a time.
namespace hone {
namespace HONE_LEAF_NS {

HONE_INLINE ShortEnd short_end(const IntegerGradient& end) {
  return {-0x7FFFFFFF, 0x7FFFFFFF, std::int32_t{1} << (end.shift - 1), end.shift};
}

/// dx[at .. at + count), at most eight, from their mantissas: finish_gradient(), in lanes where
/// that keeps or clears eight.
HONE_INLINE void put_codes(std::int8_t* dx, std::size_t at, std::int8_t* codes, std::size_t count,
                           const IntegerGradient& end) {
  const bool is_mask = end.act == Activation::relu || end.act == Activation::relu6;
  if (is_mask && count == sizeof(EightCodes)) {
    const EightCodes y = eight_codes(end.y + at);
    EightCodes d = eight_codes(codes) & (y > 0);
    if (end.act == Activation::relu6 && end.six <= kMaxMantissa8)
      d &= y < static_cast<std::int8_t>(end.six < 0 ? 0 : end.six);
    __builtin_memcpy(dx + at, &d, sizeof d);
    return;
  }
  IntegerGradient here = end;
  here.y = end.y + (end.act == Activation::none ? 0 : at);
  integer::finish_gradient(codes, count, here);
  __builtin_memcpy(dx + at, codes, count);
}

/// dx[at .. at + count), at most eight, from their sums. `seen` collects magnitude_bits().
HONE_INLINE void put_short_gradients(std::int8_t* dx, std::size_t at, const std::int32_t* sums,
                                     std::size_t count, const IntegerGradient& end,
                                     typename TileOf<8>::V& seen) {
  using V = typename TileOf<8>::V;
  std::int32_t all[8] = {};
  std::int8_t codes[8];
  V sum[TileOf<8>::kVectors];
  if (count < 8) {
    for (std::size_t i = 0; i < count; ++i) all[i] = sums[i];
    sums = all;
  }
  HONE_UNROLL for (std::size_t v = 0; v < TileOf<8>::kVectors; ++v) sum[v] =
      load_sums<V>(sums + v * TileOf<8>::Lanes::kWidth);
  put_sums<8>(codes, sum, short_end(end), seen);
  put_codes(dx, at, codes, count, end);
}

}  // namespace HONE_LEAF_NS
}  // namespace hone
