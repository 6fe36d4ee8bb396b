#pragma once
#include "tiles.hpp"

namespace hone {
namespace HONE_LEAF_NS {

/// Where the weight gradient of one sample and one group comes from.
struct WeightWalk {
  const float *image, *dy;        ///< the padded image, and the first output of the group
  std::size_t pitch, row, pixel;  ///< floats of a padded row; from output to output, down and right
  std::size_t dy_row, dy_pixel;
  std::size_t height, width;  ///< outputs
};

/// K kernel rows by J of their taps by the columns: chains over all outputs of the walk. With kBias
/// one more chain adds dy itself.
template <int K, int J, bool kBias, class C>
HONE_INLINE void add_weight_tile(float* chain, std::size_t chain_row, std::size_t chain_tap,
                                 float* bias, const WeightWalk& walk, const float* image,
                                 const float* dy, const C& columns) {
  using V = typename C::Vec;
  constexpr int N = C::kVectors;
  V sum[K][J][N];
  V bias_sum[N];
  HONE_UNROLL for (std::size_t k = 0; k < K; ++k) HONE_UNROLL for (std::size_t j = 0; j < J; ++j)
      HONE_UNROLL for (int v = 0; v < N; ++v) sum[k][j][v] =
          columns.load(chain + k * chain_row + j * chain_tap, v);
  if constexpr (kBias) {
    HONE_UNROLL for (int v = 0; v < N; ++v) bias_sum[v] = columns.load(bias, v);
  }
  for (std::size_t oy = 0; oy < walk.height; ++oy) {
    const float* a = image + oy * walk.row;
    const float* d = dy + oy * walk.dy_row;
    for (std::size_t ox = 0; ox < walk.width; ++ox, a += walk.pixel, d += walk.dy_pixel) {
      const V d0 = columns.load(d, 0), d1 = N > 1 ? columns.load(d, N - 1) : d0;
      HONE_UNROLL for (std::size_t k = 0; k < K; ++k)
          HONE_UNROLL for (std::size_t j = 0; j < J; ++j) {
        const V av = V::all(a[k * walk.pitch + j]);
        HONE_UNROLL for (int v = 0; v < N; ++v) sum[k][j][v] =
            fma(av, v == 0 ? d0 : d1, sum[k][j][v]);
      }
      if constexpr (kBias) {
        HONE_UNROLL for (int v = 0; v < N; ++v) bias_sum[v] = bias_sum[v] + (v == 0 ? d0 : d1);
      }
    }
  }
  HONE_UNROLL for (std::size_t k = 0; k < K; ++k) HONE_UNROLL for (std::size_t j = 0; j < J; ++j)
      HONE_UNROLL for (int v = 0; v < N; ++v)
          columns.store(chain + k * chain_row + j * chain_tap, sum[k][j][v], v);
  if constexpr (kBias) {
    HONE_UNROLL for (int v = 0; v < N; ++v) columns.store(bias, bias_sum[v], v);
  }
}

}  // namespace HONE_LEAF_NS
}  // namespace hone
