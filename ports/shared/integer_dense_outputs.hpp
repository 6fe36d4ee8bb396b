#pragma once
#include "integer_rows.hpp"
#include "integer_tile.hpp"
#include "tiles.hpp"

// What becomes of the sums of a dense layer.
namespace hone {
namespace HONE_LEAF_NS {
namespace {

using Lanes = IntegerLanes;

struct Outputs {
  std::int8_t* y;
  const std::int64_t* bias;  // of the columns
  std::size_t first, count, pitch;
  const IntegerOutput& end;
  const ShortEnd* quick;  // null: not all sums fit 32 bits

  std::size_t tiles() const { return (count + kColumns - 1) / kColumns; }
  std::size_t of_tile(std::size_t t) const { return least_of(count - t * kColumns, kColumns); }

  // Tile t from sums in the order of Lanes::two().
  HONE_APART std::uint64_t put_short(const std::int32_t (*part)[kColumns], std::size_t t,
                                     std::size_t sample, std::size_t rows) const {
    const std::size_t begin = t * kColumns, columns = of_tile(t);
    constexpr int C = kColumns < 16 ? 8 : 16;
    using V = typename TileOf<C>::V;
    V seen{};
    std::int32_t from[kColumns] = {};
    for (std::size_t o = 0; o < columns; ++o) from[o] = static_cast<std::int32_t>(bias[begin + o]);
    for (std::size_t r = 0; r < rows; ++r) {
      std::int32_t whole[kColumns];
      Lanes::Sums low = Lanes::load(part[r]), high = Lanes::load(part[r] + Lanes::kWidth);
      Lanes::ordered(low, high);
      Lanes::store(whole, low);
      Lanes::store(whole + Lanes::kWidth, high);
      std::int8_t codes[kColumns];
      for (std::size_t c = 0; c < kColumns; c += C) {
        constexpr std::size_t W = TileOf<C>::Lanes::kWidth;
        V sum[TileOf<C>::kVectors];
        HONE_UNROLL for (std::size_t v = 0; v < TileOf<C>::kVectors; ++v) sum[v] =
            load_sums<V>(whole + c + v * W) + load_sums<V>(from + c + v * W);
        // Beyond the last column there may be products, of other weights.
        for (std::size_t o = columns > c ? columns - c : 0; o < C; ++o) sum[o / W][o % W] = 0;
        put_sums<C>(codes + c, sum, *quick, seen);
      }
      __builtin_memcpy(y + (sample + r) * pitch + first + begin, codes, columns);
    }
    return or_of(seen);
  }
  std::uint64_t put(std::int64_t (*total)[kColumns], std::size_t t, std::size_t sample,
                    std::size_t rows) const {
    const std::size_t begin = t * kColumns, columns = of_tile(t);
    std::uint64_t seen = 0;
    for (std::size_t r = 0; r < rows; ++r) {
      for (std::size_t o = 0; o < columns; ++o) total[r][o] += bias[begin + o];
      seen |= put_row(y, (sample + r) * pitch + first + begin, total[r], columns, end);
    }
    return seen;
  }
};

}  // namespace
}  // namespace HONE_LEAF_NS
}  // namespace hone
