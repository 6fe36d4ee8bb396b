#include "integer.hpp"
#include "integer_dense_gradient.hpp"
#include "integer_update.hpp"

namespace hone {
namespace HONE_LEAF_NS {
namespace {

using Samples = SampleLanes;

constexpr std::size_t kMostSamples = 128;  // beyond, the plain leaf
constexpr std::size_t kGroup = Samples::kGroup;
static_assert(kMostSamples % kGroup == 0, "");

// The x of a block of rows of W in groups of samples, those of a row side by side, before dx is
// written over them; 0 beyond the last sample or row.
struct BlockOfX {
  using Number = Samples::Number;
  Number of[kMostSamples / kGroup][kBlock][kGroup];
  EightCodes bits;  // 0: all x of the row are

  void take(const Layer& l, std::size_t k, std::size_t rows) {
    const std::int8_t* x = l.x + k;
    EightCodes any{};
    for (std::size_t i = 0; i < l.n; i += kGroup, x += kGroup * l.in) {
      EightCodes some[kGroup] = {};
      if (rows == kBlock && i + kGroup <= l.n) {
        HONE_UNROLL for (std::size_t j = 0; j < kGroup; ++j)
            __builtin_memcpy(&some[j], x + j * l.in, sizeof some[j]);
      } else {
        for (std::size_t j = 0; j < kGroup && i + j < l.n; ++j) {
          if (rows == kBlock) __builtin_memcpy(&some[j], x + j * l.in, sizeof some[j]);
          for (std::size_t r = 0; r < rows % kBlock; ++r) some[j][r] = x[j * l.in + r];
        }
      }
      Samples::side_by_side(of[i / kGroup][0], some);
      HONE_UNROLL for (std::size_t j = 0; j < kGroup; ++j) any |= some[j];
    }
    bits = any;
  }
  /// Only these rows, in their order.
  void keep(const std::size_t* row, std::size_t count, std::size_t n) {
    for (std::size_t i = 0; kGroup * i < n; ++i)
      for (std::size_t r = 0; r < count; ++r)
        for (std::size_t j = 0; j < kGroup; ++j) of[i][r][j] = of[i][row[r]][j];
  }
};

// ---- weights

// The rows of a block that are updated.
struct Chosen {
  std::size_t row[kBlock];  // within the block
  std::size_t count;
};

// Columns that are updated at once: whole tiles and blocks of draws. More of them share what a call
// takes to begin.
constexpr std::size_t kUpdated = 64;
constexpr std::size_t kTileColumns = Samples::kVectors * std::size_t{Lanes::kWidth};
static_assert(kUpdated % kTileColumns == 0 && kUpdated % kDrawsOfBlock == 0, "");

// R rows by kTileColumns columns.
template <int R>
struct RowTile {
  Lanes::Sums sum[R][Samples::kVectors];

