#include "integer.hpp"
#include "integer_pool.hpp"
#include "integer_rows.hpp"
#include "integer_tile.hpp"
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

// ---- input gradient

// S samples by R rows of W: dot products over kSlab outputs at a time.
template <int S, int R>
void add_dots(std::int32_t (*total)[kBlock], std::size_t to, const std::int16_t (*g)[kSlab],
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
  HONE_UNROLL for (int s = 0; s < S; ++s) {
    if constexpr (R == 4) {
      std::int32_t four[4];
      Lanes::totals(four, sum[s][0], sum[s][1], sum[s][2], sum[s][3]);
      for (std::size_t r = 0; r < 4; ++r) total[s][to + r] += four[r];
    } else {
      HONE_UNROLL for (int r = 0; r < R; ++r) total[s][to + static_cast<std::size_t>(r)] +=
          Lanes::total(sum[s][r]);
    }
  }
}

// `rows` finished sums of one sample that fit 32 bits, beside them zeros.
std::uint64_t put_short(const Layer& l, std::size_t at, const std::int32_t* total,
                        std::size_t rows) {
  using V = typename TileOf<8>::V;
  constexpr std::size_t W = TileOf<8>::Lanes::kWidth;
  const IntegerGradient& end = l.end;
  const ShortEnd limits{-0x7FFFFFFF, 0x7FFFFFFF, std::int32_t{1} << (end.shift - 1), end.shift};
  V sum[TileOf<8>::kVectors], seen{};
  HONE_UNROLL for (std::size_t v = 0; v < TileOf<8>::kVectors; ++v) sum[v] =
      load_sums<V>(total + v * W);
  std::int8_t codes[kBlock];
  put_sums<8>(codes, sum, limits, seen);
  IntegerGradient here = end;
  if (end.act != Activation::none) here.y = end.y + at;
  if (end.act == Activation::relu && rows == kBlock) {
    EightCodes d, y;
    __builtin_memcpy(&d, codes, sizeof d);
    __builtin_memcpy(&y, here.y, sizeof y);
    d &= y > 0;
    __builtin_memcpy(codes, &d, sizeof d);
  } else {
    HONE_LEAF_NS::integer::finish_gradient(codes, rows, here);
  }
  __builtin_memcpy(l.dx + at, codes, rows);
  return or_of(seen);
}

// Whether sums of so few products, with the rounding, fit 32 bits.
bool all_fit(const Layer& l) {
  const std::int64_t most = std::int64_t{kMaxMantissa8} * kMaxMantissa16 * kWideChunk;
  return l.out <= kWideChunk && !l.end.resumes && is_short_shift(l.end.shift) &&
         most + (std::int64_t{1} << (l.end.shift - 1)) <= 0x7FFFFFFF;
}

// S samples and the rows [k, k + rows) of W.
template <int S>
HONE_APART std::uint64_t gradient_of_samples(const Layer& l, const WeightRows& w,
                                             std::size_t sample, std::size_t k, std::size_t rows) {
  const bool is_short = all_fit(l);
  std::int64_t wide[S][kBlock] = {};
  std::int32_t total[S][kBlock] = {};
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
    if (is_short) continue;
    for (std::size_t s = 0; s < S; ++s)
      for (std::size_t i = 0; i < kBlock; ++i) wide[s][i] += total[s][i], total[s][i] = 0;
  }
  std::uint64_t seen = 0;
  for (std::size_t s = 0; s < S; ++s) {
    const std::size_t at = (sample + s) * l.in + k;
    seen |= is_short ? put_short(l, at, total[s], rows) : put_row(l.dx, at, wide[s], rows, l.end);
  }
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
    Lanes::add_rows(sum, Lanes::two(Lanes::widened(dy), Lanes::widened(dy + l.out)), x);
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
    Lanes::add_rows(sum, two, x);
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
      update_columns(l.p, {at, R, acc[0], kUpdated, cols, stream, nullptr}, any, quick, watch);
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
        update_columns(l.p, {&at, 1, sums.of[r], 0, l.out, &stream, nullptr},
                       bits_of(sums.of[r], l.out), quick, watch);
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
