#pragma once
#include "integer_dense_split.hpp"
#include "integer_gradient.hpp"
#include "tiles.hpp"

// The input gradient of a dense layer, a block of rows of W at a time.
namespace hone {
namespace HONE_LEAF_NS {
namespace {

constexpr std::size_t kBlock = 8;   // rows of W at a time
constexpr std::size_t kSlab = 128;  // gradients of a sample that are taken at once

struct Layer {
  const IntegerParameters& p;
  std::int8_t* dx;
  const std::int8_t *x, *dy;
  std::size_t n, in, out;
  const IntegerGradient& end;
};

// `count` weights of each of R rows from number `first` on, up to kSlab, that are read kVector at a
// time. Where that would reach beyond W they are a copy.
template <int R, std::size_t kVector>
struct SomeWeights {
  const std::int16_t* at;
  std::size_t pitch;
  std::int16_t rows[R][kSlab];
  static_assert(kSlab % kVector == 0, "");

  HONE_INLINE void take(const WeightRows& w, std::size_t first, std::size_t count) {
    at = w.w + first, pitch = w.columns;
    const std::size_t reach = (R - 1) * w.columns + (count + kVector - 1) / kVector * kVector;
    if (first + reach > w.size) copy(w, first, count);
  }

 private:
  HONE_APART void copy(const WeightRows& w, std::size_t first, std::size_t count) {
    for (std::size_t r = 0; r < R; ++r) {
      std::size_t i = 0;
      for (; i < count; ++i) rows[r][i] = w.w[first + r * w.columns + i];
      for (; i % kVector; ++i) rows[r][i] = 0;
    }
    at = rows[0], pitch = kSlab;
  }
};

// dy of S samples for dot products with rows of W, up to kSlab outputs at a time.
template <int S>
struct SomeGradients {
  static constexpr std::size_t kVector = kColumns;
  const std::int8_t* at;
  std::size_t pitch, whole;
  std::int8_t last[S][kColumns];  // of each row, with zeros behind, where it is cut

