#pragma once
#include <type_traits>

#include "isa.hpp"

// Product tiles: R rows by N vectors of chains in registers. Every chain takes its terms in order,
// so the shape of a tile changes no bit.
namespace hone {
namespace HONE_LEAF_NS {

template <int N>
using Int = std::integral_constant<int, N>;

/// The columns of a tile: N vectors of V, of which the last may be cut.
template <class V, int N>
struct Columns {
  using Vec = V;
  static constexpr int kVectors = N;
  static constexpr int kRows = N == 1 ? kTileRowsThin : kTileRows;
  static constexpr int kRowsOuter = N == 1 ? kTileRowsThin : kTileRowsOuter;
  typename V::Part last;
  std::size_t columns;

  HONE_INLINE std::size_t count() const { return columns; }
  HONE_INLINE V load(const float* p, int v) const {
    return v == N - 1 ? V::load(p + V::kWidth * static_cast<std::size_t>(v), last)
                      : V::load(p + V::kWidth * static_cast<std::size_t>(v));
  }
  HONE_INLINE void store(float* p, V x, int v) const {
    if (v == N - 1) {
      x.store(p + V::kWidth * static_cast<std::size_t>(v), last);
    } else {
      x.store(p + V::kWidth * static_cast<std::size_t>(v));
    }
  }
};

/// Columns whose vectors are all whole.
template <class V, int N>
struct WholeColumns {
  using Vec = V;
  static constexpr int kVectors = N;
  static constexpr int kRows = N == 1 ? kTileRowsThin : kTileRows;
  static constexpr int kRowsOuter = N == 1 ? kTileRowsThin : kTileRowsOuter;

  HONE_INLINE static constexpr std::size_t count() { return V::kWidth * N; }
  HONE_INLINE V load(const float* p, int v) const {
    return V::load(p + V::kWidth * static_cast<std::size_t>(v));
  }
  HONE_INLINE void store(float* p, V x, int v) const {
    x.store(p + V::kWidth * static_cast<std::size_t>(v));
  }
};

/// The last `cols` <= V::kWidth columns of a row.
template <class V>
HONE_INLINE Columns<V, 1> last_columns(std::size_t cols) {
  return {V::part(cols), cols};
}

/// Calls f(first column, columns) for tiles one vector wide that cover `cols` columns.
template <class F>
HONE_INLINE void for_vectors(std::size_t cols, F f) {
  std::size_t c = 0;
  for (; c + Wide::kWidth <= cols; c += Wide::kWidth) f(c, WholeColumns<Wide, 1>{});
  const std::size_t left = cols - c;
  if (left == 0) return;
  if (left > Narrow::kWidth || std::is_same<Wide, Narrow>::value)
    return f(c, last_columns<Wide>(left));
  if (left == Narrow::kWidth) return f(c, WholeColumns<Narrow, 1>{});
  f(c, last_columns<Narrow>(left));
}

/// The same with tiles two vectors wide as far as that goes.
template <class F>
HONE_INLINE void for_columns(std::size_t cols, F f) {
  constexpr std::size_t W = Wide::kWidth;
  std::size_t c = 0;
  for (; c + 2 * W <= cols; c += 2 * W) f(c, WholeColumns<Wide, 2>{});
  const std::size_t left = cols - c;
  if (left > W) return f(c, Columns<Wide, 2>{Wide::part(left - W), left});
  for_vectors(left, [&](std::size_t first, auto columns) HONE_LAMBDA { f(c + first, columns); });
}

/// The same for one row alone: as many vectors at a time as registers hold chains.
template <class F>
HONE_INLINE void for_long_columns(std::size_t cols, F f) {
  constexpr std::size_t W = Wide::kWidth;
  std::size_t c = 0;
  for (; c + 8 * W <= cols; c += 8 * W) f(c, WholeColumns<Wide, 8>{});
  for (; c + 4 * W <= cols; c += 4 * W) f(c, WholeColumns<Wide, 4>{});
  for (; c + 2 * W <= cols; c += 2 * W) f(c, WholeColumns<Wide, 2>{});
  for_vectors(cols - c,
              [&](std::size_t first, auto columns) HONE_LAMBDA { f(c + first, columns); });
}

/// Pixels that a depthwise kernel takes side by side: their chains hide each other's latency.
constexpr int kRowPixels = 5;

/// Calls f(first row, Int<R>) for tiles that cover `rows` rows; `Next`: of those after the tallest.
template <int R, int Next = R, class F>
HONE_INLINE void for_rows(std::size_t rows, F f) {
  std::size_t r = 0;
  for (; r + R <= rows; r += R) f(r, Int<R>{});
  if constexpr (Next < R && Next > 4)
    for (; r + Next <= rows; r += Next) f(r, Int<Next>{});
  if constexpr (R > 4)
    for (; r + 4 <= rows; r += 4) f(r, Int<4>{});
  if constexpr (R > 2)
    for (; r + 2 <= rows; r += 2) f(r, Int<2>{});
  if constexpr (R > 1)
    for (; r < rows; ++r) f(r, Int<1>{});
}

/// A port may do the first terms of add_products in a way of its own: neon/products.hpp.
template <class V, int R, int N, class C>
HONE_INLINE std::size_t add_first_products(V (&)[R][N], const C&, const float*, std::size_t,
                                           std::size_t, const float*, std::size_t, std::size_t) {
  return 0;
}

/// sum[r][v] += a[r * a_row + k * a_term] * b[k * b_term + v], k ascending.
template <int R, class C>
HONE_INLINE void add_products(typename C::Vec (&sum)[R][C::kVectors], const C& columns,
                              const float* a, std::size_t a_row, std::size_t a_term, const float* b,
                              std::size_t b_term, std::size_t terms) {
  using V = typename C::Vec;
  static_assert(C::kVectors <= 2, "a tile is one or two vectors wide");
  std::size_t k = add_first_products(sum, columns, a, a_row, a_term, b, b_term, terms);
  a += k * a_term;
  b += k * b_term;
  for (; k < terms; ++k, a += a_term, b += b_term) {
    // By name: gcc 12 keeps an array of the two in memory.
    const V b0 = columns.load(b, 0);
    const V b1 = C::kVectors > 1 ? columns.load(b, C::kVectors - 1) : b0;
    HONE_UNROLL for (int r = 0; r < R; ++r) {
      const V ar = V::all(a[static_cast<std::size_t>(r) * a_row]);
      HONE_UNROLL for (int v = 0; v < C::kVectors; ++v) sum[r][v] =
          fma(ar, v == 0 ? b0 : b1, sum[r][v]);
    }
  }
}

}  // namespace HONE_LEAF_NS
}  // namespace hone
