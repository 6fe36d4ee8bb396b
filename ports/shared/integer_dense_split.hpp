#pragma once
#include "integer_dense_outputs.hpp"

// Dense layers of lanes that multiply bytes: a panel of W is split once for many samples.
// integer_lanes.hpp of such a port names its `DenseWeights`, else they are WholeWeights:
//
//   kColumns, kRows   a tile: columns, as many as a vector of the others has, and samples
//   kTurn, kFour      inputs that meet their rows of W in one turn; bytes of a panel of four rows
//   split()           four rows of W become two parts of a panel
//   turn()            so do kTurn columns of kColumns rows, for dX
//   multiply()        the sums of a tile
//   sum()             of some x
//   sum_of_sizes()    of what they are without a sign
//   plus()            of two vectors of sums
//   split_whole(), add_run(), times_256()   for convolutions: integer_split_window.hpp
//
// What multiply() leaves out is 128 times the sum of x.
namespace hone {
namespace HONE_LEAF_NS {
namespace {

// What `sum` makes of chunks of n numbers.
template <class F>
HONE_INLINE std::int64_t in_chunks(const std::int8_t* x, std::size_t n, F sum) {
  std::int64_t all = 0;
  for (std::size_t k = 0; k < n; k += kWideChunk) all += sum(x + k, least_of(n - k, kWideChunk));
  return all;
}

template <class W>
struct DenseForward {
  static constexpr std::size_t kLeast = 4;   // samples for which splitting pays
  static constexpr std::size_t kTiles = 16;  // for which x is summed once

  static std::int32_t sum_of_sizes(const std::int8_t* x, std::size_t n) {
    return W::sum_of_sizes(x, n);
  }

  static std::uint64_t forward(const std::int8_t* x, const WeightRows& w, std::size_t n,
                               std::size_t in, const Outputs& outputs) {
    const std::size_t groups = (n + kMost - 1) / kMost, each = (n + groups - 1) / groups;
    std::uint64_t seen = 0;
    for (std::size_t i = 0; i < n; i += each) {
      const Group g{x + i * in, i, least_of(n - i, each), in};
      std::int64_t rest[kMost];
      for (std::size_t s = 0; s < g.n; ++s) rest[s] = 128 * in_chunks(g.x + s * in, in, W::sum);
      for (std::size_t t = 0; t < outputs.tiles(); ++t)
        seen |= forward_tile(g, w, rest, t, outputs);
    }
    return seen;
  }

  static constexpr std::size_t kMost = 32;    // samples for which a panel is split once
  static constexpr std::size_t kPanel = 256;  // inputs of a panel
  static constexpr std::size_t kTurns = kPanel / W::kTurn;
  // The sums of a panel fit 32 bits, and 128 more in each weight.
  static_assert(std::int64_t{kPanel} * kMaxMantissa8 * (kMaxMantissa16 + 128) <= 0x7FFFFFFF, "");
  static_assert(W::kColumns == kColumns && kPanel % W::kTurn == 0 && W::kTurn % 4 == 0, "");

  struct Group {
    const std::int8_t* x;
    std::size_t first, n, in;  // the first sample, samples
  };
  struct Panel {
    std::int8_t high[kPanel / 4][W::kFour], low[kPanel / 4][W::kFour];

    // Rows [k, k + count) of W; rows up to a whole turn are 0.
    HONE_APART void split(const WeightRows& w, std::size_t k, std::size_t c, std::size_t count) {
      const std::size_t columns = w.columns, at = k * columns + c;
      // Fours of whole rows whose vectors lie inside W.
      std::size_t whole = count / 4;
      while (whole > 0 && !w.is_inside(at + (4 * whole - 1) * columns)) --whole;
      const std::int16_t* from = w.w + at;
      for (std::size_t i = 0; i < whole; ++i, from += 4 * columns)
        W::split(high[i], low[i], from, columns);
      const std::size_t end = (count + W::kTurn - 1) / W::kTurn * W::kTurn;
      for (std::size_t i = whole; 4 * i < end; ++i) {
        std::int16_t rows[4][kColumns] = {};
        for (std::size_t j = 4 * i; j < 4 * i + 4 && j < count; ++j) {
          const std::size_t row = at + j * columns;
          __builtin_memcpy(rows[j % 4], w.w + row, least_of(w.size - row, kColumns) * sizeof *w.w);
        }
        W::split(high[i], low[i], rows[0], kColumns);
      }
    }
    // `count` columns of `rows` rows of W, `pitch` apart: they change places.
    HONE_APART void turn(const std::int16_t* w, std::size_t pitch, std::size_t rows,
                         std::size_t count) {
      for (std::size_t o = 0; o < count; o += W::kTurn) {
        if (rows == kColumns && o + W::kTurn <= count) {
          W::turn(high[o / 4], low[o / 4], w + o, pitch);
          continue;
        }
        std::int16_t some[kColumns][W::kTurn] = {};
        for (std::size_t r = 0; r < rows; ++r)
          for (std::size_t i = 0; i < W::kTurn && o + i < count; ++i)
            some[r][i] = w[r * pitch + o + i];
        W::turn(high[o / 4], low[o / 4], some[0], W::kTurn);
      }
    }
  };
  // Of all samples of a group: in 32 bits where they fit.
  struct Sums {
    std::int32_t narrow[kMost][kColumns];
    std::int64_t wide[kMost][kColumns];