  HONE_INLINE void take(const std::int8_t* dy, std::size_t out, std::size_t count) {
    at = dy, pitch = out, whole = count / kColumns * kColumns;
    for (std::size_t s = 0; s < S && whole < count; ++s)
      for (std::size_t i = 0; i < kColumns; ++i)
        last[s][i] = whole + i < count ? dy[s * out + whole + i] : std::int8_t{0};
  }
  template <int R>
  HONE_INLINE void dots(Lanes::Sums (&sum)[S][R], const SomeWeights<R, kVector>& w,
                        std::size_t count) const {
    for (std::size_t o = 0; o < count; o += kColumns) {
      Lanes::Numbers g[S];
      HONE_UNROLL for (std::size_t s = 0; s < S; ++s) g[s] =
          Lanes::widened(o < whole ? at + s * pitch + o : last[s]);
      HONE_UNROLL for (std::size_t r = 0; r < R; ++r) {
        const Lanes::Numbers m = Lanes::numbers(w.at + r * w.pitch + o);
        HONE_UNROLL for (std::size_t s = 0; s < S; ++s) sum[s][r] = Lanes::dot(sum[s][r], g[s], m);
      }
    }
  }
};

// S samples by R rows of W: dot products over kSlab outputs at a time.
template <int S, int R>
void add_dots(std::int32_t (*total)[kBlock], std::size_t to, const SomeGradients<S>& g,
              const WeightRows& w, std::size_t row, std::size_t first, std::size_t count) {
  Lanes::Sums sum[S][R];
  HONE_UNROLL for (int s = 0; s < S; ++s) HONE_UNROLL for (int r = 0; r < R; ++r) sum[s][r] =
      Lanes::zero();
  SomeWeights<R, SomeGradients<S>::kVector> weights;
  weights.take(w, row * w.columns + first, count);
  g.dots(sum, weights, count);
  HONE_UNROLL for (int s = 0; s < S; ++s) {
    if constexpr (R == 4) {
      std::int32_t four[4];
      Lanes::totals(four, sum[s][0], sum[s][1], sum[s][2], sum[s][3]);
      using Four = std::int32_t __attribute__((vector_size(16)));
      store_sums(total[s] + to, load_sums<Four>(total[s] + to) + load_sums<Four>(four));
    } else {
      HONE_UNROLL for (int r = 0; r < R; ++r) total[s][to + static_cast<std::size_t>(r)] +=
          Lanes::total(sum[s][r]);
    }
  }
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
  std::int64_t wide[S][kBlock];
  for (std::size_t i = 0; i < S * kBlock && !is_short; ++i) wide[i / kBlock][i % kBlock] = 0;
  std::int32_t total[S][kBlock] = {};
  SomeGradients<S> g;
  for (std::size_t o = 0; o < l.out; o += kSlab) {
    const std::size_t count = least_of(l.out - o, kSlab);
    g.take(l.dy + sample * l.out + o, l.out, count);
    std::size_t r = 0;
    for (; r + 4 <= rows; r += 4) add_dots<S, 4>(total, r, g, w, k + r, o, count);
    for (; r < rows; ++r) add_dots<S, 1>(total, r, g, w, k + r, o, count);
    if (is_short) continue;
    for (std::size_t s = 0; s < S; ++s)
      for (std::size_t i = 0; i < kBlock; ++i) wide[s][i] += total[s][i], total[s][i] = 0;
  }
  typename TileOf<8>::V seen{};
  std::uint64_t seen_wide = 0;
  for (std::size_t s = 0; s < S; ++s) {
    const std::size_t at = (sample + s) * l.in + k;
    if (is_short) {
      put_short_gradients(l.dx, at, total[s], rows, l.end, seen);
    } else {
      seen_wide |= put_row(l.dx, at, wide[s], rows, l.end);
    }
  }
  return seen_wide | or_of(seen);
}

// By lanes that multiply bytes: dy is what a forward pass reads, and a block of W, turned, its
// panel.
template <class W>
class SplitGradient {
 public:
  explicit SplitGradient(const Layer& l) : l_(l) {
    for (std::size_t i = 0; i < l.n && takes(); ++i)
      rest_[i] = 128 * in_chunks(l.dy + i * l.out, l.out, W::sum);
  }
  bool takes() const { return l_.dx && l_.n >= Forward::kLeast && l_.n <= kMost; }

  // Rows [k, k + rows) of W.
  HONE_APART std::uint64_t of_rows(std::size_t k, std::size_t rows) const {
    Panel panel;
    const bool is_short = all_fit(l_), is_whole = l_.out <= Forward::kPanel;
    if (is_whole) panel.turn(l_.p.w + k * l_.out, l_.out, rows, l_.out);
    typename TileOf<8>::V seen{};
    std::uint64_t seen_wide = 0;
    for (std::size_t i = 0; i < l_.n; i += Forward::kMost) {
      const Group g{l_.dy + i * l_.out, i, least_of(l_.n - i, Forward::kMost), l_.out};
      typename Forward::Sums sums;
      sums.start(rest_ + i, g.n, is_short);
      for (std::size_t o = 0; o < l_.out; o += Forward::kPanel) {
        const std::size_t count = least_of(l_.out - o, Forward::kPanel);
        if (!is_whole) panel.turn(l_.p.w + k * l_.out + o, l_.out, rows, count);
        Forward::add_panel_of_all(sums, g, panel, o, count, is_short);
      }
      for (std::size_t s = 0; s < g.n; ++s) {
        const std::size_t at = (i + s) * l_.in + k;
        if (is_short) {
          put_short_gradients(l_.dx, at, sums.narrow[s], rows, l_.end, seen);
        } else {
          seen_wide |= put_row(l_.dx, at, sums.wide[s], rows, l_.end);
        }
      }
    }
    return seen_wide | or_of(seen);
  }

 private:
  using Forward = DenseForward<W>;
  using Group = typename Forward::Group;
  using Panel = typename Forward::Panel;
  static constexpr std::size_t kMost = 128;  // samples
  static_assert(W::kColumns == kBlock, "");

