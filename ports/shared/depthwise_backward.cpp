#include "conv_gradient.hpp"
#include "core/kernels/window_geometry.hpp"
#include "ends.hpp"
#include "lanes.hpp"
#include "update.hpp"

namespace hone {
namespace HONE_LEAF_NS {
namespace {

// ---- input gradient: each pixel gathers from its outputs, in raster order

// The taps of a class of input rows (or columns) that meet real outputs: `count` of them, the first
// output and its tap; each next output meets the tap `stride` before.
struct Feed {
  std::size_t output, tap, count;
};
Feed feed_of(const AxisClass& a, std::size_t r, std::size_t stride, std::size_t out) {
  const std::ptrdiff_t first = a.output + static_cast<std::ptrdiff_t>(r);
  const std::size_t last_tap = a.tap + (a.taps - 1) * stride;
  const std::size_t cut = first < 0 ? static_cast<std::size_t>(-first) : 0;
  const std::size_t begin = first < 0 ? 0 : static_cast<std::size_t>(first);
  if (cut >= a.taps || begin >= out) return {0, 0, 0};
  const std::size_t room = out - begin, rest = a.taps - cut;
  return {begin, last_tap - cut * stride, room < rest ? room : rest};
}

// The pixels of a class of columns: those in [begin, end) meet all of its taps.
struct WholePixels {
  std::size_t begin, end;
};
WholePixels whole_pixels(const AxisClass& x, std::size_t out) {
  const std::size_t begin = x.output < 0 ? static_cast<std::size_t>(-x.output) : 0;
  const std::ptrdiff_t limit =
      static_cast<std::ptrdiff_t>(out) - static_cast<std::ptrdiff_t>(x.taps) - x.output + 1;
  const std::size_t room = limit < 0 ? 0 : static_cast<std::size_t>(limit);
  const std::size_t end = room < x.count ? room : x.count;
  if (begin >= end) return {x.count, x.count};
  return {begin, end};
}

// The pixels of one class in one row and one or two vectors of channels: dx and y_at point to the
// first pixel, dy and w to the sample and the layer.
template <class C>
struct ClassRow {
  float* dx;
  const float *dy, *w;
  const Window& s;
  Feed rows;
  C columns;
  const GradientEnd& end;
  std::size_t y_at;

  // R neighbours from `first` on, which see the same taps; kTaps of a kernel row, or 0: taps.count.
  template <int R, int kTaps>
  HONE_INLINE void gather(std::size_t first, const Feed& taps) const {
    using V = typename C::Vec;
    constexpr int N = C::kVectors;
    const std::size_t channels = s.in_c, step = s.stride * channels;
    V sum[R][N];
    std::size_t at = first * step;
    HONE_UNROLL for (int r = 0; r < R; ++r, at += step) HONE_UNROLL for (int v = 0; v < N; ++v)
        sum[r][v] = end.resumes ? columns.load(dx + at, v) : V::zero();
    for (std::size_t a = 0; a < rows.count; ++a) {
      std::size_t d = ((rows.output + a) * s.out_w + taps.output) * channels;
      std::size_t k = ((rows.tap - a * s.stride) * s.kernel_w + taps.tap) * channels;
      auto add = [&]() HONE_LAMBDA {
        HONE_UNROLL for (int v = 0; v < N; ++v) {
          const V kv = columns.load(w + k, v);
          std::size_t dr = d;
          HONE_UNROLL for (int r = 0; r < R; ++r, dr += channels) sum[r][v] =
              fma(columns.load(dy + dr, v), kv, sum[r][v]);
        }
        d += channels, k -= step;
      };
      if constexpr (kTaps > 0) {
        HONE_UNROLL for (int b = 0; b < kTaps; ++b) add();
      } else {
        for (std::size_t b = 0; b < taps.count; ++b) add();
      }
    }
    at = first * step;
    // Chosen here, so that the products are compiled once for all ends.
    with_gradient_end(end, [&](auto lanes) HONE_LAMBDA {
      HONE_UNROLL for (int r = 0; r < R; ++r, at += step) HONE_UNROLL for (int v = 0; v < N; ++v)
          lanes.end(columns, dx + at, y_at + at, sum[r][v], v);
    });
  }

