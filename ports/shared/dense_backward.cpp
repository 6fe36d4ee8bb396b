#include "conv_rows.hpp"
#include "lanes.hpp"
#include "turn.hpp"

namespace hone {
namespace HONE_LEAF_NS {
namespace {

struct Layer {
  std::size_t n, in, out;
};

// panel[o][r] = W[r][o], kPanelRows wide.
void turn_block(float* panel, const float* w, std::size_t rows, std::size_t out) {
  constexpr std::size_t W = Wide::kWidth;
  for (std::size_t o = 0; o < out; o += W) {
    const std::size_t cols = out - o < W ? out - o : W;
    for (std::size_t r = 0; r < kPanelRows; r += W) {
      Wide t[W];
      const std::size_t count = rows > r ? rows - r : 0;
      load_turned(t, w + (count > 0 ? r * out : 0) + o, out, count, Wide::part(cols));
      float* const to = panel + o * kPanelRows + r;
      if (cols == W) {
        HONE_UNROLL for (std::size_t j = 0; j < W; ++j) t[j].store(to + j * kPanelRows);
      } else {
        for (std::size_t j = 0; j < cols; ++j) t[j].store(to + j * kPanelRows);
      }
    }
  }
}

// The columns of dx that belong to one block of rows of W.
template <class End>
void gradient_from_panel(float* dx, const float* dy, const float* panel, std::size_t row,
                         std::size_t rows, const Layer& l, const End& end) {
  gradient_pixels(dx + row, l.in, row, {dy, l.out, l.n}, panel, OneRun{l.out, kPanelRows}, rows,
                  end);
}

// One sample: dx of G vectors of rows of W, straight from those rows. Four lanes take the rows of
// four vectors side by side, so that they share what they load of dy.
constexpr int kRowVectors = Wide::kWidth == 4 ? 4 : 1;

template <int G>
HONE_INLINE void gradient_from_rows(Wide (&sum)[G], const float* dy, const float* w,
                                    std::size_t rows, std::size_t out) {
  constexpr std::size_t W = Wide::kWidth;
  std::size_t o = 0;
  if (rows == G * W) {
    for (; o + W <= out; o += W) {
      HONE_UNROLL for (std::size_t g = 0; g < G; ++g) {
        Wide t[W];
        load_turned(t, w + g * W * out + o, out);
        HONE_UNROLL for (std::size_t j = 0; j < W; ++j) sum[g] =
            fma(Wide::all(dy[o + j]), t[j], sum[g]);
      }
    }
  }
  for (; o < out; o += W) {
    const std::size_t cols = out - o < W ? out - o : W;
    HONE_UNROLL for (std::size_t g = 0; g < G; ++g) {
      Wide t[W];
      load_turned(t, w + g * W * out + o, out, rows > g * W ? rows - g * W : 0, Wide::part(cols));
      HONE_UNROLL for (std::size_t j = 0; j < W; ++j) {
        if (j < cols) sum[g] = fma(Wide::all(dy[o + j]), t[j], sum[g]);
      }
    }
  }
}

struct Weights {
  float *w, *sum;
  const Update* update;

  std::uint32_t update_rows(std::size_t row, std::size_t rows, const float* x, const float* dy,
                            const Layer& l) const {
    if (!update) return 0;
    const Walk walk{l.n, 1, 1, l.in, 0, 0, l.out, 0, 0};
    return lanes::outer_update(w + row * l.out, sum ? sum + row * l.out : nullptr, l.out, rows,
                               l.out, x + row, dy, walk, *update);
  }
};

// dx of one sample and of a block of rows of W, not ended.
template <class End>
void row_block_gradient(Wide (&sum)[kPanelRows / Wide::kWidth], const float* dx, const float* dy,
                        const float* w, std::size_t rows, std::size_t out, const End& end) {
  constexpr std::size_t W = Wide::kWidth;
  auto vectors = [&](std::size_t first, auto count) HONE_LAMBDA {
    constexpr std::size_t G = decltype(count)::value;
    const std::size_t left = rows - first * W, some = left < G * W ? left : G * W;
    Wide s[G];
    HONE_UNROLL for (std::size_t g = 0; g < G; ++g) {
      const std::size_t of_vector = some - g * W < W ? some - g * W : W;
      s[g] = end.start(last_columns<Wide>(of_vector), dx + (first + g) * W, 0);
    }
    gradient_from_rows<G>(s, dy, w + first * W * out, some, out);
    HONE_UNROLL for (std::size_t g = 0; g < G; ++g) sum[first + g] = s[g];
  };
  for_rows<kRowVectors>((rows + W - 1) / W, vectors);
}

// For few samples: dx of a group of rows waits in registers while the rows are updated.
template <class End>
std::uint32_t few_backward(const Weights& weights, float* dx, const float* x, const float* dy,
                           const Layer& l, const End& end) {
  constexpr std::size_t W = Wide::kWidth;
  std::uint32_t bad = 0;
  for (std::size_t row = 0; row < l.in; row += kPanelRows) {
    const std::size_t rows = l.in - row < kPanelRows ? l.in - row : kPanelRows;
    Wide sum[kPanelFreeSamples][kPanelRows / W];
    for (std::size_t i = 0; i < l.n; ++i)
      row_block_gradient(sum[i], dx + i * l.in + row, dy + i * l.out, weights.w + row * l.out, rows,
                         l.out, end);
    bad |= weights.update_rows(row, rows, x, dy, l);
    for (std::size_t i = 0; i < l.n; ++i) {
      for (std::size_t r = 0; r < rows; r += W) {
        const Columns<Wide, 1> columns = last_columns<Wide>(rows - r < W ? rows - r : W);
        const std::size_t at = i * l.in + row + r;
        end.end(columns, dx + at, at, sum[i][r / W], 0);
      }
    }
  }
  return bad;
}

template <class End>
std::uint32_t panel_backward(const Weights& weights, float* dx, const float* x, const float* dy,
                             float* panel, const Layer& l, const End& end) {
  std::uint32_t bad = 0;
  for (std::size_t row = 0; row < l.in; row += kPanelRows) {
    const std::size_t rows = l.in - row < kPanelRows ? l.in - row : kPanelRows;
    turn_block(panel, weights.w + row * l.out, rows, l.out);
    bad |= weights.update_rows(row, rows, x, dy, l);
    gradient_from_panel(dx, dy, panel, row, rows, l, end);
  }
  return bad;
}

}  // namespace

namespace lanes {

std::uint32_t dense_backward(float* w, float* sum, float* dx, const float* x, const float* dy,
                             float* panel, std::size_t n, std::size_t in, std::size_t out,
                             const Update* update, const GradientEnd& end) {
  const Layer l{n, in, out};
  const Weights weights{w, sum, update};
  if (!dx) return weights.update_rows(0, in, x, dy, l);
  std::uint32_t bad = 0;
  with_gradient_end(end, [&](auto ends) HONE_LAMBDA {
    bad = n <= kPanelFreeSamples ? few_backward(weights, dx, x, dy, l, ends)
                                 : panel_backward(weights, dx, x, dy, panel, l, ends);
  });
  return bad;
}

}  // namespace lanes
}  // namespace HONE_LEAF_NS
}  // namespace hone
