#include "ends.hpp"
#include "product_tile.hpp"

namespace hone {
namespace HONE_LEAF_NS {
namespace {

constexpr std::size_t kRowsAtOnce = 4;

// Up to four rows of W into the chains y[out]: y stays in the first cache and W streams by in
// memory order. `row` holds the row numbers.
void add_rows(float* __restrict y, const float* x, const float* __restrict w,
              const std::size_t* row, std::size_t count, std::size_t out) {
  if (count == kRowsAtOnce) {
    const float x0 = x[row[0]], x1 = x[row[1]], x2 = x[row[2]], x3 = x[row[3]];
    const float* const w0 = w + row[0] * out;
    const float* const w1 = w + row[1] * out;
    const float* const w2 = w + row[2] * out;
    const float* const w3 = w + row[3] * out;
    for (std::size_t o = 0; o < out; ++o)
      y[o] = fma(x3, w3[o], fma(x2, w2[o], fma(x1, w1[o], fma(x0, w0[o], y[o]))));
    return;
  }
  for (std::size_t i = 0; i < count; ++i) {
    const float xi = x[row[i]];
    const float* const wi = w + row[i] * out;
    for (std::size_t o = 0; o < out; ++o) y[o] = fma(xi, wi[o], y[o]);
  }
}

// One sample. Rows of W that meet x = 0 are skipped, which changes no bit: a chain that starts
// from a stored value or +0 never becomes -0. Behind a relu that is half of W.
HONE_OWN_FRAME void forward_one(float* y, const float* x, const float* w, const float* bias,
                                std::size_t in, std::size_t out, const OutputEnd& end) {
  constexpr std::size_t kSlab = 64;
  if (bias) {
    std::memcpy(y, bias, out * sizeof(float));
  } else {
    std::memset(y, 0, out * sizeof(float));
  }
  for (std::size_t k = 0; k < in; k += kSlab) {
    const std::size_t stop = k + at_most(in - k, kSlab);
    std::size_t row[kSlab];
    std::size_t count = 0;
    for (std::size_t i = k; i < stop; ++i) {
      row[count] = i;
      count += x[i] != 0.0f ? 1u : 0u;
    }
    for (std::size_t i = 0; i < count; i += kRowsAtOnce)
      add_rows(y, x, w, row + i, at_most(count - i, kRowsAtOnce), out);
  }
  for (std::size_t o = 0; o < out; ++o) y[o] = store_floor(y[o]);
  apply(end, y, out);
}

void store_outputs(float* y, std::size_t y_row, const float* tile, std::size_t rows,
                   std::size_t cols, const OutputEnd& end) {
  for (std::size_t r = 0; r < rows; ++r, y += y_row) {
    copy_row_floored(y, tile + r * tile_stride(cols), cols);
    apply(end, y, cols);
  }
}

// panel[o][r] = W[row + r][o], rows of kPanelRows; what W has no rows for becomes 0.
HONE_OWN_FRAME void transpose(float* panel, const float* w, std::size_t rows, std::size_t out) {
  for (std::size_t o = 0; o < out; ++o, panel += kPanelRows) {
    std::memset(panel, 0, kPanelRows * sizeof(float));
    for (std::size_t r = 0; r < rows; ++r) panel[r] = w[r * out + o];
  }
}

// The input gradient of one sample straight from W, eight rows side by side: for one or two
// samples transposing would cost more than it saves.
HONE_OWN_FRAME void add_rows_of_w(float* tile, const float* dy, const float* w, std::size_t rows,
                                  std::size_t out) {
  const Terms terms{1, 0, 0, out, 1, 1};
  float column[kTileFloats];
  for (std::size_t r = 0; r < rows; r += kTileRows) {
    const std::size_t height = at_most(rows - r, kTileRows);
    for (std::size_t i = 0; i < height; ++i) column[i * tile_stride(1)] = tile[r + i];
    add_products(column, height, 1, w + r * out, out, dy, terms);
    for (std::size_t i = 0; i < height; ++i) tile[r + i] = column[i * tile_stride(1)];
  }
}

// y may be the very memory of dx, so it is read before dx is written.
void end_gradient(float* dx, const float* y, float* chain, std::size_t n, const GradientEnd& end) {
  if (end.finishes) finish_gradient(chain, y, n, y ? end.act : Activation::none, end.slope);
  copy_row(dx, chain, n);
}

// A tile's width of rows of W, and with them the columns [row, row + rows) of dx and y.
struct RowBlock {
  std::size_t row, rows, in, out;
};

HONE_OWN_FRAME void start_gradient(float* tile, const float* dx, std::size_t samples,
                                   const RowBlock& b, bool resumes) {
  for (std::size_t i = 0; i < samples; ++i) {
    clear_row(tile + i * kTileCols, kTileCols);
    if (resumes) copy_row(tile + i * kTileCols, dx + i * b.in + b.row, b.rows);
  }
}

HONE_OWN_FRAME void store_gradient(float* dx, float* tile, std::size_t first, std::size_t samples,
                                   const RowBlock& b, const GradientEnd& end) {
  for (std::size_t i = 0; i < samples; ++i) {
    const std::size_t at = (first + i) * b.in + b.row;
    end_gradient(dx + at, end.y ? end.y + at : nullptr, tile + i * kTileCols, b.rows, end);
  }
}

// `panel` starts at the first column of the block.
HONE_OWN_FRAME void gradient_from_panel(float* dx, const float* dy, const float* panel,
                                        std::size_t n, const RowBlock& b, const GradientEnd& end) {
  const std::size_t step = tile_rows(kTileCols);
  const Terms terms{1, 0, 0, b.out, 1, kPanelRows};
  for (std::size_t s = 0; s < n; s += step) {
    const std::size_t samples = at_most(n - s, step);
    float tile[kTileFloats];
    start_gradient(tile, dx + s * b.in, samples, b, end.resumes);
    add_products(tile, samples, kTileCols, dy + s * b.out, b.out, panel, terms);
    store_gradient(dx, tile, s, samples, b, end);
  }
}

// The weights of one backward pass. update null: frozen.
struct Weights {
  float* w;
  float* sum;
  const Update* update;
};

// Rows [row, row + rows) of W.
std::uint32_t update_rows(const Weights& weights, const float* x, const float* dy, std::size_t n,
                          const RowBlock& b) {
  if (!weights.update) return 0;
  const Walk walk{n, 1, 1, b.in, 0, 0, b.out, 0, 0};
  const std::size_t at = b.row * b.out;
  return outer_update(weights.w + at, weights.sum ? weights.sum + at : nullptr, b.out, b.rows,
                      b.out, x + b.row, dy, walk, *weights.update);
}

HONE_OWN_FRAME std::uint32_t backward_with_panel(const Weights& weights, float* dx, const float* x,
                                                 const float* dy, float* panel, std::size_t n,
                                                 std::size_t in, std::size_t out,
                                                 const GradientEnd& end) {
  static_assert(kPanelRows % kTileCols == 0, "a panel is whole tiles wide");
  std::uint32_t flags = 0;
  for (std::size_t row = 0; row < in; row += kPanelRows) {
    const RowBlock b{row, at_most(in - row, kPanelRows), in, out};
    transpose(panel, weights.w + row * out, b.rows, out);
    flags |= update_rows(weights, x, dy, n, b);
    for (std::size_t r = 0; r < b.rows; r += kTileCols)
      gradient_from_panel(dx, dy, panel + r, n, {row + r, at_most(b.rows - r, kTileCols), in, out},
                          end);
  }
  return flags;
}

HONE_OWN_FRAME std::uint32_t backward_of_few(const Weights& weights, float* dx, const float* x,
                                             const float* dy, std::size_t n, std::size_t in,
                                             std::size_t out, const GradientEnd& end) {
  std::uint32_t flags = 0;
  for (std::size_t row = 0; row < in; row += kTileCols) {
    const RowBlock b{row, at_most(in - row, kTileCols), in, out};
    float chains[kPanelFreeSamples * kTileCols];
    start_gradient(chains, dx, n, b, end.resumes);
    for (std::size_t i = 0; i < n; ++i)
      add_rows_of_w(chains + i * kTileCols, dy + i * out, weights.w + row * out, b.rows, out);
    flags |= update_rows(weights, x, dy, n, b);
    store_gradient(dx, chains, 0, n, b, end);
  }
  return flags;
}

}  // namespace

void dense_forward(float* y, const float* x, const float* w, const float* bias, std::size_t n,
                   std::size_t in, std::size_t out, const OutputEnd& end) {
  if (n == 1) return forward_one(y, x, w, bias, in, out, end);
  const Terms terms{1, 0, 0, in, 1, out};
  for (std::size_t c = 0; c < out; c += kTileCols) {
    const std::size_t cols = at_most(out - c, kTileCols);
    const std::size_t step = tile_rows(cols);
    for (std::size_t r = 0; r < n; r += step) {
      const std::size_t rows = at_most(n - r, step);
      float tile[kTileFloats];
      start_rows(tile, rows, cols, bias ? bias + c : nullptr);
      add_products(tile, rows, cols, x + r * in, in, w + c, terms);
      store_outputs(y + r * out + c, out, tile, rows, cols, end);
    }
  }
}

std::uint32_t dense_backward(float* w, float* sum, float* dx, const float* x, const float* dy,
                             float* panel, std::size_t n, std::size_t in, std::size_t out,
                             const Update* update, const GradientEnd& end) {
  const Weights weights{w, sum, update};
  if (!dx) return update_rows(weights, x, dy, n, {0, in, in, out});
  if (n <= kPanelFreeSamples) return backward_of_few(weights, dx, x, dy, n, in, out, end);
  return backward_with_panel(weights, dx, x, dy, panel, n, in, out, end);
}

}  // namespace HONE_LEAF_NS
}  // namespace hone
