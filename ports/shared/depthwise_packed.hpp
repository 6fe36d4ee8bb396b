#pragma once
#include "core/kernels/window_geometry.hpp"
#include "ends.hpp"
#include "tiles.hpp"

// Depthwise forward of stride 1 with few channels: a vector holds all channels of as many
// neighbouring outputs as fit. In memory they lie side by side, and so do the pixels that they see
// through one tap. A vector is loaded and stored whole: what it writes past its last output, the
// next vector or the next row overwrites. So rows come in their order, and those at the ends of x
// and y are not taken this way.
namespace hone {
namespace HONE_LEAF_NS {

/// How the outputs of a row are cut into vectors.
struct PackedRow {
  std::uint32_t pixels;   ///< of a vector
  std::uint32_t vectors;  ///< of a row
  Range whole;            ///< of these, those whose outputs see every column of the kernel

  HONE_INLINE std::uint32_t cut() const { return vectors - (whole.end - whole.begin); }
};

/// Needs 0 < in_c <= Wide::kWidth.
HONE_INLINE PackedRow packed_row(const Window& s) {
  const std::uint32_t pixels = static_cast<std::uint32_t>(Wide::kWidth) / s.in_c;
  const std::uint32_t vectors = s.out_w / pixels + (s.out_w % pixels != 0);
  const Range inside = interior_outputs(1, s.pad_left, s.kernel_w, s.in_w, s.out_w);
  const std::uint32_t begin = inside.begin / pixels + (inside.begin % pixels != 0);
  const std::uint32_t end = inside.end == s.out_w ? vectors : inside.end / pixels;
  return {pixels, vectors, begin < end ? Range{begin, end} : Range{vectors, vectors}};
}

/// The weights and the bias repeated for each pixel of a vector, and where the cut vectors of a row
/// see the image: mask by mask, the columns of the kernel ascending.
struct PackedWeights {
  using V = Wide;
  static constexpr std::size_t kTaps = 25, kMasks = 20;

  PackedRow row;
  alignas(V) float w[kTaps * V::kWidth];
  alignas(V) float bias[V::kWidth];
  V::Mask masks[kMasks];
};

/// True if the tables have room. With few vectors they take more time than they save.
HONE_INLINE bool packs(const Window& s, std::size_t n) {
  constexpr std::size_t kFewVectors = 32;
  if (s.stride != 1 || s.in_c > Wide::kWidth) return false;
  const PackedRow row = packed_row(s);
  return std::uint64_t{s.kernel_h} * s.kernel_w <= PackedWeights::kTaps &&
         std::uint64_t{row.cut()} * s.kernel_w <= PackedWeights::kMasks &&
         n * s.out_h * row.vectors >= kFewVectors;
}

HONE_INLINE void repeat_pixel(float* to, const float* pixel, std::size_t channels) {
  for (std::size_t c = 0; c < channels; ++c) to[c] = pixel[c];
  for (std::size_t i = channels; i < Wide::kWidth; ++i) to[i] = to[i - channels];
}

/// The lanes of vector v that see a pixel of the image through column kx of the kernel.
HONE_INLINE Wide::Mask lanes_inside(const Window& s, const PackedRow& row, std::uint32_t v,
                                    std::uint32_t kx) {
  const std::uint64_t first = std::uint64_t{v} * row.pixels;
  const auto lanes_before = [&](std::uint64_t output) HONE_LAMBDA {
    const std::uint64_t outputs = output < first ? 0 : output - first;
    return (1u << (outputs < row.pixels ? outputs : row.pixels) * s.in_c) - 1u;
  };
  // Output o sees the column o + kx - pad_left.
  const std::uint64_t begin = kx < s.pad_left ? s.pad_left - kx : 0;
  const std::uint64_t limit = std::uint64_t{s.in_w} + s.pad_left;
  const std::uint64_t end = kx < limit ? limit - kx : 0;
  return mask_of(Wide::zero(), lanes_before(end) & ~lanes_before(begin));
}

HONE_APART static void pack_weights(PackedWeights& p, const Window& s, const float* w,
                                    const float* bias) {
  const std::size_t taps = std::size_t{s.kernel_h} * s.kernel_w;
  for (std::size_t t = 0; t < taps; ++t)
    repeat_pixel(p.w + t * Wide::kWidth, w + t * s.in_c, s.in_c);
  Wide::zero().store(p.bias);
  if (bias) repeat_pixel(p.bias, bias, s.in_c);
  p.row = packed_row(s);
  std::size_t m = 0;
  for (std::uint32_t v = 0; v < p.row.vectors; ++v) {
    if (v >= p.row.whole.begin && v < p.row.whole.end) continue;
    for (std::uint32_t kx = 0; kx < s.kernel_w; ++kx) p.masks[m++] = lanes_inside(s, p.row, v, kx);
  }
}

/// One row of outputs. Everything by value: gcc reads again what lies behind a pointer, after each
/// store to y.
struct PackedOutputs {
  using V = Wide;
  float* y;
  const float *x, *w, *bias;  ///< x, w: what output 0 sees first, x perhaps in front of its row
  std::size_t step;           ///< floats of a vector without garbage
  std::size_t channels, row;  ///< floats of a pixel and of a row of x
  std::size_t kernel_rows, kernel_w;
  OutputEnd end;

