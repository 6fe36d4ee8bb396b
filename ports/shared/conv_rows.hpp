#pragma once
#include "ends.hpp"
#include "tiles.hpp"

// Rows of outputs and of input gradients: of a convolution from its padded image, and of a linear
// layer, whose pixels are samples that see one kernel row.
namespace hone {
namespace HONE_LEAF_NS {

/// Terms of a chain: `rows` kernel rows, each a run of (column, channel) that is contiguous both in
/// the image and in the weights.
struct KernelRuns {
  std::size_t rows, image_pitch, run, weight_pitch;
};

/// The one row that a linear layer has.
struct OneRun {
  std::size_t run, weight_pitch;
};

/// `count` pixels of an image, `step` floats apart.
struct PixelRow {
  const float* image;
  std::size_t step, count;
};

/// sum[r][v] += the terms of pixel first + r.
template <int R, class C>
HONE_INLINE void add_runs(typename C::Vec (&sum)[R][C::kVectors], const C& columns,
                          const PixelRow& row, std::size_t first, const float* w,
                          const KernelRuns& k) {
  const float* const image = row.image + first * row.step;
  for (std::size_t i = 0; i < k.rows; ++i)
    add_products<R>(sum, columns, image + i * k.image_pitch, row.step, 1,
                    w + i * k.run * k.weight_pitch, k.weight_pitch, k.run);
}

template <int R, class C>
HONE_INLINE void add_runs(typename C::Vec (&sum)[R][C::kVectors], const C& columns,
                          const PixelRow& row, std::size_t first, const float* w, const OneRun& k) {
  add_products<R>(sum, columns, row.image + first * row.step, row.step, 1, w, k.weight_pitch,
                  k.run);
}

/// Columns from c on of the outputs y, y_step floats apart. bias may be null.
template <Activation kAct, class Kernel, class C>
static void forward_pixels(float* y, std::size_t y_step, const PixelRow& row, const float* w,
                           const float* bias, const Kernel& kernel, std::size_t c, const C& columns,
                           float slope) {
  using V = typename C::Vec;
  constexpr int N = C::kVectors;
  V start[N];
  HONE_UNROLL for (int v = 0; v < N; ++v) start[v] = bias ? columns.load(bias + c, v) : V::zero();
  for_rows<C::kRows>(row.count, [&](std::size_t first, auto tile_rows) HONE_LAMBDA {
    constexpr int R = decltype(tile_rows)::value;
    V sum[R][N];
    HONE_UNROLL for (int r = 0; r < R; ++r) HONE_UNROLL for (int v = 0; v < N; ++v) sum[r][v] =
        start[v];
    add_runs<R>(sum, columns, row, first, w + c, kernel);
    float* const to = y + first * y_step + c;
    HONE_UNROLL for (std::size_t r = 0; r < R; ++r) HONE_UNROLL for (int v = 0; v < N; ++v)
        columns.store(to + r * y_step, ended<kAct>(sum[r][v], V::all(slope)), v);
  });
}

/// Channels of dx, dx_step floats apart from pixel to pixel; y_at: its place in end.y.
template <class Kernel, class End>
static void gradient_pixels(float* dx, std::size_t dx_step, std::size_t y_at, const PixelRow& row,
                            const float* w, const Kernel& kernel, std::size_t channels,
                            const End& end) {
  for_columns(channels, [&](std::size_t c, auto columns) HONE_LAMBDA {
    using C = decltype(columns);
    using V = typename C::Vec;
    constexpr int N = C::kVectors;
    for_rows<C::kRows>(row.count, [&](std::size_t first, auto tile_rows) HONE_LAMBDA {
      constexpr int R = decltype(tile_rows)::value;
      const std::size_t at = first * dx_step + c;
      V sum[R][N];
      HONE_UNROLL for (std::size_t r = 0; r < R; ++r) HONE_UNROLL for (int v = 0; v < N; ++v)
          sum[r][v] = end.start(columns, dx + at + r * dx_step, v);
      add_runs<R>(sum, columns, row, first, w + c, kernel);
      HONE_UNROLL for (std::size_t r = 0; r < R; ++r) HONE_UNROLL for (int v = 0; v < N; ++v)
          end.end(columns, dx + at + r * dx_step, y_at + at + r * dx_step, sum[r][v], v);
    });
  });
}

}  // namespace HONE_LEAF_NS
}  // namespace hone