  // Into acc[r] from `to` on, and into `seen`.
  HONE_INLINE void put(std::int32_t (*acc)[kUpdated], std::size_t to, Lanes::Sums& seen) {
    HONE_UNROLL for (int r = 0; r < R; ++r) {
      Samples::ordered(sum[r]);
      HONE_UNROLL for (std::size_t v = 0; v < Samples::kVectors; ++v) {
        Lanes::note(seen, sum[r][v]);
        Lanes::store(acc[r] + to + v * Lanes::kWidth, sum[r][v]);
      }
    }
  }
};

// From one group to the next in the x of a block.
constexpr std::size_t kGroupOfX = kBlock * kGroup;

// Adds the last samples, whose vectors would end beyond dy; there it counts as 0. Apart, and with
// sums of its own: gcc would keep those of its caller on the stack.
template <int R>
HONE_APART Lanes::Sums add_rest(std::int32_t (*acc)[kUpdated], std::size_t to, const Layer& l,
                                const BlockOfX::Number* x, std::size_t at, Lanes::Sums seen) {
  const std::size_t size = l.n * l.out;
  for (; at < size; x += kGroupOfX) {
    std::int8_t rows[kGroup][kTileColumns] = {};
    for (std::size_t j = 0; j < kGroup && at < size; ++j, at += l.out)
      __builtin_memcpy(rows[j], l.dy + at, least_of(size - at, kTileColumns));
    RowTile<R> part{};
    Samples::add(part.sum, rows[0], kTileColumns, x);
    std::int32_t more[R][kUpdated];
    part.put(more, 0, seen);
    for (std::size_t r = 0; r < R; ++r)
      for (std::size_t c = 0; c < kTileColumns; ++c) acc[r][to + c] += more[r][c];
  }
  std::int32_t bits[Lanes::kWidth] = {};
  for (std::size_t r = 0; r < R; ++r) bits[0] |= bits_of(acc[r] + to, kTileColumns);
  Lanes::note(seen, Lanes::load(bits));
  return seen;
}

// Sums of kTileColumns columns from c on, into acc[r] from `to` on; `seen` notes them. x: of the
// first row and the first group of samples.
template <int R>
HONE_INLINE void sums_of_rows(std::int32_t (*acc)[kUpdated], std::size_t to, const Layer& l,
                              const BlockOfX::Number* x, std::size_t c, Lanes::Sums& seen) {
  RowTile<R> tile{};
  const std::size_t out = l.out;
  const auto step = static_cast<std::ptrdiff_t>(kGroup * out);
  // From the first sample of a group to the end of the vectors of its last.
  const auto reach = static_cast<std::ptrdiff_t>((kGroup - 1) * out + kTileColumns);
  const std::int8_t* dy = l.dy + c;
  auto left = static_cast<std::ptrdiff_t>(l.n * out - c);
  for (; left >= reach; left -= step, dy += step, x += kGroupOfX)
    Samples::add(tile.sum, dy, out, x);
  tile.put(acc, to, seen);
  if (left > 0) seen = add_rest<R>(acc, to, l, x, l.n * out - static_cast<std::size_t>(left), seen);
}

// The rows of W that lie side by side in x.
HONE_APART void update_rows(const Layer& l, const BlockOfX& x, std::size_t k, const Chosen& chosen,
                            const ShortUpdate& quick, WeightWatch& watch) {
  const IntegerUpdate& update = *l.p.update;
  RowDraws stream[kBlock];
  for (std::size_t r = 0; r < chosen.count; ++r) stream[r].start(update, k + chosen.row[r]);
  for (std::size_t c = 0; c < l.out; c += kUpdated) {
    const std::size_t cols = least_of(l.out - c, kUpdated);
    std::int32_t acc[kBlock][kUpdated];
    Lanes::Sums seen = Lanes::zero();
    for_rows<Samples::kRows>(chosen.count, [&](std::size_t first, auto count) HONE_LAMBDA {
      for (std::size_t to = 0; to < cols; to += kTileColumns)
        sums_of_rows<decltype(count)::value>(acc + first, to, l, x.of[0][first], c + to, seen);
    });
    std::int32_t bits[Lanes::kWidth];
    Lanes::store(bits, seen);
    std::int32_t any = bits_of(bits, Lanes::kWidth);
    std::size_t at[kBlock];
    for (std::size_t r = 0; r < chosen.count; ++r) {
      at[r] = (k + chosen.row[r]) * l.out + c;
      if (!l.p.sum) continue;
      end_sums(acc[r], l.p.sum + at[r], cols, update);
      any |= bits_of(acc[r], cols);
    }
    if (update.last)
      update_columns(l.p, {at, chosen.count, acc[0], kUpdated, cols, stream}, any, quick, watch);
  }
}

// One sample: the sums of all rows are its gradients, times x.
HONE_APART void update_rows_of_one(const Layer& l, const BlockOfX& x, std::size_t k,
                                   const Chosen& chosen, const ShortUpdate& quick,
                                   WeightWatch& watch) {
  RowDraws stream[kBlock];
  std::int32_t factor[kBlock];
  std::size_t at[kBlock];
  for (std::size_t r = 0; r < chosen.count; ++r) {
    stream[r].start(*l.p.update, k + chosen.row[r]);
    factor[r] = x.of[0][r][0];
  }
  for (std::size_t c = 0; c < l.out; c += kSlab) {
    const std::size_t cols = least_of(l.out - c, kSlab);
    std::int32_t g[kSlab];
    for (std::size_t o = 0; o < cols; ++o) g[o] = l.dy[c + o];
    for (std::size_t r = 0; r < chosen.count; ++r) at[r] = (k + chosen.row[r]) * l.out + c;
    const std::int32_t bits = kMaxMantissa8 * kMaxMantissa8;
    update_columns(l.p, {at, chosen.count, g, 0, cols, stream, factor}, bits, quick, watch);
  }
}

// ---- large batches, as of a convolution of 1x1: the sums of a few rows stay while all samples
// pass

constexpr std::size_t kMostOutputs = 64;

struct RowSums {
  std::int32_t of[kBlock][kMostOutputs];

