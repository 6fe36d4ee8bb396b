#include "integer.hpp"
#include "integer_dense_gradient.hpp"
#include "integer_update.hpp"

namespace hone {
namespace HONE_LEAF_NS {
namespace {

constexpr std::size_t kMostSamples = 128;  // beyond, the plain leaf
constexpr std::size_t kPairs = kMostSamples / 2;
constexpr std::size_t kSlab = 128;  // gradients of one sample that are widened at once

// x[2i][k + r], x[2i + 1][k + r] side by side, before dx is written over them; 0 beyond the last
// sample or row.
struct BlockOfX {
  std::int16_t pair[kPairs][kBlock][2];
  EightWords bits;  // 0: all x of the row are

  void take(const Layer& l, std::size_t k, std::size_t rows) {
    const std::int8_t* x = l.x + k;
    EightWords any{};
    for (std::size_t i = 0; i < l.n; i += 2, x += 2 * l.in) {
      EightWords both[2] = {};
      for (std::size_t j = 0; j < 2 && i + j < l.n; ++j) {
        if (rows == kBlock) {
          both[j] = widened_codes(x + j * l.in);
          continue;
        }
        for (std::size_t r = 0; r < rows; ++r) both[j][r] = x[j * l.in + r];
      }
      SumsOf8::pair_eight(pair[i / 2][0], both[0], both[1]);
      any |= both[0] | both[1];
    }
    bits = any;
  }
  /// Only these rows, in their order.
  void keep(const std::size_t* row, std::size_t count, std::size_t n) {
    for (std::size_t i = 0; 2 * i < n; ++i)
      for (std::size_t r = 0; r < count; ++r)
        for (std::size_t j = 0; j < 2; ++j) pair[i][r][j] = pair[i][row[r]][j];
  }
};

// ---- weights

// The rows of a block that are updated.
struct Chosen {
  std::size_t row[kBlock];  // within the block
  std::size_t count;
};

// g of two samples by kColumns, as 16 bits; what would be read beyond dy is 0.
HONE_INLINE Lanes::Numbers gradients(const Layer& l, std::size_t at) {
  const std::size_t size = l.n * l.out;
  if (at + kColumns <= size) return Lanes::widened(l.dy + at);
  std::int8_t copy[kColumns] = {};
  if (at < size) __builtin_memcpy(copy, l.dy + at, size - at);
  return Lanes::widened(copy);
}

// Columns that are updated at once: whole tiles and blocks of draws. More of them share what a call
// takes to begin.
constexpr std::size_t kUpdated = 64;
static_assert(kUpdated % kColumns == 0 && kUpdated % kDrawsOfBlock == 0, "");

// Adds two rows of dy times the two x of each of R rows, which lie side by side. Lanes that
// multiply by any number of a vector take several rows of x at once.
template <class L, int R>
HONE_INLINE void add_rows(Lanes::Sums (&sum)[R][2], const Lanes::Two& two, const std::int16_t* x) {
  if constexpr (L::kDeep > 2) {
    L::add_rows(sum, two, x);
  } else {
    HONE_UNROLL for (std::size_t r = 0; r < R; ++r) L::add(sum[r][0], sum[r][1], two, x + 2 * r);
  }
}

// Sums of kColumns columns from c on, into acc[r] from `to` on; `seen` notes them. x: of the first
// row and the first pair of samples.
template <int R>
HONE_INLINE void sums_of_rows(std::int32_t (*acc)[kUpdated], std::size_t to, const Layer& l,
                              const std::int16_t* x, std::size_t c, Lanes::Sums& seen) {
  Lanes::Sums sum[R][2];
  HONE_UNROLL for (int r = 0; r < R; ++r) sum[r][0] = sum[r][1] = Lanes::zero();
  // Pairs of samples whose vectors lie inside dy.
  const std::size_t size = l.n * l.out, step = 2 * l.out;
  std::size_t at = c;
  const auto add_pair = [&]() HONE_LAMBDA {
    const std::int8_t* const dy = l.dy + at;
    add_rows<Lanes>(sum, Lanes::two(Lanes::widened(dy), Lanes::widened(dy + l.out)), x);
    at += step;
    x += 2 * kBlock;
  };
  while (at + step + l.out + kColumns <= size) {
    add_pair();
    add_pair();
  }
  if (at + l.out + kColumns <= size) add_pair();
  for (; at < size; at += step, x += 2 * kBlock) {
    const Lanes::Two two = Lanes::two(gradients(l, at), gradients(l, at + l.out));
    add_rows<Lanes>(sum, two, x);
  }
  HONE_UNROLL for (int r = 0; r < R; ++r) {
    Lanes::ordered(sum[r][0], sum[r][1]);
    Lanes::note(seen, sum[r][0]);
    Lanes::note(seen, sum[r][1]);
    Lanes::store(acc[r] + to, sum[r][0]);
    Lanes::store(acc[r] + to + Lanes::kWidth, sum[r][1]);
  }
}

template <int R>
HONE_APART void update_rows(const Layer& l, const std::int16_t* x, std::size_t k,
                            const std::size_t* row, const ShortUpdate& quick, WeightWatch& watch) {
  const IntegerUpdate& update = *l.p.update;
  RowDraws stream[R];
  for (std::size_t r = 0; r < R; ++r) stream[r].start(update, k + row[r]);
  for (std::size_t c = 0; c < l.out; c += kUpdated) {
    const std::size_t cols = least_of(l.out - c, kUpdated);
    std::int32_t acc[R][kUpdated];
    Lanes::Sums seen = Lanes::zero();
    for (std::size_t to = 0; to < cols; to += kColumns)
      sums_of_rows<R>(acc, to, l, x, c + to, seen);
    std::int32_t bits[Lanes::kWidth];
    Lanes::store(bits, seen);
    std::int32_t any = bits_of(bits, Lanes::kWidth);
    std::size_t at[R];
    for (std::size_t r = 0; r < R; ++r) {
      at[r] = (k + row[r]) * l.out + c;
      if (!l.p.sum) continue;
      end_sums(acc[r], l.p.sum + at[r], cols, update);
      any |= bits_of(acc[r], cols);
    }
    if (update.last)
      update_columns(l.p, {at, R, acc[0], kUpdated, cols, stream}, any, quick, watch);
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
    factor[r] = x.pair[0][r][0];
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
      for_rows<Lanes::kTileRows>(rows, [&](std::size_t first, auto count) HONE_LAMBDA {
        add_part<decltype(count)::value>(part, block, first);
      });
    }
  }

