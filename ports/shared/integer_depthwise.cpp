#include "core/kernels/conv_taps.hpp"
#include "integer.hpp"
#include "integer_gradient.hpp"
#include "integer_update.hpp"

// Every channel by itself, 16 of them (or all 8) side by side.
namespace hone {
namespace HONE_LEAF_NS {
namespace {

constexpr std::size_t kMostTaps = 32;

// Weights of a block of channels, tap by tap, as add_product() takes them.
template <int C>
struct Factors {
  using L = typename TileOf<C>::Lanes;
  using V = typename L::V;
  static constexpr std::size_t N = C / L::kWidth;
  V of[kMostTaps][N];

  HONE_INLINE Factors(const std::int16_t* w, const Window& s, std::size_t c) {
    for (std::size_t tap = 0; tap < std::size_t{s.kernel_h} * s.kernel_w; ++tap)
      for (std::size_t v = 0; v < N; ++v) {
        V wide{};
        for (std::size_t i = 0; i < L::kWidth; ++i)
          wide[i] = w[tap * s.in_c + c + v * L::kWidth + i];
        of[tap][v] = L::factor(wide);
      }
  }
};

// sum += the products of `count` neighbours, `step` apart, with taps that lie `tap_step` apart.
template <int C>
HONE_INLINE void add_taps(typename TileOf<C>::V (&sum)[TileOf<C>::kVectors], const std::int8_t* x,
                          std::size_t step,
                          const typename TileOf<C>::V (*factor)[TileOf<C>::kVectors],
                          std::ptrdiff_t tap_step, std::size_t count) {
  using L = typename TileOf<C>::Lanes;
  for (; count; --count, x += step, factor += tap_step)
    HONE_UNROLL for (std::size_t v = 0; v < TileOf<C>::kVectors; ++v)
        L::add_product(sum[v], L::codes(x + v * L::kWidth), factor[0][v]);
}

struct Forward {
  std::int8_t* y;
  const std::int8_t* x;
  const std::int16_t* w;
  const std::int32_t* bias;
  int bias_shift;
  const Window& s;
  std::size_t n;
  ShortEnd end;
};

template <int C>
std::uint64_t forward(const Forward& l, std::size_t c) {
  using L = typename TileOf<C>::Lanes;
  using V = typename L::V;
  constexpr std::size_t N = TileOf<C>::kVectors;
  const Window& s = l.s;
  const Factors<C> factors(l.w, s, c);
  V start[N] = {}, seen{};
  for (std::size_t i = 0; l.bias && i < C; ++i)
    start[i / L::kWidth][i % L::kWidth] =
        static_cast<std::int32_t>(integer::start_of_sum(l.bias[c + i], l.bias_shift));
  std::int8_t* y = l.y + c;
  for (std::size_t i = 0; i < l.n; ++i)
    for (std::uint32_t oy = 0; oy < s.out_h; ++oy) {
      const Range ky = taps_inside(oy, s.stride, s.pad_top, s.kernel_h, s.in_h);
      for (std::uint32_t ox = 0; ox < s.out_w; ++ox, y += s.in_c) {
        const Range kx = taps_inside(ox, s.stride, s.pad_left, s.kernel_w, s.in_w);
        V sum[N];
        for (std::size_t v = 0; v < N; ++v) sum[v] = start[v];
        for (std::uint32_t k = ky.begin; k < ky.end && !is_empty(kx); ++k) {
          const std::size_t from = image_at(oy, k, s.stride, s.pad_top) * s.in_w +
                                   image_at(ox, kx.begin, s.stride, s.pad_left);
          add_taps<C>(sum, l.x + i * image_size(s) + from * s.in_c + c, s.in_c,
                      factors.of + std::size_t{k} * s.kernel_w + kx.begin, 1, kx.end - kx.begin);
        }
        put_sums<C>(y, sum, l.end, seen);
      }
    }
  return or_of(seen);
}

template <int C>
std::uint64_t input_gradient(std::int8_t* dx, const std::int8_t* dy, const std::int16_t* w,
                             const Window& s, std::size_t n, const IntegerGradient& end,
                             std::size_t c) {
  using V = typename TileOf<C>::V;
  const Factors<C> factors(w, s, c);
  const ShortEnd limits = short_end(end);
  V seen{};
  std::size_t at = c;
  for (std::size_t i = 0; i < n; ++i)
    for (std::uint32_t iy = 0; iy < s.in_h; ++iy) {
      const FedOutputs v = outputs_fed(iy, s.stride, s.pad_top, s.kernel_h, s.out_h);
      for (std::uint32_t ix = 0; ix < s.in_w; ++ix, at += s.in_c) {
        const FedOutputs h = outputs_fed(ix, s.stride, s.pad_left, s.kernel_w, s.out_w);
        V sum[TileOf<C>::kVectors] = {};
        for (std::uint32_t a = 0; a < v.count; ++a) {
          const std::size_t to = std::size_t{v.first + a} * s.out_w + h.first;
          add_taps<C>(sum, dy + i * output_size(s) + to * s.out_c + c, s.out_c,
                      factors.of + std::size_t{v.tap - a * s.stride} * s.kernel_w + h.tap,
                      -static_cast<std::ptrdiff_t>(s.stride), h.count);
        }
        std::int8_t codes[C];
        put_sums<C>(codes, sum, limits, seen);
        HONE_UNROLL for (std::size_t k = 0; k < C; k += 8) put_codes(dx, at + k, codes + k, 8, end);
      }
    }
  return or_of(seen);
}

// The sums of one tap, of 8 by 8 bits.
template <int C>
HONE_INLINE void add_pixels(typename TileOf<C>::V (&sum)[TileOf<C>::kVectors], const std::int8_t* x,
                            const std::int8_t* dy, const Window& s, std::size_t n, const Tap& tap,
                            std::size_t c) {
  using L = typename TileOf<C>::Lanes;
  const std::size_t count = tap.xs.end - tap.xs.begin;
  for (std::size_t i = 0; i < n && count > 0; ++i)
    for (std::uint32_t oy = tap.ys.begin; oy < tap.ys.end; ++oy) {
      const std::int8_t* from = x + i * image_size(s) + first_pixel(s, tap, oy) + c;
      const std::int8_t* d =
          dy + i * output_size(s) + (std::size_t{oy} * s.out_w + tap.xs.begin) * s.out_c + c;
      for (std::size_t k = 0; k < count; ++k, from += std::size_t{s.stride} * s.in_c, d += s.out_c)
        HONE_UNROLL for (std::size_t v = 0; v < TileOf<C>::kVectors; ++v) L::add_product(
            sum[v], L::codes(from + v * L::kWidth), L::factor(L::codes(d + v * L::kWidth)));
    }
}

template <int C>
void update_taps(IntegerReport& report, const IntegerParameters& p, const std::int8_t* x,
                 const std::int8_t* dy, const Window& s, std::size_t n) {
  using L = typename TileOf<C>::Lanes;
  using V = typename L::V;
  const ShortUpdate quick(*p.update);
  WeightWatch watch;
  for (std::uint32_t ky = 0; ky < s.kernel_h; ++ky)
    for (std::uint32_t kx = 0; kx < s.kernel_w; ++kx) {
      const Tap tap = tap_of(s, ky, kx);
      RowDraws stream;
      stream.start(*p.update, tap.at / s.in_c);
      for (std::size_t c = 0; c < s.in_c; c += C) {
        V sum[TileOf<C>::kVectors] = {};
        add_pixels<C>(sum, x, dy, s, n, tap, c);
        std::int32_t acc[C];
        for (std::size_t v = 0; v < TileOf<C>::kVectors; ++v)
          store_sums(acc + v * L::kWidth, sum[v]);
        const std::size_t at = tap.at + c;
        if (end_sums(acc, p.sum ? p.sum + at : nullptr, C, *p.update))
          update_columns(p, {&at, 1, acc, 0, C, &stream}, bits_of(acc, C), quick, watch);
      }
    }
  watch.report(report);
}

bool has_blocks(const Window& s) { return s.in_c == 8 || s.in_c % 16 == 0; }

// Whether all sums of a window, with what they start from and the rounding, fit 32 bits.
bool are_short(const Window& s, std::int64_t start, int shift) {
  const std::int64_t taps = std::int64_t{s.kernel_h} * s.kernel_w;
  if (!is_short_shift(shift) || taps > std::int64_t{kMostTaps}) return false;
  return taps * kMaxMantissa8 * kMaxMantissa16 + start + (std::int64_t{1} << (shift - 1)) <=
         0x7FFFFFFF;
}

}  // namespace

namespace lanes::integer {

std::uint64_t depthwise_forward(std::int8_t* y, const std::int8_t* x, const std::int16_t* w,
                                const std::int32_t* bias, int bias_shift, const Window& s,
                                std::size_t n, const IntegerOutput& end) {
  std::int64_t start = 0;
  for (std::size_t c = 0; bias && c < s.in_c; ++c) {
    const std::int64_t b = HONE_LEAF_NS::integer::start_of_sum(bias[c], bias_shift);
    start = b > start ? b : -b > start ? -b : start;
  }
  if (!has_blocks(s) || !are_short(s, start, end.shift) || end.sums ||
      end.act == Activation::leaky_relu)
    return HONE_LEAF_NS::integer::depthwise_forward(y, x, w, bias, bias_shift, s, n, end);
  const bool is_six = end.act == Activation::relu6 && end.six < 0x7FFFFFFF;
  const Forward l{y,
                  x,
                  w,
                  bias,
                  bias_shift,
                  s,
                  n,
                  {end.act == Activation::none ? -0x7FFFFFFF : 0,
                   is_six ? static_cast<std::int32_t>(end.six) : 0x7FFFFFFF,
                   std::int32_t{1} << (end.shift - 1), end.shift}};
  if (s.in_c == 8) return forward<8>(l, 0);
  std::uint64_t seen = 0;
  for (std::size_t c = 0; c < s.in_c; c += 16) seen |= forward<16>(l, c);
  return seen;
}

IntegerReport depthwise_backward(const IntegerParameters& p, std::int8_t* dx, const std::int8_t* x,
                                 const std::int8_t* dy, const Window& s, std::size_t n,
                                 const IntegerGradient& end) {
  IntegerReport report;
  IntegerParameters rest = p;
  if (dx && has_blocks(s) && are_short(s, 0, end.shift) && !end.resumes && dx != x) {
    for (std::size_t c = 0; c < s.in_c; c += 16)
      report.gradient |= s.in_c == 8 ? input_gradient<8>(dx, dy, p.w, s, n, end, c)
                                     : input_gradient<16>(dx, dy, p.w, s, n, end, c);
  } else if (dx) {
    return HONE_LEAF_NS::integer::depthwise_backward(p, dx, x, dy, s, n, end);
  }
  if (p.update && has_blocks(s) && n * s.out_h * s.out_w <= kNarrowChunk) {
    s.in_c == 8 ? update_taps<8>(report, p, x, dy, s, n) : update_taps<16>(report, p, x, dy, s, n);
    rest.update = nullptr;
  }
  const IntegerReport others =
      HONE_LEAF_NS::integer::depthwise_backward(rest, nullptr, x, dy, s, n, end);
  report.changes |= others.changes;
  if (others.weights > report.weights) report.weights = others.weights;
  return report;
}

}  // namespace lanes::integer
}  // namespace HONE_LEAF_NS
}  // namespace hone
