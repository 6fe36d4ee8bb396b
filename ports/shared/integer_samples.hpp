#pragma once
#include "eights.hpp"

// The gradient of the weights of a dense layer: sums over the samples of x times dy. Lanes take a
// group of samples at a time; integer_lanes.hpp of a port names its `SampleLanes`:
//
//   kGroup            samples of a group
//   kRows, kVectors   a tile: rows of W, vectors of sums in each
//   Number            what x becomes
//   side_by_side()    eight x of each sample of a group become rows of kGroup numbers
//   add()             R rows of a group times its rows of dy, which are `pitch` apart
//   ordered()         puts the sums of a row in the order of the columns
namespace hone {
namespace HONE_LEAF_NS {

/// Two samples, widened to 16 bits. L: IntegerLanes, E: SumsOf8 of the port.
template <class L, class E>
struct PairedSamples {
  static constexpr std::size_t kGroup = 2;
  static constexpr int kRows = L::kTileRows, kVectors = 2;
  using Number = std::int16_t;

  HONE_INLINE static void side_by_side(Number* to, const EightCodes (&x)[kGroup]) {
    E::pair_eight(to, __builtin_convertvector(x[0], EightWords),
                  __builtin_convertvector(x[1], EightWords));
  }
  template <int R>
  HONE_INLINE static void add(typename L::Sums (&sum)[R][kVectors], const std::int8_t* dy,
                              std::size_t pitch, const Number* x) {
    const typename L::Two two = L::two(L::widened(dy), L::widened(dy + pitch));
    HONE_UNROLL for (std::size_t r = 0; r < R; ++r) L::add(sum[r][0], sum[r][1], two, x + 2 * r);
  }
  HONE_INLINE static void ordered(typename L::Sums (&sum)[kVectors]) { L::ordered(sum[0], sum[1]); }
};

}  // namespace HONE_LEAF_NS
}  // namespace hone
