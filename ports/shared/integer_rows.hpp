#pragma once
#include "core/kernels/integer/ends.hpp"
#include "integer_lanes.hpp"

// Rows of whole numbers for tiles that are two vectors of sums wide.
namespace hone {
namespace HONE_LEAF_NS {

/// Columns of a tile.
constexpr std::size_t kColumns = 2 * IntegerLanes::kWidth;

/// W[rows, columns] by vectors of kColumns from any place on. One that would reach beyond the end
/// of W is read through a copy; what it holds beyond its row is anything.
struct WeightRows {
  const std::int16_t* w;
  std::size_t columns, size;  // of a row, of W

  HONE_INLINE bool is_inside(std::size_t at) const { return at + kColumns <= size; }
  HONE_INLINE IntegerLanes::Numbers inside(std::size_t at) const {
    return IntegerLanes::numbers(w + at);
  }
  HONE_INLINE IntegerLanes::Numbers any(std::size_t at) const {
    if (is_inside(at)) return inside(at);
    std::int16_t copy[kColumns] = {};
    __builtin_memcpy(copy, w + at, (size - at) * sizeof *w);
    return IntegerLanes::numbers(copy);
  }
};

/// y[0..count) from finished sums (hone::IntegerOutput). Returns as integer::put(). The first loop
/// is what nearly all layers need, in a form that becomes vector code.
HONE_INLINE std::uint64_t put_row(std::int8_t* y, std::size_t at, const std::int64_t* sum,
                                  std::size_t count, const IntegerOutput& end) {
  std::uint64_t seen = 0;
  const bool is_plain = end.act == Activation::none || end.act == Activation::relu;
  if (!end.sums && is_plain && end.shift >= 1 && end.shift <= 60) {
    const std::int64_t least = end.act == Activation::relu ? 0 : -kMaxSum;
    const std::int64_t half = std::int64_t{1} << (end.shift - 1);
    for (std::size_t i = 0; i < count; ++i) {
      const std::int64_t s = sum[i] > least ? sum[i] : least;
      seen |= static_cast<std::uint64_t>(s ^ (s >> 63));
      const std::int64_t q = (s + half) >> end.shift;
      const std::int64_t low = q < kMaxMantissa8 ? q : kMaxMantissa8;
      y[at + i] = static_cast<std::int8_t>(low > -kMaxMantissa8 ? low : -kMaxMantissa8);
    }
    return seen;
  }
  for (std::size_t i = 0; i < count; ++i) seen |= integer::put(y, at + i, sum[i], end);
  return seen;
}

/// The same for dx[at .. at + count).
HONE_INLINE std::uint64_t put_row(std::int8_t* dx, std::size_t at, const std::int64_t* sum,
                                  std::size_t count, const IntegerGradient& end) {
  std::uint64_t seen = 0;
  const bool is_plain = end.act == Activation::none || end.act == Activation::relu;
  if (!end.resumes && is_plain && end.shift >= 1 && end.shift <= 60) {
    const std::int64_t half = std::int64_t{1} << (end.shift - 1);
    const bool has_mask = end.act == Activation::relu;
    for (std::size_t i = 0; i < count; ++i) {
      seen |= static_cast<std::uint64_t>(sum[i] ^ (sum[i] >> 63));
      const std::int64_t q = (sum[i] + half) >> end.shift;
      const std::int64_t low = q < kMaxMantissa8 ? q : kMaxMantissa8;
      const std::int64_t d = low > -kMaxMantissa8 ? low : -kMaxMantissa8;
      dx[at + i] = static_cast<std::int8_t>(!has_mask || end.y[at + i] > 0 ? d : 0);
    }
    return seen;
  }
  for (std::size_t i = 0; i < count; ++i) seen |= integer::put(dx, at + i, sum[i], end);
  return seen;
}

}  // namespace HONE_LEAF_NS
}  // namespace hone