  HONE_INLINE void gather_border(std::size_t begin, std::size_t last, const AxisClass& x) const {
    for (std::size_t c = begin; c < last; ++c) gather<1, 0>(c, feed_of(x, c, s.stride, s.out_w));
  }

  template <int kTaps>
  HONE_INLINE void gather_whole(const WholePixels& whole, const AxisClass& x) const {
    for_rows<kRowPixels>(whole.end - whole.begin, [&](std::size_t i, auto count) HONE_LAMBDA {
      const std::size_t first = whole.begin + i;
      gather<decltype(count)::value, kTaps>(first, feed_of(x, first, s.stride, s.out_w));
    });
  }

  void run(const WholePixels& whole, const AxisClass& x) const {
    gather_border(0, whole.begin, x);
    switch (x.taps) {
      case 1:
        gather_whole<1>(whole, x);
        break;
      case 2:
        gather_whole<2>(whole, x);
        break;
      case 3:
        gather_whole<3>(whole, x);
        break;
      default:
        gather_whole<0>(whole, x);
    }
    gather_border(whole.end, x.count, x);
  }
};

// One sample.
void input_gradient(float* dx, std::size_t y_at, const float* dy, const float* w, const Window& s,
                    const GradientEnd& end) {
  for_pixel_classes(s, [&](const AxisClass& y, const AxisClass& x, std::size_t) HONE_LAMBDA {
    if (x.count == 0) return;
    const WholePixels whole = whole_pixels(x, s.out_w);
    for (std::size_t r = 0; r < y.count; ++r) {
      const Feed rows = feed_of(y, r, s.stride, s.out_h);
      const std::size_t at = ((y.first + r * s.stride) * s.in_w + x.first) * std::size_t{s.in_c};
      for_columns(s.in_c, [&](std::size_t c, auto columns) HONE_LAMBDA {
        const ClassRow<decltype(columns)> row{dx + at + c, dy + c,  w + c, s,
                                              rows,        columns, end,   y_at + at + c};
        row.run(whole, x);
      });
    }
  });
}

// ---- weights

// What the chains of some channels of one layer need; w, sum, x and dy point to the first channel.
// For the bias x is null.
struct Layer {
  float *w, *sum;
  const float *x, *dy;
  const Window& s;
  std::size_t n;
  const Update& update;
};

template <class C>
HONE_INLINE typename C::Vec start_chain(const Layer& l, std::size_t at, const C& columns, int v) {
  using V = typename C::Vec;
  if (l.update.momentum)
    return UpdateLanes<V, true>(l.update).start(columns, l.w + at, l.sum + at, v);
  return UpdateLanes<V, false>(l.update).start(columns, l.w + at, l.sum + (l.sum ? at : 0), v);
}
template <int N, class C>
HONE_INLINE void end_chains(const Layer& l, std::size_t at, typename C::Vec (&chain)[N],
                            typename C::Vec& seen, const C& columns) {
  using V = typename C::Vec;
  if (l.update.momentum) {
    UpdateLanes<V, true>(l.update).end(columns, l.w + at, l.sum + at, chain, seen);
  } else {
    UpdateLanes<V, false>(l.update).end(columns, l.w + at, l.sum + (l.sum ? at : 0), chain, seen);
  }
}

// K kernel rows from ky on by J columns from kx on.
template <int K, int J, class C>
struct TapGroup {
  using V = typename C::Vec;
  const Layer& l;
  const C& columns;
  std::uint32_t ky, kx;
  V chain[K][J];

  HONE_INLINE std::size_t weight_at(std::size_t k, std::size_t j) const {
    return ((ky + k) * l.s.kernel_w + kx + j) * l.s.in_c;
  }
  HONE_INLINE const float* input(const float* x, std::uint32_t oy, std::uint32_t ox, std::size_t k,
                                 std::size_t j) const {
    const Window& s = l.s;
    const std::size_t row = image_at(oy, ky + static_cast<std::uint32_t>(k), s.stride, s.pad_top);
    const std::size_t col = image_at(ox, kx + static_cast<std::uint32_t>(j), s.stride, s.pad_left);
    return x + (row * s.in_w + col) * s.in_c;
  }

