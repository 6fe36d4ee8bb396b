#pragma once
#include "turn.hpp"
#include "update.hpp"

// A run is one kernel row of all input channels, for one output channel: the vector axis of the
// routed backward pass (conv_routed.hpp). The weights are [kernel_h][run][out_c]; their table and
// their chains, in scratch, are [out_c][kernel_h][run_pitch].
namespace hone {
namespace HONE_LEAF_NS {

struct Runs {
  std::size_t kernel_h, run, run_pitch, out_c;

  HONE_INLINE std::size_t channel_pitch() const { return kernel_h * run_pitch; }
};

/// Calls f(offset in the weights, offset in scratch, rows, columns) for square blocks.
template <class F>
HONE_INLINE void for_blocks(const Runs& r, F f) {
  constexpr std::size_t W = Narrow::kWidth;
  for (std::size_t ky = 0; ky < r.kernel_h; ++ky)
    for (std::size_t j = 0; j < r.run; j += W)
      for (std::size_t o = 0; o < r.out_c; o += W)
        f((ky * r.run + j) * r.out_c + o, o * r.channel_pitch() + ky * r.run_pitch + j,
          r.run - j < W ? r.run - j : W, r.out_c - o < W ? r.out_c - o : W);
}

/// Fills the table, but for what lies behind the ends of the runs.
HONE_INLINE void turn_runs(float* table, const Runs& runs, const float* w) {
  for_blocks(runs,
             [&](std::size_t from, std::size_t to, std::size_t rows, std::size_t cols) HONE_LAMBDA {
               turn(table + to, runs.channel_pitch(), w + from, runs.out_c, rows, cols);
             });
}

template <bool kMomentum>
static void start_runs_with(float* chains, const Runs& runs, const ConvWeights& weights) {
  using V = Narrow;
  constexpr std::size_t W = V::kWidth;
  const UpdateLanes<V, kMomentum> lanes(*weights.update);
  for_blocks(runs,
             [&](std::size_t from, std::size_t to, std::size_t rows, std::size_t cols) HONE_LAMBDA {
               const auto columns = last_columns<V>(cols);
               const float* const sum = (weights.sum ? weights.sum : weights.w) + from;
               V t[W];
               HONE_UNROLL for (std::size_t r = 0; r < W; ++r) {
                 const std::size_t row = r < rows ? r * runs.out_c : 0;
                 t[r] = lanes.start(columns, weights.w + from + row, sum + row, 0);
               }
               transpose(t);
               for (std::size_t j = 0; j < cols; ++j)
                 t[j].store(chains + to + j * runs.channel_pitch(), V::part(rows));
             });
}

template <bool kMomentum>
static std::uint32_t finish_runs_with(const float* chains, const Runs& runs,
                                      const ConvWeights& weights) {
  using V = Narrow;
  constexpr std::size_t W = V::kWidth;
  const UpdateLanes<V, kMomentum> lanes(*weights.update);
  V seen = V::zero();
  for_blocks(
      runs, [&](std::size_t to, std::size_t from, std::size_t rows, std::size_t cols) HONE_LAMBDA {
        const auto columns = last_columns<V>(cols);
        float* const sum = (weights.sum ? weights.sum : weights.w) + to;
        V t[W];
        load_turned(t, chains + from, runs.channel_pitch(), cols, V::part(rows));
        HONE_UNROLL for (std::size_t r = 0; r < W; ++r) {
          V chain[] = {t[r]};
          if (r < rows)
            lanes.end(columns, weights.w + to + r * runs.out_c, sum + r * runs.out_c, chain, seen);
        }
      });
  return saw_not_finite(seen);
}

/// Starts the chains of all weights, turned.
HONE_INLINE void start_runs(float* chains, const Runs& runs, const ConvWeights& weights) {
  weights.update->momentum ? start_runs_with<true>(chains, runs, weights)
                           : start_runs_with<false>(chains, runs, weights);
}
/// Ends them, turned back. Non-zero if a new weight is not finite.
HONE_INLINE std::uint32_t finish_runs(const float* chains, const Runs& runs,
                                      const ConvWeights& weights) {
  return weights.update->momentum ? finish_runs_with<true>(chains, runs, weights)
                                  : finish_runs_with<false>(chains, runs, weights);
}

// to[..] += g * from[..], N vectors. All loads come first: the compiler cannot know that no store
// touches what is still to be loaded.
template <int N, class V>
HONE_INLINE void add_vectors(float* to, V g, const float* from) {
  const WholeColumns<V, N> columns;
  V sum[N], factor[N];
  HONE_UNROLL for (int v = 0; v < N; ++v) sum[v] = columns.load(to, v);
  HONE_UNROLL for (int v = 0; v < N; ++v) factor[v] = columns.load(from, v);
  HONE_UNROLL for (int v = 0; v < N; ++v) columns.store(to, fma(g, factor[v], sum[v]), v);
}

/// The vectors of one run: N of them after `blocks` of four. All are whole: what lies behind the
/// end of a run meets a zero of the table, or a lane of the chains that nobody reads. (A masked
/// store would also keep the next load of these chains waiting.)
template <class V, int N, bool kIsLong>
struct RunVectors {
  using Vec = V;
  static constexpr int kVectors = N;
  static constexpr bool kLong = kIsLong;
  static constexpr std::size_t kBlock = 4 * V::kWidth;
  std::size_t blocks;  // 0 unless kIsLong

  /// to[run] += g * from[run]
  HONE_INLINE void add(float* to, V g, const float* from) const {
    for (std::size_t b = 0; kIsLong && b < blocks; ++b, to += kBlock, from += kBlock)
      add_vectors<4>(to, g, from);
    add_vectors<N>(to, g, from);
  }
};

}  // namespace HONE_LEAF_NS
}  // namespace hone