  const Layer& l_;
  std::int64_t rest_[kMost];
};

// By lanes that multiply by any number of a vector (L::kDeep): a block of W, turned, is read as a
// forward pass reads W.
template <class L, bool kIsDeep = (L::kDeep > 2)>
class TurnedGradient {
 public:
  explicit TurnedGradient(const Layer& l) : l_(l) {}
  bool takes() const { return l_.dx && l_.n >= 4 && l_.out <= kSlab && all_fit(l_); }

  // Rows [k, k + rows) of W.
  HONE_APART std::uint64_t of_rows(std::size_t k, std::size_t rows) const {
    std::int16_t turned[kSlab][kBlock];
    const std::int16_t* const w = l_.p.w + k * l_.out;
    for (std::size_t o = 0; o < l_.out; o += kBlock) {
      if (rows == kBlock && o + kBlock <= l_.out) {
        L::turn(turned[o], w + o, l_.out);
        continue;
      }
      std::int16_t some[kBlock][kBlock] = {};
      for (std::size_t r = 0; r < rows; ++r)
        for (std::size_t i = 0; i < kBlock && o + i < l_.out; ++i)
          some[r][i] = w[r * l_.out + o + i];
      L::turn(turned[o], some[0], kBlock);
    }
    typename TileOf<8>::V seen{};
    for_rows<L::kTileRows>(l_.n, [&](std::size_t sample, auto count) HONE_LAMBDA {
      constexpr std::size_t kSamples = decltype(count)::value;
      std::int32_t sums[kSamples][kBlock];
      add<kSamples>(sums, turned[0], sample);
      HONE_UNROLL for (std::size_t s = 0; s < kSamples; ++s)
          put_short_gradients(l_.dx, (sample + s) * l_.in + k, sums[s], rows, l_.end, seen);
    });
    return or_of(seen);
  }

 private:
  static_assert(L::kDeep == kBlock && kColumns == kBlock, "");

  template <int S>
  HONE_APART void add(std::int32_t (*to)[kBlock], const std::int16_t* w, std::size_t sample) const {
    Lanes::Sums sum[S][2];
    HONE_UNROLL for (int s = 0; s < S; ++s) sum[s][0] = sum[s][1] = L::zero();
    const std::int8_t* dy = l_.dy + sample * l_.out;
    const std::size_t whole = l_.out / kBlock, rest = l_.out % kBlock;
    for (std::size_t i = 0; i < whole; ++i, dy += kBlock, w += kBlock * kBlock)
      L::add_deep(sum, w, kBlock, dy, l_.out);
    if (rest) {
      std::int8_t last[S][kBlock] = {};
      for (std::size_t s = 0; s < S; ++s)
        for (std::size_t i = 0; i < rest; ++i) last[s][i] = dy[s * l_.out + i];
      L::add_deep(sum, w, kBlock, last[0], kBlock);
    }
    HONE_UNROLL for (int s = 0; s < S; ++s) {
      L::store(to[s], sum[s][0]);
      L::store(to[s] + L::kWidth, sum[s][1]);
    }
  }

  const Layer& l_;
};
template <class L>
class TurnedGradient<L, false> {
 public:
  explicit TurnedGradient(const Layer&) {}
  static bool takes() { return false; }
  static std::uint64_t of_rows(std::size_t, std::size_t) { return 0; }
};

template <>
class SplitGradient<WholeWeights> : public TurnedGradient<Lanes> {
 public:
  using TurnedGradient<Lanes>::TurnedGradient;
};

std::uint64_t input_gradient(const Layer& l, const SplitGradient<DenseWeights>& split,
                             std::size_t k, std::size_t rows) {
  if (split.takes()) return split.of_rows(k, rows);
  const WeightRows w{l.p.w, l.out, l.in * l.out};
  std::uint64_t seen = 0;
  for_rows<4>(l.n, [&](std::size_t sample, auto count) HONE_LAMBDA {
    seen |= gradient_of_samples<decltype(count)::value>(l, w, sample, k, rows);
  });
  return seen;
}

}  // namespace
}  // namespace HONE_LEAF_NS
}  // namespace hone