  // `count` neighbouring outputs that see rows [k0, k0 + H) of the group through all of
  // its columns; x: the first input of row k0.
  template <int H>
  HONE_INLINE void add_run(std::size_t k0, const float* x, const float* dy, std::size_t count) {
    const std::size_t channels = l.s.in_c, pixel = l.s.stride * channels;
    const std::size_t row = l.s.in_w * channels;
    V sum[H][J];
    HONE_UNROLL for (std::size_t k = 0; k < H; ++k) HONE_UNROLL for (std::size_t j = 0; j < J; ++j)
        sum[k][j] = chain[k0 + k][j];
    for (std::size_t i = 0; i < count; ++i, x += pixel, dy += channels) {
      const V d = columns.load(dy, 0);
      HONE_UNROLL for (std::size_t k = 0; k < H; ++k)
          HONE_UNROLL for (std::size_t j = 0; j < J; ++j) sum[k][j] =
              fma(columns.load(x + k * row + j * channels, 0), d, sum[k][j]);
    }
    HONE_UNROLL for (std::size_t k = 0; k < H; ++k) HONE_UNROLL for (std::size_t j = 0; j < J; ++j)
        chain[k0 + k][j] = sum[k][j];
  }

  // One output at a border: the columns that lie inside, of one row.
  HONE_INLINE void add_border(std::size_t k, const float* x, const float* dy, std::uint32_t oy,
                              std::uint32_t ox) {
    const Range inside = taps_inside(ox, l.s.stride, l.s.pad_left, l.s.kernel_w, l.s.in_w);
    const V d = columns.load(dy, 0);
    HONE_UNROLL for (std::size_t j = 0; j < J; ++j) {
      if (kx + j < inside.begin || kx + j >= inside.end) continue;
      chain[k][j] = fma(columns.load(input(x, oy, ox, k, j), 0), d, chain[k][j]);
    }
  }

  HONE_INLINE void add_row(const float* x, const float* dy, std::uint32_t oy, Range whole) {
    const Window& s = l.s;
    const Range inside = taps_inside(oy, s.stride, s.pad_top, s.kernel_h, s.in_h);
    auto has = [&](std::size_t k) { return ky + k >= inside.begin && ky + k < inside.end; };
    auto border = [&](std::uint32_t ox) HONE_LAMBDA {
      HONE_UNROLL for (std::size_t k = 0; k < K; ++k) {
        if (has(k)) add_border(k, x, dy + std::size_t{ox} * s.in_c, oy, ox);
      }
    };
    for (std::uint32_t ox = 0; ox < whole.begin; ++ox) border(ox);
    if (whole.begin < whole.end) {
      const float* const d = dy + std::size_t{whole.begin} * s.in_c;
      const std::size_t count = whole.end - whole.begin;
      if (has(0) && has(K - 1)) {
        add_run<K>(0, input(x, oy, whole.begin, 0, 0), d, count);
      } else {
        HONE_UNROLL for (std::size_t k = 0; k < K; ++k) {
          if (has(k)) add_run<1>(k, input(x, oy, whole.begin, k, 0), d, count);
        }
      }
    }
    for (std::uint32_t ox = whole.end; ox < s.out_w; ++ox) border(ox);
  }