  /// R vectors from v on. kColumns of the kernel, or 0: as many as it has. masks: of a cut vector,
  /// or null.
  template <int R, int kColumns, class Masks>
  HONE_INLINE void vectors(std::size_t v, Masks masks) const {
    V sum[R];
    HONE_UNROLL for (int r = 0; r < R; ++r) sum[r] = V::load(bias);
    const float* wk = w;
    std::size_t x_row = v * step;
    for (std::size_t k = 0; k < kernel_rows; ++k, x_row += row) {
      std::size_t xk = x_row;
      auto add = [&](std::size_t kx) HONE_LAMBDA {
        const V wv = V::load(wk);
        std::size_t xr = xk;
        HONE_UNROLL for (int r = 0; r < R; ++r, xr += step) {
          V xv = V::load(x + xr);
          if constexpr (std::is_pointer<Masks>::value) xv = keep(masks[kx], xv);
          sum[r] = fma(xv, wv, sum[r]);
        }
        xk += channels, wk += V::kWidth;
      };
      if constexpr (kColumns > 0) {
        HONE_UNROLL for (std::size_t kx = 0; kx < kColumns; ++kx) add(kx);
      } else {
        for (std::size_t kx = 0; kx < kernel_w; ++kx) add(kx);
      }
    }
    // Chosen here, so that the products are compiled once for all activations.
    with_activation(end.act, [&](auto act) HONE_LAMBDA {
      float* to = y + v * step;
      HONE_UNROLL for (int r = 0; r < R; ++r, to += step) {
        const V done = ended<decltype(act)::value>(sum[r], V::all(end.slope));
        done.store(to);
      }
    });
  }
};

template <int kColumns>
static void packed_row_of(const PackedOutputs outputs, const PackedRow row,
                          const Wide::Mask* masks) {
  constexpr std::size_t R = kRowPixels;
  const auto cut = [&](std::size_t begin, std::size_t end) HONE_LAMBDA {
    for (std::size_t v = begin; v < end; ++v, masks += outputs.kernel_w)
      outputs.vectors<1, kColumns>(v, masks);
  };
  const std::size_t begin = row.whole.begin, end = row.whole.end;
  cut(0, begin);
  if (end - begin >= R) {
    // The last tile may do some vectors a second time.
    for (std::size_t v = begin; v + R < end; v += R) outputs.vectors<R, kColumns>(v, nullptr);
    outputs.vectors<R, kColumns>(end - R, nullptr);
  } else {
    for_rows<2>(end - begin, [&](std::size_t v, auto count) HONE_LAMBDA {
      outputs.vectors<decltype(count)::value, kColumns>(begin + v, nullptr);
    });
  }
  cut(end, row.vectors);
}

/// Row oy of sample i of n; false, and nothing is done, if its vectors would reach outside x or y.
HONE_INLINE bool packed_outputs(float* y, const float* x, const PackedWeights& p, const Window& s,
                                std::size_t n, std::size_t i, std::uint32_t oy,
                                const OutputEnd& end) {
  const Range ky = taps_inside(oy, 1, s.pad_top, s.kernel_h, s.in_h);
  if (ky.begin == ky.end) return false;
  const std::size_t channels = s.in_c, step = p.row.pixels * channels;
  const std::size_t last = (p.row.vectors - 1) * step;
  const std::size_t before = s.pad_left * channels, row = s.in_w * channels;
  const std::size_t y_at = i * output_size(s) + std::size_t{oy} * s.out_w * channels;
  const std::size_t x_at = i * image_size(s) + image_at(oy, ky.begin, 1, s.pad_top) * row;
  const std::size_t x_end =
      x_at + (ky.end - 1 - ky.begin) * row + (s.kernel_w - 1) * channels + last + Wide::kWidth;
  if (x_at < before || x_end - before > n * image_size(s) ||
      y_at + last + Wide::kWidth > n * output_size(s))
    return false;
  const PackedOutputs outputs{y + y_at,
                              x + (x_at - before),
                              p.w + std::size_t{ky.begin} * s.kernel_w * Wide::kWidth,
                              p.bias,
                              step,
                              channels,
                              row,
                              ky.end - ky.begin,
                              s.kernel_w,
                              end};
  switch (s.kernel_w) {
    case 3:
      packed_row_of<3>(outputs, p.row, p.masks);
      break;
    case 5:
      packed_row_of<5>(outputs, p.row, p.masks);
      break;
    default:
      packed_row_of<0>(outputs, p.row, p.masks);
  }
  return true;
}

}  // namespace HONE_LEAF_NS
}  // namespace hone
