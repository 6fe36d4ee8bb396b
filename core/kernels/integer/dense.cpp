#include "dense_few.hpp"
#include "ends.hpp"
#include "sums.hpp"
#include "update.hpp"

namespace hone {
namespace HONE_LEAF_NS {
namespace integer {
namespace {

// Column by column of x and dx: row by row of W.

// One column of dx, of all samples, from its row of W.
HONE_OWN_FRAME std::uint64_t input_gradient(std::int8_t* dx, const std::int8_t* dy,
                                            const std::int16_t* w, std::size_t column,
                                            std::size_t n, std::size_t in, std::size_t out,
                                            const IntegerGradient& end) {
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < n; i += kTile) {
    const std::size_t count = at_most(n - i, kTile);
    std::int64_t sums[kTile];
    for (std::size_t s = 0; s < count; ++s) sums[s] = 0;
    add_dots(sums, count, w, dy + i * out, out, out);
    seen |= put_gradients(dx, i * in + column, in, sums, count, end);
  }
  return seen;
}

// `rows` rows of W from `row` on. x: their columns, a sample `step` apart.
HONE_OWN_FRAME void update_rows(IntegerReport& report, const IntegerParameters& p, std::size_t row,
                                std::size_t rows, const Factors& x, const std::int8_t* dy,
                                std::size_t n, std::size_t out) {
  RowStream stream;
  for (std::size_t c = 0; c < out; c += kTile) {
    const std::size_t cols = at_most(out - c, kTile);
    Sums t;
    clear(t);
    add_products(t, rows, cols, x, dy + c, out, n);
    for (std::size_t r = 0; r < rows; ++r) {
      if (c == 0) start_row(stream, *p.update, row + r);
      update_weights(report, p, stream, (row + r) * out, c, t, r * tile_stride(cols), cols);
    }
  }
}

bool is_few(std::size_t n, std::size_t in, std::size_t out) {
  return n != 0 && n <= kFewSamples && in <= kFewInputs && out <= kFewColumns;
}

}  // namespace

std::uint64_t dense_forward(std::int8_t* y, const std::int8_t* x, const std::int16_t* w,
                            const std::int32_t* bias, int bias_shift, std::size_t n, std::size_t in,
                            std::size_t out, const IntegerOutput& end) {
  if (is_few(n, in, out)) return forward_few(y, x, w, bias, bias_shift, n, in, out, end);
  std::uint64_t seen = 0;
  for (std::size_t c = 0; c < out; c += kTile) {
    const std::size_t cols = at_most(out - c, kTile), step = tile_rows(cols);
    Starts starts;
    start_outputs(starts, bias, bias_shift, c, cols, end);
    for (std::size_t i = 0; i < n; i += step) {
      const std::size_t rows = at_most(n - i, step);
      Sums t;
      clear(t);
      add_products(t, rows, cols, {x + i * in, in, 1}, w + c, out, in);
      seen |= put_outputs(y, i * out + c, out, t, rows, cols, starts, end);
    }
  }
  return seen;
}

IntegerReport dense_backward(const IntegerParameters& p, std::int8_t* dx, const std::int8_t* x,
                             const std::int8_t* dy, std::size_t n, std::size_t in, std::size_t out,
                             const IntegerGradient& end, std::int8_t* scratch) {
  IntegerReport report;
  if (is_few(n, in, out) && backward_few(report, p, dx, x, dy, n, in, out, end)) return report;
  std::int8_t kept[kIntegerColumn];
  std::int8_t* const copy = dx != x || !p.update ? nullptr : n > kIntegerColumn ? scratch : kept;
  std::size_t step = out > kTile ? 1 : tile_rows(out);
  while (copy && step > 1 && step * n > kIntegerColumn) step /= 2;
  for (std::size_t k = 0; k < in; k += step) {
    const std::size_t rows = at_most(in - k, step);
    const Factors columns = columns_of(x + k, copy, rows, n, in);
    if (dx) {
      for (std::size_t r = k; r < k + rows; ++r)
        report.gradient |= input_gradient(dx, dy, p.w + r * out, r, n, in, out, end);
    }
    if (p.update) update_rows(report, p, k, rows, columns, dy, n, out);
  }
  update_biases(p, dy, n, out);
  return report;
}

}  // namespace integer
}  // namespace HONE_LEAF_NS
}  // namespace hone