  HONE_INLINE void add_samples() {
    const Window& s = l.s;
    const Range first = outputs_of_tap(kx, s.stride, s.pad_left, s.in_w, s.out_w);
    const Range last = outputs_of_tap(kx + J - 1, s.stride, s.pad_left, s.in_w, s.out_w);
    const std::uint32_t begin = first.begin > last.begin ? first.begin : last.begin;
    const std::uint32_t end = first.end < last.end ? first.end : last.end;
    const Range whole{begin < end ? begin : s.out_w, begin < end ? end : s.out_w};
    const float *x = l.x, *dy = l.dy;
    for (std::size_t i = 0; i < l.n; ++i, x += image_size(s))
      for (std::uint32_t oy = 0; oy < s.out_h; ++oy, dy += std::size_t{s.out_w} * s.out_c)
        add_row(x, dy, oy, whole);
  }
};

template <int K, int J, class C>
std::uint32_t update_taps(const Layer& l, std::uint32_t ky, std::uint32_t kx, const C& columns) {
  using V = typename C::Vec;
  TapGroup<K, J, C> group{l, columns, ky, kx, {}};
  for (std::size_t k = 0; k < K; ++k)
    for (std::size_t j = 0; j < J; ++j)
      group.chain[k][j] = start_chain(l, group.weight_at(k, j), columns, 0);
  group.add_samples();
  V seen = V::zero();
  for (std::size_t k = 0; k < K; ++k)
    for (std::size_t j = 0; j < J; ++j) {
      V one[1] = {group.chain[k][j]};
      end_chains(l, group.weight_at(k, j), one, seen, columns);
    }
  return saw_not_finite(seen);
}

// All columns of K kernel rows, as many at a time as registers hold chains.
template <int K, class C>
std::uint32_t update_rows(const Layer& l, std::uint32_t ky, const C& columns) {
  std::uint32_t bad = 0, kx = 0;
  auto group = [&](auto width) HONE_LAMBDA {
    constexpr int J = decltype(width)::value;
    bad |= update_taps<K, J>(l, ky, kx, columns);
    kx += J;
  };
  if constexpr (K < 3)
    while (kx + 5 <= l.s.kernel_w) group(Int<5>{});
  while (kx + 3 <= l.s.kernel_w) group(Int<3>{});
  while (kx < l.s.kernel_w) group(Int<1>{});
  return bad;
}
template <class C>
std::uint32_t update_weights(const Layer& l, const C& columns) {
  std::uint32_t bad = 0, ky = 0;
  auto group = [&](auto height) HONE_LAMBDA {
    constexpr int K = decltype(height)::value;
    bad |= update_rows<K>(l, ky, columns);
    ky += K;
  };
  if (l.s.kernel_w < 5)
    while (ky + 3 <= l.s.kernel_h) group(Int<3>{});
  while (ky + 2 <= l.s.kernel_h) group(Int<2>{});
  while (ky < l.s.kernel_h) group(Int<1>{});
  return bad;
}

// The bias is a weight whose input is 1 at every output. Its chains have one addition a turn, so as
// many as fit run side by side.
template <class C>
std::uint32_t update_bias(const Layer& l, const C& columns) {
  using V = typename C::Vec;
  constexpr int N = C::kVectors;
  V sum[N], seen = V::zero();
  HONE_UNROLL for (int v = 0; v < N; ++v) sum[v] = start_chain(l, 0, columns, v);
  const std::size_t outputs = l.n * l.s.out_h * l.s.out_w;
  for (std::size_t i = 0; i < outputs; ++i)
    HONE_UNROLL for (int v = 0; v < N; ++v) sum[v] = sum[v] + columns.load(l.dy + i * l.s.out_c, v);
  end_chains(l, 0, sum, seen, columns);
  return saw_not_finite(seen);
}

}  // namespace

namespace lanes {

std::uint32_t depthwise_backward(const ConvWeights& weights, float* dx, const float* x,
                                 const float* dy, const Window& s, std::size_t n,
                                 const GradientEnd& end) {
  std::uint32_t bad = 0;
  if (dx) {
    for (std::size_t i = 0; i < n; ++i) {
      const std::size_t at = i * image_size(s);
      input_gradient(dx + at, at, dy + i * output_size(s), weights.w, s, end);
    }
  }
  if (!weights.update) return bad;
  for_vectors(s.in_c, [&](std::size_t c, auto columns) HONE_LAMBDA {
    const Layer l{weights.w + c,  weights.sum + (weights.sum ? c : 0), x + c, dy + c, s, n,
                  *weights.update};
    bad |= update_weights(l, columns);
  });
  if (!weights.bias) return bad;
  for_long_columns(s.in_c, [&](std::size_t c, auto columns) HONE_LAMBDA {
    const Layer l{
        weights.bias + c,    weights.bias_sum + (weights.bias_sum ? c : 0), nullptr, dy + c, s, n,
        *weights.bias_update};
    bad |= update_bias(l, columns);
  });
  return bad;
}

}  // namespace lanes
}  // namespace HONE_LEAF_NS
}  // namespace hone
