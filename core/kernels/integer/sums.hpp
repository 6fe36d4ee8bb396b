#pragma once
#include "leaves.hpp"

namespace hone {
namespace HONE_LEAF_NS {
namespace integer {

/// A function that keeps its tile to itself: inlined, the tile would stay on the stack while the
/// caller goes deeper. So would a loop that needs every register share them with its caller.
#define HONE_OWN_FRAME __attribute__((noinline))

constexpr std::size_t kTile = 32;

static inline std::size_t at_most(std::size_t x, std::size_t limit) {
  return x < limit ? x : limit;
}

/// A tile of exact sums of products: one row of up to 32 columns, two of 16 or four of 8. They grow
/// in 32 bits and move to 64 before they could overflow. A local of the leaf: 400 bytes of stack.
struct Sums {
  std::int32_t narrow[kTile];
  std::int64_t wide[kTile];  ///< only if spilled
  std::uint32_t terms;       ///< in each narrow sum
  bool spilled;
};

/// From one row of a tile to the next.
static inline std::size_t tile_stride(std::size_t cols) {
  return cols > 16 ? 32 : cols > 8 ? 16 : 8;
}
static inline std::size_t tile_rows(std::size_t cols) { return kTile / tile_stride(cols); }

static inline void clear(Sums& t) {
  for (std::size_t i = 0; i < kTile; ++i) t.narrow[i] = 0;
  t.terms = 0;
  t.spilled = false;
}
static inline std::int64_t total(const Sums& t, std::size_t i) {
  return t.spilled ? t.wide[i] + t.narrow[i] : t.narrow[i];
}
/// Before narrow sums overflow: they go on from 0.
HONE_OWN_FRAME static inline void spill(Sums& t) {
  for (std::size_t i = 0; i < kTile; ++i) {
    t.wide[i] = total(t, i);
    t.narrow[i] = 0;
  }
  t.terms = 0;
  t.spilled = true;
}

/// What multiplies whole rows: factor (row, term) is at[row * row_step + term * term_step].
struct Factors {
  const std::int8_t* at;
  std::size_t row_step, term_step;
};

/// t[row][c] += factor(row, term) * b[term * b_step + c] over `count` terms, for
/// rows <= tile_rows(cols), c < cols <= 32.
void add_products(Sums& t, std::size_t rows, std::size_t cols, const Factors& a,
                  const std::int16_t* b, std::size_t b_step, std::size_t count);
void add_products(Sums& t, std::size_t rows, std::size_t cols, const Factors& a,
                  const std::int8_t* b, std::size_t b_step, std::size_t count);

/// Column by column: t[c] += a[term * a_step + c] * b[term * b_step + c]. Steps may be negative.
void add_pairs(Sums& t, std::size_t cols, const std::int8_t* a, std::ptrdiff_t a_step,
               const std::int16_t* b, std::ptrdiff_t b_step, std::size_t count);
void add_pairs(Sums& t, std::size_t cols, const std::int8_t* a, std::ptrdiff_t a_step,
               const std::int8_t* b, std::ptrdiff_t b_step, std::size_t count);

/// sums[r] += the sum of a[i] * b[r * b_step + i] over i < count, for r < rows.
void add_dots(std::int64_t* sums, std::size_t rows, const std::int8_t* a, const std::int16_t* b,
              std::size_t b_step, std::size_t count);
void add_dots(std::int64_t* sums, std::size_t rows, const std::int16_t* a, const std::int8_t* b,
              std::size_t b_step, std::size_t count);

}  // namespace integer
}  // namespace HONE_LEAF_NS
}  // namespace hone
