#pragma once
#include "kernels/dropout_draws.hpp"
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
/// hone/random.hpp, hash_word.
static inline std::uint32_t seed_of_row(const IntegerUpdate& update, std::size_t row) {
  return mixed(update.stream ^ static_cast<std::uint32_t>(row)) + kLaneStep;
}
void start_row(RowStream& stream, const IntegerUpdate& update, std::size_t row);

/// The weight that m becomes. velocity: of momentum, else null. u16: its random number.
std::int16_t updated(const IntegerUpdate& update, std::int32_t acc, std::int16_t m,
                     std::int32_t* velocity, std::uint32_t u16);
/// The same of weight `at`, with the velocity that it has; the weight is left as it is.
std::int16_t updated(const IntegerParameters& p, std::size_t at, std::int32_t acc,
                     std::uint32_t u16);

/// Plain SGD where 32 bits hold every number, which is nearly always:
/// t = ((acc * rate + half) >> shift) + ((M * decay + decay_half) >> decay_shift).
struct QuickUpdate {
  std::int32_t most;  ///< that acc may be; negative: none
  bool decays;
  std::int32_t rate, half, decay, decay_half;
  int shift, decay_shift;
};
QuickUpdate quick_of(const IntegerUpdate& update);

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
