#pragma once
#include "core/kernels/integer/ends.hpp"
#include "integer_lanes.hpp"
#include "tiles.hpp"

// Tiles of sums whose columns are 8 or 16 channels. integer_lanes.hpp of a port defines for them
//
//   SumsOf8, SumsOf16   lane types L of kWidth sums
//   kSumVectors         vectors of sums that a tile may have
//
// L::add(sum, factors, pair) adds to each column factor[0] * x[0] + factor[1] * x[1], of 16 bits;
// the factors of a vector of columns lie at L::place(column, 0 or 1). L::put() writes kWidth
// mantissas, limited to 127; where L::kPutsEight, L::put_eight() does all that put_sums() says, for
// two vectors. L::kDeepPairs, if not 0, is how many pairs side by side L::add_deep() adds in one
// turn; then L::add_near() adds two, of rows one number apart, and reads some numbers beyond. L::V
// is a vector of the compiler, for all other arithmetic.
namespace hone {
namespace HONE_LEAF_NS {

/// The columns of a tile: C of them in N vectors; R rows at most.
template <int C>
struct TileOf {
  using Lanes = std::conditional_t<C == 8, SumsOf8, SumsOf16>;
  using V = typename Lanes::V;
  static constexpr int kVectors = C / Lanes::kWidth;
  static constexpr int kRows = kSumVectors / kVectors < 8 ? kSumVectors / kVectors : 8;
  static constexpr std::size_t kColumns = C;
};

/// Place of (column, k) in the 2 * C factors of a pair of terms.
template <int C>
HONE_INLINE constexpr std::size_t place_in_pair(std::size_t column, std::size_t k) {
  using L = typename TileOf<C>::Lanes;
  constexpr std::size_t W = L::kWidth;
  return column / W * 2 * W + L::place(column % W, k);
}

/// sum[r] += x[r * row + i * term + (0, 1)] * factors of pair i, i < pairs.
template <int C, int R>
HONE_INLINE void add_pairs(typename TileOf<C>::V (&sum)[R][TileOf<C>::kVectors],
                           const std::int16_t* x, std::size_t row, std::size_t term,
                           const std::int16_t* factors, std::size_t pairs) {
  using L = typename TileOf<C>::Lanes;
  constexpr int N = TileOf<C>::kVectors;
  if constexpr (L::kDeepPairs != 0) {
    constexpr std::size_t kDeep = L::kDeepPairs;
    if (row == 1 && term == 2 && pairs == 2) return L::template add_near<C>(sum, factors, x);
    if (term == 2)
      for (; pairs >= kDeep; pairs -= kDeep, x += 2 * kDeep, factors += 2 * C * kDeep)
        L::template add_deep<C>(sum, factors, x, row);
  }
  for (; pairs; --pairs, x += term, factors += 2 * C) {
    typename L::Factors b[N];
    HONE_UNROLL for (std::size_t v = 0; v < N; ++v) b[v] = L::factors(factors + 2 * L::kWidth * v);
    HONE_UNROLL for (std::size_t r = 0; r < R; ++r) {
      const typename L::Pair pair = L::pair(x + r * row);
      HONE_UNROLL for (std::size_t v = 0; v < N; ++v) L::add(sum[r][v], b[v], pair);
    }
  }
}

template <class V>
HONE_INLINE V load_sums(const std::int32_t* p) {
  V v;
  __builtin_memcpy(&v, p, sizeof v);
  return v;
}
template <class V>
HONE_INLINE void store_sums(std::int32_t* p, const V& v) {
  __builtin_memcpy(p, &v, sizeof v);
}

/// What ends sums that fit 32 bits: limits, then the nearest at a shift of 1 to 29.
struct ShortEnd {
  std::int32_t low, high, half;
  int shift;

  constexpr bool is_relu() const { return low == 0 && high == 0x7FFFFFFF; }
};
constexpr bool is_short_shift(int s) { return s >= 1 && s <= 29; }

/// One row of a tile becomes mantissas; `seen` collects magnitude_bits(). kRelu: end.is_relu().
template <int C, bool kRelu = false>
HONE_INLINE void put_sums(std::int8_t* y, typename TileOf<C>::V* sum, const ShortEnd& end,
                          typename TileOf<C>::V& seen) {
  using L = typename TileOf<C>::Lanes;
  using V = typename L::V;
  if constexpr (L::kPutsEight) {
    HONE_UNROLL for (std::size_t v = 0; v < TileOf<C>::kVectors; v += 2)
        L::template put_eight<kRelu>(y + 4 * v, sum[v], sum[v + 1], end, seen);
  } else {
    HONE_UNROLL for (std::size_t v = 0; v < TileOf<C>::kVectors; ++v) {
      V s = sum[v];
      s = s < end.low ? V{} + end.low : s;
      s = s > end.high ? V{} + end.high : s;
      seen |= s ^ (s >> 31);
      L::put(y + L::kWidth * v, (s + end.half) >> end.shift);
    }
  }
}

template <class V>
HONE_INLINE std::uint64_t or_of(const V& v) {
  std::int32_t bits = 0;
  for (std::size_t i = 0; i < sizeof v / sizeof bits; ++i) bits |= v[i];
  return static_cast<std::uint32_t>(bits);
}

}  // namespace HONE_LEAF_NS
}  // namespace hone