 private:
  template <int R>
  HONE_INLINE void add_part(const Layer& l, const BlockOfX& block, std::size_t first) {
    for (std::size_t c = 0; c < l.out; c += kColumns) {
      std::int32_t acc[R][kUpdated];
      Lanes::Sums seen = Lanes::zero();
      sums_of_rows<R>(acc, 0, l, block.pair[0][first], c, seen);
      for (std::size_t r = 0; r < R; ++r)
        for (std::size_t o = 0; o < kColumns; ++o) of[first + r][c + o] += acc[r][o];
    }
  }
};

HONE_APART void backward_of_many(const Layer& l, IntegerReport& report) {
  const IntegerUpdate& update = *l.p.update;
  const ShortUpdate quick(update);
  WeightWatch watch;
  for (std::size_t k = 0; k < l.in; k += kBlock) {
    const std::size_t rows = least_of(l.in - k, kBlock);
    RowSums sums;
    sums.add(l, k, rows);
    if (l.dx) report.gradient |= input_gradient(l, k, rows);
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
  IntegerReport report;
  if (is_large) {
    backward_of_many(l, report);
    HONE_LEAF_NS::integer::update_biases(p, dy, n, out);
    return report;
  }
  WeightWatch watch;
  const ShortUpdate quick(p.update ? *p.update : IntegerUpdate{});
  // A row without a gradient stays as it is unless something else moves it.
  const bool skips = p.update && !p.update->momentum && p.update->decay.mantissa == 0 && !p.sum;
  const bool is_one = n == 1 && p.update && p.update->last && !p.sum && quick.takes_factors();
  for (std::size_t k = 0; k < in; k += kBlock) {
    const std::size_t rows = least_of(in - k, kBlock);
    BlockOfX block;
    if (p.update) block.take(l, k, rows);
    if (dx) report.gradient |= input_gradient(l, k, rows);
    if (!p.update) continue;
    Chosen chosen{{}, 0};
    std::int16_t any[kBlock];
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
    for_rows<Lanes::kTileRows>(chosen.count, [&](std::size_t first, auto count) HONE_LAMBDA {
      update_rows<decltype(count)::value>(l, block.pair[0][first], k, chosen.row + first, quick,
                                          watch);
    });
  }
  watch.report(report);
  HONE_LEAF_NS::integer::update_biases(p, dy, n, out);
  return report;
}

}  // namespace lanes::integer
}  // namespace HONE_LEAF_NS
}  // namespace hone