  HONE_APART void add(const Layer& l, std::size_t k, std::size_t rows) {
    for (std::size_t r = 0; r < kBlock; ++r)
      for (std::size_t o = 0; o < kMostOutputs; ++o) of[r][o] = 0;
    for (std::size_t i = 0; i < l.n; i += kMostSamples) {
      const Layer part{
          l.p,  l.dx,  l.x + i * l.in, l.dy + i * l.out, least_of(l.n - i, kMostSamples),
          l.in, l.out, l.end};
      BlockOfX block;
      block.take(part, k, rows);
      for_rows<Samples::kRows>(rows, [&](std::size_t first, auto count) HONE_LAMBDA {
        add_part<decltype(count)::value>(part, block, first);
      });
    }
  }

 private:
  template <int R>
  HONE_INLINE void add_part(const Layer& l, const BlockOfX& block, std::size_t first) {
    for (std::size_t c = 0; c < l.out; c += kTileColumns) {
      std::int32_t acc[R][kUpdated];
      Lanes::Sums seen = Lanes::zero();
      sums_of_rows<R>(acc, 0, l, block.of[0][first], c, seen);
      for (std::size_t r = 0; r < R; ++r)
        for (std::size_t o = 0; o < kTileColumns; ++o) of[first + r][c + o] += acc[r][o];
    }
  }
};

HONE_APART void backward_of_many(const Layer& l, const SplitGradient<DenseWeights>& split,
                                 IntegerReport& report) {
  const IntegerUpdate& update = *l.p.update;
  const ShortUpdate quick(update);
  WeightWatch watch;
  for (std::size_t k = 0; k < l.in; k += kBlock) {
    const std::size_t rows = least_of(l.in - k, kBlock);
    RowSums sums;
    sums.add(l, k, rows);
    if (l.dx) report.gradient |= input_gradient(l, split, k, rows);
    for (std::size_t r = 0; r < rows; ++r) {
      const std::size_t at = (k + r) * l.out;
      RowDraws stream;
      stream.start(update, k + r);
      if (end_sums(sums.of[r], l.p.sum ? l.p.sum + at : nullptr, l.out, update))
        update_columns(l.p, {&at, 1, sums.of[r], 0, l.out, &stream}, bits_of(sums.of[r], l.out),
                       quick, watch);
    }
  }
  watch.report(report);
}

}  // namespace

namespace lanes::integer {

IntegerReport dense_backward(const IntegerParameters& p, std::int8_t* dx, const std::int8_t* x,
                             const std::int8_t* dy, std::size_t n, std::size_t in, std::size_t out,
                             const IntegerGradient& end, std::int8_t* scratch) {
  const bool is_large = n > kMostSamples;
  if (is_large && (!p.update || out > kMostOutputs || n > kNarrowChunk))
    return HONE_LEAF_NS::integer::dense_backward(p, dx, x, dy, n, in, out, end, scratch);
  const Layer l{p, dx, x, dy, n, in, out, end};
  const SplitGradient<DenseWeights> split(l);
  IntegerReport report;
  if (is_large) {
    backward_of_many(l, split, report);
    HONE_LEAF_NS::integer::update_biases(p, dy, n, out);
    return report;
  }
  WeightWatch watch;
  const ShortUpdate quick(p.update ? *p.update : IntegerUpdate{});
  // A row without a gradient stays as it is unless something else moves it.
  const bool skips = p.update && skips_zeros(p);
  const bool is_one = n == 1 && p.update && p.update->last && !p.sum && quick.takes_factors();
  for (std::size_t k = 0; k < in; k += kBlock) {
    const std::size_t rows = least_of(in - k, kBlock);
    BlockOfX block;
    if (p.update) block.take(l, k, rows);
    if (dx) report.gradient |= input_gradient(l, split, k, rows);
    if (!p.update) continue;
    Chosen chosen{{}, 0};
    std::int8_t any[kBlock];
    __builtin_memcpy(any, &block.bits, sizeof any);
    for (std::size_t r = 0; r < rows; ++r) {
      chosen.row[chosen.count] = r;
      chosen.count += !skips || any[r] != 0;
    }
    if (chosen.count < rows) block.keep(chosen.row, chosen.count, n);
    if (is_one) {
      update_rows_of_one(l, block, k, chosen, quick, watch);
      continue;
    }
    update_rows(l, block, k, chosen, quick, watch);
  }
  watch.report(report);
  HONE_LEAF_NS::integer::update_biases(p, dy, n, out);
  return report;
}

}  // namespace lanes::integer
}  // namespace HONE_LEAF_NS
}  // namespace hone
