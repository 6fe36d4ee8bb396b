#pragma once
#include "integer_gradient.hpp"
#include "integer_rows.hpp"
#include "tiles.hpp"

// The input gradient of a dense layer, a block of rows of W at a time.
namespace hone {
namespace HONE_LEAF_NS {
namespace {

using Lanes = IntegerLanes;

constexpr std::size_t kBlock = 8;  // rows of W at a time

struct Layer {
  const IntegerParameters& p;
  std::int8_t* dx;
  const std::int8_t *x, *dy;
  std::size_t n, in, out;
  const IntegerGradient& end;
};

// Gradients of S samples by vectors of kColumns: the last of each row, that is cut, from a copy
// that ends with zeros.
template <int S>
struct Gradients {
  const std::int8_t* dy;
  std::size_t columns, whole;
  std::int8_t last[S][kColumns];  // only if one is cut

  HONE_INLINE Gradients(const std::int8_t* of_samples, std::size_t out)
      : dy(of_samples), columns(out), whole(out / kColumns * kColumns) {
    for (std::size_t s = 0; s < S && whole < out; ++s)
      for (std::size_t i = 0; i < kColumns; ++i)
        last[s][i] = whole + i < out ? dy[s * out + whole + i] : std::int8_t{0};
  }
  HONE_INLINE Lanes::Numbers at(std::size_t s, std::size_t o) const {
    return Lanes::widened(o < whole ? dy + s * columns + o : last[s]);
  }
};

// S samples by R rows of W: dot products over the outputs [first, end).
template <int S, int R>
void add_dots(std::int32_t (*total)[kBlock], std::size_t to, const Gradients<S>& g,
              const WeightRows& w, std::size_t row, std::size_t first, std::size_t end) {
  Lanes::Sums sum[S][R];
  HONE_UNROLL for (int s = 0; s < S; ++s) HONE_UNROLL for (int r = 0; r < R; ++r) sum[s][r] =
      Lanes::zero();
  for (std::size_t o = first; o < end; o += kColumns) {
    const std::size_t at = row * w.columns + o;
    const bool is_inside = w.is_inside(at + (R - 1) * w.columns);
    Lanes::Numbers of[S];
    HONE_UNROLL for (std::size_t s = 0; s < S; ++s) of[s] = g.at(s, o);
    HONE_UNROLL for (std::size_t r = 0; r < R; ++r) {
      const Lanes::Numbers m = is_inside ? w.inside(at + r * w.columns) : w.any(at + r * w.columns);
      HONE_UNROLL for (std::size_t s = 0; s < S; ++s) sum[s][r] = Lanes::dot(sum[s][r], of[s], m);
    }
  }
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
  static_assert(kWideChunk % kColumns == 0, "");
  const bool is_short = all_fit(l);
  std::int64_t wide[S][kBlock];
  for (std::size_t i = 0; i < S * kBlock && !is_short; ++i) wide[i / kBlock][i % kBlock] = 0;
  std::int32_t total[S][kBlock] = {};
  const Gradients<S> g(l.dy + sample * l.out, l.out);
  for (std::size_t o = 0; o < l.out; o += kWideChunk) {
    const std::size_t end = least_of(l.out, o + kWideChunk);
    std::size_t r = 0;
    for (; r + 4 <= rows; r += 4) add_dots<S, 4>(total, r, g, w, k + r, o, end);
    for (; r < rows; ++r) add_dots<S, 1>(total, r, g, w, k + r, o, end);
    if (is_short) continue;
    for (std::size_t s = 0; s < S; ++s)
      for (std::size_t i = 0; i < kBlock; ++i) wide[s][i] += total[s][i], total[s][i] = 0;
  }
  typename TileOf<8>::V seen{};
  std::uint64_t seen_wide = 0;
  for (std::size_t s = 0; s < S; ++s) {
    const std::size_t at = (sample + s) * l.in + k;
    if (is_short) {
      put_gradients(l.dx, at, total[s], rows, l.end, seen);
    } else {
      seen_wide |= put_row(l.dx, at, wide[s], rows, l.end);
    }
  }
  return seen_wide | or_of(seen);
}

std::uint64_t input_gradient(const Layer& l, std::size_t k, std::size_t rows) {
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
