#pragma once
#include "core/kernels/dropout_draws.hpp"
#include "core/kernels/integer/update.hpp"
#include "integer_lanes.hpp"

// Blocks of sixteen values of a random stream, and numbers beside them.
namespace hone {
namespace HONE_LEAF_NS {

constexpr std::size_t kDrawsOfBlock = 16;

/// The lanes of the stream of one row.
struct RowDraws {
  EightDraws lane;

  HONE_INLINE void start(const IntegerUpdate& update, std::size_t row) {
    const EightDraws number{1, 2, 3, 4, 5, 6, 7, 8};
    lane = integer::seed_of_row(update, row) + number * kLaneStep;
    mix(lane);
    lane += ((lane | -lane) >> 31) ^ 1;  // 0 becomes 1; gcc compares such vectors in scalars
  }
  /// The same, at column c: whole blocks.
  HONE_INLINE void start(const IntegerUpdate& update, std::size_t row, std::size_t column) {
    start(update, row);
    for (std::size_t c = 0; c < column; c += kDrawsOfBlock) advance(lane);
  }
  HONE_INLINE void next(Eight& first, Eight& second) {
    advance(lane);
    first = reinterpret_cast<Eight>(lane & 0xFFFFu);
    second = reinterpret_cast<Eight>(lane >> 16);
  }
};

}  // namespace HONE_LEAF_NS
}  // namespace hone