    // rest: of each of n samples.
    HONE_INLINE void start(const std::int64_t* rest, std::size_t n, bool is_short) {
      for (std::size_t s = 0; s < n; ++s) {
        // Sums that fit at the end may pass 32 bits and come back.
        const auto some = static_cast<std::int32_t>(static_cast<std::uint32_t>(rest[s]));
        for (std::size_t o = 0; o < kColumns; ++o) {
          if (is_short) narrow[s][o] = some;
          if (!is_short) wide[s][o] = rest[s];
        }
      }
    }
  };

  // All samples of a group times `count` inputs from k on.
  HONE_INLINE static void add_panel_of_all(Sums& to, const Group& g, const Panel& panel,
                                           std::size_t k, std::size_t count, bool is_short) {
    for_rows<W::kRows>(g.n, [&](std::size_t s, auto height) HONE_LAMBDA {
      add_panel<decltype(height)::value>(to, g, s, panel, k, count, is_short);
    });
  }

 private:
  // R samples times some turns of a panel.
  template <int R>
  HONE_INLINE static void add(Sums& to, std::size_t sample, const Panel& panel, std::size_t four,
                              const std::int8_t* x, std::size_t pitch, std::size_t turns,
                              bool is_short) {
    Lanes::Sums sum[R][2];
    W::multiply(sum, panel.high[four], panel.low[four], x, pitch, turns);
    HONE_UNROLL for (std::size_t r = 0; r < R; ++r) {
      std::int32_t* const narrow = to.narrow[sample + r];
      if (is_short) {
        Lanes::store(narrow, W::plus(sum[r][0], Lanes::load(narrow)));
        Lanes::store(narrow + Lanes::kWidth,
                     W::plus(sum[r][1], Lanes::load(narrow + Lanes::kWidth)));
      } else {
        Lanes::store(narrow, sum[r][0]);
        Lanes::store(narrow + Lanes::kWidth, sum[r][1]);
        for (std::size_t o = 0; o < kColumns; ++o) to.wide[sample + r][o] += narrow[o];
      }
    }
  }

  template <int R>
  HONE_APART static void add_panel(Sums& to, const Group& g, std::size_t sample, const Panel& panel,
                                   std::size_t k, std::size_t count, bool is_short) {
    const std::int8_t* const x = g.x + sample * g.in + k;
    const std::size_t turns = count / W::kTurn, rest = count % W::kTurn;
    if (turns) add<R>(to, sample, panel, 0, x, g.in, turns, is_short);
    if (rest == 0) return;
    std::int8_t last[R][W::kTurn] = {};
    for (std::size_t r = 0; r < R; ++r)
      for (std::size_t i = 0; i < rest; ++i) last[r][i] = x[r * g.in + turns * W::kTurn + i];
    add<R>(to, sample, panel, turns * W::kTurn / 4, last[0], W::kTurn, 1, is_short);
  }

  HONE_APART static std::uint64_t forward_tile(const Group& g, const WeightRows& w,
                                               const std::int64_t* rest, std::size_t t,
                                               const Outputs& outputs) {
    const bool is_short = outputs.quick != nullptr;
    Sums sums;
    sums.start(rest, g.n, is_short);
    Panel panel;
    for (std::size_t k = 0; k < g.in; k += kPanel) {
      const std::size_t count = least_of(g.in - k, kPanel);
      panel.split(w, k, outputs.first + t * kColumns, count);
      add_panel_of_all(sums, g, panel, k, count, is_short);
    }
    return is_short ? outputs.put_short(sums.narrow, t, g.first, g.n)
                    : outputs.put(sums.wide, t, g.first, g.n);
  }
};

template <>
struct DenseForward<WholeWeights> {
  static constexpr std::size_t kLeast = static_cast<std::size_t>(-1), kTiles = 1;
  static std::int32_t sum_of_sizes(const std::int8_t* x, std::size_t n) {
    std::int32_t sum = 0;
    for (std::size_t j = 0; j < n; ++j) sum += x[j] < 0 ? -x[j] : x[j];
    return sum;
  }
  static std::uint64_t forward(const std::int8_t*, const WeightRows&, std::size_t, std::size_t,
                               const Outputs&) {
    return 0;
  }
};

}  // namespace
}  // namespace HONE_LEAF_NS
}  // namespace hone
