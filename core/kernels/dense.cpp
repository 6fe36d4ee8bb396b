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
                                std::size_t in, std::size_t out) {
  constexpr std::size_t kSlab = 64;
  if (bias) {
    std::memcpy(y, bias, out * sizeof(float));
  } else {
    std::memset(y, 0, out * sizeof(float));
  }
  for (std::size_t k = 0; k < in; k += kSlab) {
    const std::size_t end = k + at_most(in - k, kSlab);
    std::size_t row[kSlab];
    std::size_t count = 0;
    for (std::size_t i = k; i < end; ++i) {
      row[count] = i;
      count += x[i] != 0.0f ? 1u : 0u;
    }
    for (std::size_t i = 0; i < count; i += kRowsAtOnce)
      add_rows(y, x, w, row + i, at_most(count - i, kRowsAtOnce), out);
  }
  for (std::size_t o = 0; o < out; ++o) y[o] = store_floor(y[o]);
}

void store_floored(float* y, std::size_t y_row, const float* tile, std::size_t rows,
                   std::size_t cols) {
  for (std::size_t r = 0; r < rows; ++r)
    copy_row_floored(y + r * y_row, tile + r * tile_stride(cols), cols);
}

// panel[o][r] = W[row + r][o], rows of kPanelRows; what W has no rows for becomes 0.
HONE_OWN_FRAME void transpose(float* panel, const float* w, std::size_t rows, std::size_t out) {
  for (std::size_t o = 0; o < out; ++o, panel += kPanelRows) {
    clear_row(panel, kPanelRows);
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

// One block of rows of W: a tile of dx at a time, and the columns [row, row + rows) of dx and y.
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

HONE_OWN_FRAME void gradient_from_panel(float* dx, const float* dy, const float* panel,
                                        std::size_t n, const RowBlock& b, const GradientEnd& end) {
  const std::size_t step = tile_rows(kPanelRows);
  const Terms terms{1, 0, 0, b.out, 1, kPanelRows};
  for (std::size_t s = 0; s < n; s += step) {
    const std::size_t samples = at_most(n - s, step);
    float tile[kTileFloats];
    start_gradient(tile, dx + s * b.in, samples, b, end.resumes);
    add_products(tile, samples, kPanelRows, dy + s * b.out, b.out, panel, terms);
    store_gradient(dx, tile, s, samples, b, end);
  }
}

}  // namespace

void dense_forward(float* y, const float* x, const float* w, const float* bias, std::size_t n,
                   std::size_t in, std::size_t out) {
  if (n == 1) return forward_one(y, x, w, bias, in, out);
  const Terms terms{1, 0, 0, in, 1, out};
  for (std::size_t c = 0; c < out; c += kTileCols) {
    const std::size_t cols = at_most(out - c, kTileCols);
    const std::size_t step = tile_rows(cols);
    for (std::size_t r = 0; r < n; r += step) {
      const std::size_t rows = at_most(n - r, step);
      float tile[kTileFloats];
      start_rows(tile, rows, cols, bias ? bias + c : nullptr);
      add_products(tile, rows, cols, x + r * in, in, w + c, terms);
      store_floored(y + r * out + c, out, tile, rows, cols);
    }
  }
}

std::uint32_t dense_backward(float* w, float* sum, float* dx, const float* x, const float* dy,
                             float* panel, std::size_t n, std::size_t in, std::size_t out,
                             const Update* update, const GradientEnd& end) {
  static_assert(kPanelRows == kTileCols, "a panel is one tile wide");
  const Walk walk{n, 1, 1, in, 0, 0, out, 0, 0};
  std::uint32_t flags = 0;
  if (!dx) return update ? outer_update(w, sum, out, in, out, x, dy, walk, *update) : 0;
  for (std::size_t row = 0; row < in; row += kPanelRows) {
    const RowBlock b{row, at_most(in - row, kPanelRows), in, out};
    float* const block = w + row * out;
    float few[kPanelFreeSamples * kTileCols];
    if (n > kPanelFreeSamples) {
      transpose(panel, block, b.rows, out);
    } else {
      start_gradient(few, dx, n, b, end.resumes);
      for (std::size_t i = 0; i < n; ++i)
        add_rows_of_w(few + i * kTileCols, dy + i * out, block, b.rows, out);
    }
    if (update)
      flags |= outer_update(block, sum ? sum + row * out : nullptr, out, b.rows, out, x + row, dy,
                            walk, *update);
    if (n > kPanelFreeSamples) {
      gradient_from_panel(dx, dy, panel, n, b, end);
    } else {
      store_gradient(dx, few, 0, n, b, end);
    }
  }
  return flags;
}

}  // namespace HONE_LEAF_NS
}  // namespace hone
