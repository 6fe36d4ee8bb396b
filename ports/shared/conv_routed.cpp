#include "conv_routed.hpp"

#include "conv_runs.hpp"
#include "core/kernels/weight_chain.hpp"
#include "core/kernels/window_geometry.hpp"
#include "ends.hpp"
#include "padded_image.hpp"
#include "routes.hpp"
#include "unpool.hpp"

namespace hone {
namespace HONE_LEAF_NS {
namespace {

constexpr std::size_t kRouteGroup = 16;  // channels whose routes fill one word

// What the entries of one sample read and write; null: not wanted.
struct Scatter {
  const float* image;  // padded
  float* gradient;     // padded
  const float* table;
  float *chains, *bias;
  std::size_t pitch, pixel;  // of a padded row; from output to output
  Runs runs;
};

// to[run] += g * from[run] for all kernel rows. kKernelH 0: any number of them.
template <int kKernelH, class Run>
HONE_INLINE void add_rows(float* to, std::size_t to_pitch, typename Run::Vec g, const float* from,
                          std::size_t from_pitch, std::size_t kernel_h, const Run& run) {
  if constexpr (kKernelH > 0) {
    HONE_UNROLL for (std::size_t k = 0; k < kKernelH; ++k)
        run.add(to + k * to_pitch, g, from + k * from_pitch);
  } else {
    for (std::size_t k = 0; k < kernel_h; ++k) run.add(to + k * to_pitch, g, from + k * from_pitch);
  }
}

// One non-zero gradient: its kernel into dx, its patch of x into the chains.
template <int kKernelH, class Run>
HONE_INLINE void add_entry(const Scatter& s, const Run& run, std::size_t at, std::size_t channel,
                           float value) {
  const auto g = Run::Vec::all(value);
  const std::size_t weights = channel * s.runs.channel_pitch();
  if (s.gradient)
    add_rows<kKernelH>(s.gradient + at, s.pitch, g, s.table + weights, s.runs.run_pitch,
                       s.runs.kernel_h, run);
  if (s.chains)
    add_rows<kKernelH>(s.chains + weights, s.runs.run_pitch, g, s.image + at, s.pitch,
                       s.runs.kernel_h, run);
  if (s.bias) s.bias[channel] += value;
}

// Vectors of dx that may wait in registers beside those of a product.
constexpr int kMostWaiting = kTileRows > 6 ? 18 : 9;

// All non-zero gradients of one output: `todo` has a bit for each channel from `first` on. Where
// the kernel rows fit into registers, dx waits there.
template <int kKernelH, class Run>
HONE_INLINE void add_output(const Scatter& s, const Run& run, std::size_t at, std::uint32_t todo,
                            std::size_t first, const float* dy) {
  using V = typename Run::Vec;
  constexpr int N = Run::kVectors;
  auto next = [&] { return first + static_cast<std::size_t>(__builtin_ctz(todo)); };
  if constexpr (kKernelH == 0 || Run::kLong || kKernelH * N > kMostWaiting) {
    for (; todo; todo &= todo - 1) {
      const std::size_t o = next();
      add_entry<kKernelH>(s, run, at, o, dy[o]);
    }
  } else {
    if (!todo) return;
    const WholeColumns<V, N> columns;
    float* const gradient = s.gradient;
    V d[kKernelH][N];
    if (gradient) {
      HONE_UNROLL for (std::size_t k = 0; k < kKernelH; ++k) HONE_UNROLL for (int v = 0; v < N; ++v)
          d[k][v] = columns.load(gradient + at + k * s.pitch, v);
    }
    do {
      const std::size_t o = next();
      const V g = V::all(dy[o]);
      const std::size_t weights = o * s.runs.channel_pitch();
      if (gradient) {
        const float* const table = s.table + weights;
        HONE_UNROLL for (std::size_t k = 0; k < kKernelH; ++k)
            HONE_UNROLL for (int v = 0; v < N; ++v) d[k][v] =
                fma(g, columns.load(table + k * s.runs.run_pitch, v), d[k][v]);
      }
      if (s.chains)
        add_rows<kKernelH>(s.chains + weights, s.runs.run_pitch, g, s.image + at, s.pitch,
                           s.runs.kernel_h, run);
      if (s.bias) s.bias[o] += dy[o];
      todo &= todo - 1;
    } while (todo);
    if (gradient) {
      HONE_UNROLL for (std::size_t k = 0; k < kKernelH; ++k) HONE_UNROLL for (int v = 0; v < N; ++v)
          columns.store(gradient + at + k * s.pitch, d[k][v], v);
    }
  }
}

// The channels whose winner is the left or the right pixel, of one row of a window.
struct Sides {
  std::uint32_t of[2];
};
HONE_INLINE Sides sides_of(const std::uint8_t* routes, const float* dy, std::size_t element,
                           std::size_t count, bool is_lower) {
  using V = Narrow;
  constexpr std::size_t W = V::kWidth;
  std::uint32_t zero = 0;
  for (std::size_t i = 0; i < count; i += W) {
    const V d = V::load(dy + element + i, V::part(count - i < W ? count - i : W));
    // Not "above zero": NaN is above nothing, and has to be seen.
    const V magnitude = larger(d, V::zero() - d);
    zero |= bits_of(V::all(0x1p-126f) > magnitude) << i;
  }
  const BitPair route = apart(RouteBits::get(routes, element, count));
  const std::uint32_t lanes = (1u << count) - 1u;
  const std::uint32_t here = lanes & ~zero & (is_lower ? route.odd : ~route.odd);
  return {{here & ~route.even, here & route.even}};
}

template <int kKernelH, class Run>
HONE_INLINE void scatter_row(const Scatter& s, const Run& run, const Pooled& pool, const float* dy,
                             std::size_t first_element, std::size_t at, bool is_lower) {
  const std::size_t channels = s.runs.out_c, width = pool.window.out_w;
  for (std::size_t px = 0; px < width; ++px, at += 2 * s.pixel) {
    const std::size_t element = first_element + px * channels;
    auto sides = [&](std::size_t c) HONE_LAMBDA {
      return sides_of(pool.routes, dy, element + c,
                      channels - c < kRouteGroup ? channels - c : kRouteGroup, is_lower);
    };
    const Sides first = sides(0);
    for (std::size_t side = 0; side < 2; ++side) {
      add_output<kKernelH>(s, run, at + side * s.pixel, first.of[side], 0, dy + element);
      for (std::size_t c = kRouteGroup; c < channels; c += kRouteGroup)
        add_output<kKernelH>(s, run, at + side * s.pixel, sides(c).of[side], c, dy + element);
    }
  }
}

// Outputs in raster order: the upper pixels of a row of windows, then the lower ones.
template <int kKernelH, class Run>
HONE_INLINE void scatter_sample(Scatter s, Run run, const Pooled& pool, const float* dy,
                                std::size_t sample, std::size_t row_pitch) {
  const Window& p = pool.window;
  for (std::size_t py = 0; py < p.out_h; ++py)
    for (std::size_t lower = 0; lower < 2; ++lower)
      scatter_row<kKernelH>(s, run, pool, dy, sample * output_size(p) + py * p.out_w * s.runs.out_c,
                            (2 * py + lower) * row_pitch, lower == 1);
}

using ScatterSample = void (*)(const Scatter&, const Pooled&, const float* dy, std::size_t sample,
                               std::size_t row_pitch);

template <int kKernelH, class V, int N, bool kIsLong>
void scatter_with(const Scatter& s, const Pooled& pool, const float* dy, std::size_t sample,
                  std::size_t row_pitch) {
  const std::size_t vectors = (s.runs.run + V::kWidth - 1) / V::kWidth;
  const RunVectors<V, N, kIsLong> run{kIsLong ? (vectors - 1) / 4 : 0};
  scatter_sample<kKernelH>(s, run, pool, dy, sample, row_pitch);
}

template <int kKernelH, class V>
ScatterSample scatter_short(std::size_t vectors) {
  constexpr ScatterSample kOf[] = {
      scatter_with<kKernelH, V, 1, false>, scatter_with<kKernelH, V, 2, false>,
      scatter_with<kKernelH, V, 3, false>, scatter_with<kKernelH, V, 4, false>,
      scatter_with<kKernelH, V, 5, false>, scatter_with<kKernelH, V, 6, false>};
  return kOf[vectors - 1];
}
template <class V>
ScatterSample scatter_long(std::size_t vectors) {
  constexpr ScatterSample kOf[] = {scatter_with<0, V, 1, true>, scatter_with<0, V, 2, true>,
                                   scatter_with<0, V, 3, true>, scatter_with<0, V, 4, true>};
  return kOf[(vectors - 1) % 4];
}
template <class V>
ScatterSample scatter_over(const Runs& r) {
  const std::size_t vectors = (r.run + V::kWidth - 1) / V::kWidth;
  if (vectors > 6) return scatter_long<V>(vectors);
  return r.kernel_h == 3 ? scatter_short<3, V>(vectors) : scatter_short<0, V>(vectors);
}

// The lanes that the last vector of a run wastes count more than its width.
ScatterSample scatter_of(const Runs& r) {
  const std::size_t wasted = (Wide::kWidth - r.run % Wide::kWidth) % Wide::kWidth;
  return wasted >= Narrow::kWidth ? scatter_over<Narrow>(r) : scatter_over<Wide>(r);
}

// dx of one sample from its padded chains. Pixels that no window touches have empty chains.
template <class End>
void finish_with(float* dx, std::size_t y_at, const float* padded, const PaddedImage& input,
                 const Window& s, const End& end) {
  const std::size_t channels = s.in_c, row_floats = s.in_w * channels;
  auto span = [&](std::size_t at, std::size_t n, const float* from) HONE_LAMBDA {
    for_vectors(n, [&](std::size_t i, auto columns) HONE_LAMBDA {
      const auto chain = from ? columns.load(from + i, 0) : end.start(columns, dx + at + i, 0);
      end.end(columns, dx + at + i, y_at + at + i, chain, 0);
    });
  };
  for (std::size_t r = 0; r < s.in_h; ++r) {
    const std::size_t row = r * row_floats;
    if (r < input.rows.from || r >= input.rows.from + input.rows.count) {
      span(row, row_floats, nullptr);
      continue;
    }
    const float* const from =
        padded + (input.rows.to + r - input.rows.from) * input.pitch + input.cols.to * channels;
    const std::size_t begin = input.cols.from * channels, count = input.cols.count * channels;
    span(row, begin, nullptr);
    span(row + begin, count, from);
    span(row + begin + count, row_floats - begin - count, nullptr);
  }
}

void finish_gradient_of_sample(float* dx, std::size_t y_at, const float* padded,
                               const PaddedImage& input, const Window& s, const GradientEnd& end) {
  with_gradient_end(end,
                    [&](auto ends) HONE_LAMBDA { finish_with(dx, y_at, padded, input, s, ends); });
}

struct Scratch {
  float *image, *gradient, *table, *chains, *bias;
};
Scratch scratch_of(float* at, const Window& s, bool has_dx) {
  Scratch p{};
  p.image = at;
  p.gradient = p.image + padded_image(s);
  p.table = p.gradient + (has_dx ? padded_image(s) : 0);
  p.chains = p.table + (has_dx ? run_weights(s) : 0);
  p.bias = p.chains + run_weights(s);
  return p;
}

}  // namespace

bool is_routed(const Window& s, const Window& pool, bool has_dx) {
  return is_square_pool(pool) && s.groups == 1 && (has_dx || s.kernel_w * s.in_c >= 12);
}

std::uint32_t routed_backward(const ConvWeights& weights, float* dx, const float* x,
                              const float* dy, const Window& s, const Pooled& pool, std::size_t n,
                              const GradientEnd& end, float* scratch) {
  const Scratch p = scratch_of(scratch, s, dx != nullptr);
  const PaddedImage input = padded_input(s);
  const Runs runs{s.kernel_h, std::size_t{s.kernel_w} * s.in_c, run_stride(s), s.out_c};
  const Update* const u = weights.update;
  Scatter to{p.image,
             dx ? p.gradient : nullptr,
             p.table,
             u ? p.chains : nullptr,
             u && weights.bias ? p.bias : nullptr,
             input.pitch,
             std::size_t{s.stride} * s.in_c,
             runs};
  if (dx) {
    clear_floats(p.table, run_weights(s));
    turn_runs(p.table, runs, weights.w);
  }
  if (u) start_runs(p.chains, runs, weights);
  if (to.bias) start_chains(p.bias, weights.bias, weights.bias_sum, s.out_c, *weights.bias_update);
  clear_floats(p.image, padded_image(s));
  const ScatterSample scatter = scatter_of(runs);
  for (std::size_t i = 0; i < n; ++i) {
    const std::size_t at = i * image_size(s);
    input.copy_in(p.image, x + at);
    if (dx) clear_floats(p.gradient, padded_image(s));
    if (dx && end.resumes) input.copy_in(p.gradient, dx + at);
    scatter(to, pool, dy, i, s.stride * input.pitch);
    if (dx) finish_gradient_of_sample(dx + at, at, p.gradient, input, s, end);
  }
  std::uint32_t bad = u ? finish_runs(p.chains, runs, weights) : 0;
  if (to.bias)
    bad |= finish_chains(p.bias, weights.bias, weights.bias_sum, s.out_c, *weights.bias_update);
  return bad;
}

}  // namespace HONE_LEAF_NS
}  // namespace hone
