#include "integer.hpp"
#include "integer_rows.hpp"
#include "integer_update.hpp"
#include "tiles.hpp"

namespace hone {
namespace HONE_LEAF_NS {
namespace {

using Lanes = IntegerLanes;

constexpr std::size_t kBlock = 8;          // rows of W at a time
constexpr std::size_t kMostSamples = 128;  // beyond, the plain leaf
constexpr std::size_t kPairs = kMostSamples / 2;
constexpr std::size_t kSlab = 128;  // gradients that are widened at once

struct Layer {
  const IntegerParameters& p;
  std::int8_t* dx;
  const std::int8_t *x, *dy;
  std::size_t n, in, out;
  const IntegerGradient& end;
};

// x[2i][k + r], x[2i + 1][k + r] side by side, before dx is written over them; 0 beyond the last
// sample or row.
struct BlockOfX {
  std::int16_t pair[kPairs][kBlock][2];

  void take(const Layer& l, std::size_t k, std::size_t rows) {
    const std::int8_t* x = l.x + k;
    for (std::size_t i = 0; i < l.n; i += 2, x += 2 * l.in)
      for (std::size_t r = 0; r < kBlock; ++r) {
        pair[i / 2][r][0] = r < rows ? x[r] : std::int16_t{0};
        pair[i / 2][r][1] = r < rows && i + 1 < l.n ? x[l.in + r] : std::int16_t{0};
      }
  }
  bool is_zero(std::size_t n, std::size_t r) const {
    std::int32_t bits = 0;
    for (std::size_t i = 0; i < n; i += 2) bits |= pair[i / 2][r][0] | pair[i / 2][r][1];
    return bits == 0;
  }
};

// ---- input gradient

// S samples by R rows of W: dot products over kSlab outputs at a time.
template <int S, int R>
void add_dots(std::int64_t (*total)[kBlock], std::size_t to, const std::int16_t (*g)[kSlab],
              const WeightRows& w, std::size_t row, std::size_t first, std::size_t count) {
  Lanes::Sums sum[S][R];
  HONE_UNROLL for (int s = 0; s < S; ++s) HONE_UNROLL for (int r = 0; r < R; ++r) sum[s][r] =
      Lanes::zero();
  for (std::size_t o = 0; o < count; o += kColumns) {
    const std::size_t at = row * w.columns + first + o;
    const bool is_inside = w.is_inside(at + (R - 1) * w.columns);
    HONE_UNROLL for (std::size_t r = 0; r < R; ++r) {
      const Lanes::Numbers m = is_inside ? w.inside(at + r * w.columns) : w.any(at + r * w.columns);
      HONE_UNROLL for (std::size_t s = 0; s < S; ++s) sum[s][r] =
          Lanes::dot(sum[s][r], Lanes::numbers(g[s] + o), m);
    }
  }
  HONE_UNROLL for (int s = 0; s < S; ++s) HONE_UNROLL for (int r = 0; r < R; ++r)
      total[s][to + static_cast<std::size_t>(r)] += Lanes::total(sum[s][r]);
}

// S samples and the rows [k, k + rows) of W.
template <int S>
std::uint64_t gradient_of_samples(const Layer& l, const WeightRows& w, std::size_t sample,
                                  std::size_t k, std::size_t rows) {
  std::int64_t total[S][kBlock] = {};
  std::int16_t g[S][kSlab];
  for (std::size_t o = 0; o < l.out; o += kSlab) {
    const std::size_t count = least_of(l.out - o, kSlab);
    for (std::size_t s = 0; s < S; ++s) {
      const std::int8_t* const from = l.dy + (sample + s) * l.out + o;
      for (std::size_t i = 0; i < count; ++i) g[s][i] = from[i];
      for (std::size_t i = count; i % kColumns; ++i) g[s][i] = 0;
    }
    std::size_t r = 0;
    for (; r + 4 <= rows; r += 4) add_dots<S, 4>(total, r, g, w, k + r, o, count);
    for (; r < rows; ++r) add_dots<S, 1>(total, r, g, w, k + r, o, count);
  }
  std::uint64_t seen = 0;
  for (std::size_t s = 0; s < S; ++s)
    seen |= put_row(l.dx, (sample + s) * l.in + k, total[s], rows, l.end);
  return seen;
}

std::uint64_t input_gradient(const Layer& l, std::size_t k, std::size_t rows) {
  const WeightRows w{l.p.w, l.out, l.in * l.out};
  std::uint64_t seen = 0;
  for_rows<4>(l.n, [&](std::size_t sample, auto count) HONE_LAMBDA {
    seen |= gradient_of_samples<decltype(count)::value>(l, w, sample, k, rows);
  });
  return seen;
}

// ---- weights

// The rows of a block that are updated.
struct Chosen {
  std::size_t row[kBlock];  // within the block
  std::size_t count;
};

// g of two samples by kColumns, as 16 bits; what would be read beyond dy is 0.
HONE_INLINE Lanes::Numbers gradients(const Layer& l, std::size_t sample, std::size_t c) {
  const std::size_t at = sample * l.out + c, size = l.n * l.out;
  if (at + kColumns <= size) return Lanes::widened(l.dy + at);
  std::int8_t copy[kColumns] = {};
  if (at < size) __builtin_memcpy(copy, l.dy + at, size - at);
  return Lanes::widened(copy);
}

// Columns that are updated at once: a tile, or as many tiles as a block of draws serves.
constexpr std::size_t kUpdated = kColumns < kDrawsOfBlock ? kDrawsOfBlock : kColumns;

// Sums of kColumns columns from c on, into acc[r] from `to` on.
template <int R>
void sums_of_rows(std::int32_t (*acc)[kUpdated], std::size_t to, const Layer& l, const BlockOfX& x,
                  const std::size_t* row, std::size_t c) {
  Lanes::Sums sum[R][2];
  HONE_UNROLL for (int r = 0; r < R; ++r) sum[r][0] = sum[r][1] = Lanes::zero();
  for (std::size_t i = 0; i < l.n; i += 2) {
    const Lanes::Two two = Lanes::two(gradients(l, i, c), gradients(l, i + 1, c));
    HONE_UNROLL for (int r = 0; r < R; ++r)
        Lanes::add(sum[r][0], sum[r][1], two, x.pair[i / 2][row[r]]);
  }
  HONE_UNROLL for (int r = 0; r < R; ++r) {
    Lanes::ordered(sum[r][0], sum[r][1]);
    Lanes::store(acc[r] + to, sum[r][0]);
    Lanes::store(acc[r] + to + Lanes::kWidth, sum[r][1]);
  }
}

// Sums of the batch so far from those of this micro-batch. False: the batch goes on.
bool end_sums(std::int32_t* acc, std::int32_t* sum, std::size_t cols, const IntegerUpdate& update) {
  for (std::size_t c = 0; c < cols && sum; ++c) {
    const std::int64_t before = update.first ? 0 : sum[c];
    acc[c] = static_cast<std::int32_t>(clamp(before + acc[c], 0x7FFFFFFF));
    if (!update.last) sum[c] = acc[c];
  }
  return update.last;
}

template <int R>
void update_rows(const Layer& l, const BlockOfX& x, std::size_t k, const std::size_t* row,
                 const ShortUpdate& quick, WeightWatch& watch) {
  const IntegerUpdate& update = *l.p.update;
  RowDraws stream[R];
  for (std::size_t r = 0; r < R; ++r) stream[r].start(update, k + row[r]);
  for (std::size_t c = 0; c < l.out; c += kUpdated) {
    const std::size_t cols = least_of(l.out - c, kUpdated);
    std::int32_t acc[R][kUpdated];
    for (std::size_t to = 0; to < cols; to += kColumns) sums_of_rows<R>(acc, to, l, x, row, c + to);
    for (std::size_t r = 0; r < R; ++r) {
      const std::size_t at = (k + row[r]) * l.out + c;
      if (!end_sums(acc[r], l.p.sum ? l.p.sum + at : nullptr, cols, update)) continue;
      update_columns(l.p.w + at, l.p.velocity ? l.p.velocity + at : nullptr, acc[r], cols,
                     stream[r], update, quick, watch);
    }
  }
}

}  // namespace

namespace lanes::integer {

IntegerReport dense_backward(const IntegerParameters& p, std::int8_t* dx, const std::int8_t* x,
                             const std::int8_t* dy, std::size_t n, std::size_t in, std::size_t out,
                             const IntegerGradient& end, std::int8_t* scratch) {
  if (n > kMostSamples)
    return HONE_LEAF_NS::integer::dense_backward(p, dx, x, dy, n, in, out, end, scratch);
  const Layer l{p, dx, x, dy, n, in, out, end};
  IntegerReport report;
  WeightWatch watch;
  const ShortUpdate quick(p.update ? *p.update : IntegerUpdate{});
  // A row without a gradient stays as it is unless something else moves it.
  const bool skips = p.update && !p.update->momentum && p.update->decay.mantissa == 0 && !p.sum;
  for (std::size_t k = 0; k < in; k += kBlock) {
    const std::size_t rows = least_of(in - k, kBlock);
    BlockOfX block;
    if (p.update) block.take(l, k, rows);
    if (dx) report.gradient |= input_gradient(l, k, rows);
    if (!p.update) continue;
    Chosen chosen{{}, 0};
    for (std::size_t r = 0; r < rows; ++r)
      if (!skips || !block.is_zero(n, r)) chosen.row[chosen.count++] = r;
    for_rows<Lanes::kTileRows>(chosen.count, [&](std::size_t first, auto count) HONE_LAMBDA {
      update_rows<decltype(count)::value>(l, block, k, chosen.row + first, quick, watch);
    });
  }
  watch.report(report);
  HONE_LEAF_NS::integer::update_biases(p, dy, n, out);
  return report;
}

}  // namespace lanes::integer
}  // namespace HONE_LEAF_NS
}  // namespace hone
