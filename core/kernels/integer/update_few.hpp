#pragma once
#include "dense_few.hpp"
#include "update.hpp"

// The update of a dense layer for few samples: only columns with a gradient, and their lanes of the
// streams of rows.
namespace hone {
namespace HONE_LEAF_NS {
namespace integer {

struct Lane {
  std::uint32_t of_lane;  // what the seed of the row becomes that of the lane with
  std::uint16_t at, blocks;
};
struct Live {
  std::int32_t g[kFewColumns];     // sums of a row; of one sample the parts behind x
  std::uint16_t u16[kFewColumns];  // what the stream of the row has for them
  std::uint8_t column[kFewColumns];
  std::size_t columns, lanes;
  Lane lane[kStreamLanes];
};

/// Where n samples have a gradient, or all; g is left.
void find_live(Live& live, const std::int8_t* dy, std::size_t n, std::size_t out, bool all);

/// A row of W by one sample: its sums are x * g, and g holds the rate.
void update_by_sample(IntegerReport& report, std::int16_t* w, std::uint32_t seed, Live& live,
                      std::int32_t x, const QuickUpdate& q);
/// By the sums in g, which gets the rate.
void update_by_sums(IntegerReport& report, std::int16_t* w, std::uint32_t seed, Live& live,
                    const IntegerUpdate& update, const QuickUpdate& q, std::int32_t size);

/// All biases, which do not decay; q.most allows any sum of n gradients.
void update_biases_few(const IntegerParameters& p, const std::int8_t* dy, std::size_t n,
                       std::size_t out, const Live& live, const QuickUpdate& q);

}  // namespace integer
}  // namespace HONE_LEAF_NS
}  // namespace hone
