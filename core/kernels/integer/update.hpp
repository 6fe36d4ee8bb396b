#pragma once
#include "sums.hpp"

// Sums of gradients become new weights and biases: struct IntegerUpdate.
namespace hone {
namespace HONE_LEAF_NS {
namespace integer {

/// The random numbers of one row of weights. Seeded where the first is drawn: most rows of a
/// sparse sample need none.
struct RowStream {
  std::uint32_t lane[8];
  std::uint32_t seed;
  std::size_t blocks;  ///< of 16 values, drawn so far
};
/// Its lanes before the first block.
void seed_stream(std::uint32_t* lane, std::uint32_t seed);
void start_row(RowStream& stream, const IntegerUpdate& update, std::size_t row);

/// The weight that m becomes. velocity: of momentum, else null. u16: its random number.
std::int16_t updated(const IntegerUpdate& update, std::int32_t acc, std::int16_t m,
                     std::int32_t* velocity, std::uint32_t u16);

/// Columns [column, column + cols) of a row of W, whose first weight is `at`, from the sums of `t`
/// from `first` on, which it may change. The columns of a stream ascend from call to call.
void update_weights(IntegerReport& report, const IntegerParameters& p, RowStream& stream,
                    std::size_t at, std::size_t column, Sums& t, std::size_t first,
                    std::size_t cols);

/// All biases, where there are any: dy[n, channels].
void update_biases(const IntegerParameters& p, const std::int8_t* dy, std::size_t n,
                   std::size_t channels);

}  // namespace integer
}  // namespace HONE_LEAF_NS
}  // namespace hone
