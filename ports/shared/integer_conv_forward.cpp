#include "core/kernels/pool_rows.hpp"
#include "integer.hpp"
#include "integer_pool.hpp"
#include "integer_split_window.hpp"

namespace hone {
namespace HONE_LEAF_NS {
namespace {

struct Layer {
  const std::int8_t* x;
  const std::int16_t* w;
  const std::int32_t* bias;
  int bias_shift;
  WindowShape s;
  ShortEnd end;
  bool is_twofold = false;   // s is that of two pixels of eight channels side by side, as one of 16
  bool lacks_right = false;  // and the last of a row has no right one

  std::int64_t start(std::size_t column) const {
    return bias ? HONE_LEAF_NS::integer::start_of_sum(bias[column], bias_shift) : 0;
  }
};

// Two outputs side by side, of eight channels, are one of a wider kernel whose weights of the left
// one end with zeros, and those of the right one begin with them: fuller vectors and pairs.
WindowShape twofold(const WindowShape& s) {
  WindowShape two = s;
  two.out_w = (s.out_w + 1) / 2, two.out_c = 2 * s.out_c;
  two.kernel_w = s.kernel_w + s.step, two.step = 2 * s.step;
  return two;
}
// No more products, by fewer reads of x, which lanes with add_near() save themselves.
constexpr bool kMayPay = TileOf<16>::kVectors < 2 * TileOf<8>::kVectors || SumsOf8::kDeepPairs == 0;
bool pays(const WindowShape& two, const WindowShape& s) {
  return kMayPay && s.out_c == 8 && s.out_w > 1 && two.fits() && two.factors(16) <= kFactorRoom &&
         two.pairs() * TileOf<16>::kVectors <= 2 * s.pairs() * TileOf<8>::kVectors;
}

template <int C>
struct Forward : Layer {
  using V = typename TileOf<C>::V;
  using L = typename TileOf<C>::Lanes;
  std::int8_t* row = nullptr;
  V seen{};

  explicit Forward(const Layer& l) : Layer(l) {}

  HONE_INLINE bool widen(std::int16_t* to, std::size_t iy, std::ptrdiff_t first,
                         std::size_t columns) const {
    widen_strip(to, x + iy * s.in_w * s.in_c, s.in_w, s.in_c, first, columns);
    return true;
  }
  HONE_INLINE void pack(std::int16_t* to, std::size_t ky, std::size_t first, std::size_t count,
                        std::size_t c) const {
    for (std::size_t pair = first; pair < first + count; ++pair, to += 2 * C) {
      const bool is_two = kMayPay && is_twofold;
      is_two ? pack_twofold(to, ky, pair) : pack_pair(to, ky, pair, c);
    }
  }
  HONE_INLINE void pack_pair(std::int16_t* to, std::size_t ky, std::size_t pair,
                             std::size_t c) const {
    const std::size_t j = 2 * pair, cols = s.out_c - c < C ? s.out_c - c : C;
    const std::int16_t* const from = w + (ky * s.run() + j) * s.out_c + c;
    const bool has_second = j + 1 < s.run();
    for (std::size_t o = 0; o < C; o += 8) {
      EightWords two[2] = {};
      const std::size_t bytes = (cols > o + 8 ? 8 : cols > o ? cols - o : 0) * sizeof *w;
      for (std::size_t k = 0; k < (has_second ? 2 : 1); ++k) {
        if (bytes == sizeof *two) {
          __builtin_memcpy(two + k, from + k * s.out_c + o, sizeof *two);
        } else {
          __builtin_memcpy(two + k, from + k * s.out_c + o, bytes);
        }
      }
      L::place_eight(to + 2 * o, two[0], two[1]);
    }
  }
  HONE_INLINE void pack_twofold(std::int16_t* to, std::size_t ky, std::size_t pair) const {
    const std::size_t apart = s.step / 2 * s.in_c, run = s.run() - apart;
    for (std::size_t right = 0; right < C / 8; ++right) {
      EightWords two[2] = {};
      for (std::size_t k = 0; k < 2; ++k) {
        const std::size_t j = 2 * pair + k - right * apart;  // wraps before the right kernel
        if (j < run) __builtin_memcpy(two + k, w + (ky * run + j) * 8, sizeof *two);
      }
      L::place_eight(to + 16 * right, two[0], two[1]);
    }
  }
  HONE_INLINE bool copy(std::int8_t* to, std::size_t iy, std::ptrdiff_t first,
                        std::size_t columns) const {
    copy_strip(to, x + iy * s.in_w * s.in_c, s.in_w, s.in_c, first, columns);
    return true;
  }
  HONE_INLINE void weights(std::int16_t* to, std::size_t k, std::size_t c) const {
    __builtin_memcpy(to, w + k * s.out_c + c, least_of(s.out_c - c, C) * sizeof *w);
  }
  HONE_INLINE V start(std::size_t c, std::size_t v) const {
    V starts{};
    for (std::size_t i = 0; bias && i < L::kWidth; ++i) {
      const std::size_t column = c + v * L::kWidth + i;
      if (column < s.out_c)
        starts[i] = static_cast<std::int32_t>(Layer::start(is_twofold ? column % 8 : column));
    }
    return starts;
  }
  template <int R>
  HONE_INLINE void put(V (&sum)[R][TileOf<C>::kVectors], std::size_t, std::size_t ox,
                       std::size_t c) {
    if constexpr (L::kPutsEight)
      if (end.is_relu()) return put_rows<true, R>(sum, ox, c);
    put_rows<false, R>(sum, ox, c);
  }

 private:
  template <bool kRelu, int R>
  HONE_INLINE void put_rows(V (&sum)[R][TileOf<C>::kVectors], std::size_t ox, std::size_t c) {
    const std::size_t cols = s.out_c - c;
    std::int8_t* const y = row + ox * s.out_c + c;
    V all = seen;
    const ShortEnd ends = end;  // a copy, that no store of a code can change
    const std::size_t step = s.out_c;
    const bool is_half = kMayPay && C == 16 && lacks_right && ox + R == s.out_w;
    if (is_half) clear_right(sum[R - 1]);
    if (cols >= C && !is_half) {
      HONE_UNROLL for (std::size_t r = 0; r < R; ++r)
          put_sums<C, kRelu>(y + r * step, sum[r], ends, all);
    } else {
      HONE_UNROLL for (std::size_t r = 0; r < R; ++r) {
        std::int8_t codes[C];
        put_sums<C, kRelu>(codes, sum[r], ends, all);
        __builtin_memcpy(y + r * step, codes, is_half && r + 1 == R ? 8 : least_of(cols, C));
      }
    }
    seen = all;
  }
  // The last pixel of an odd row has no right neighbour: it counts nowhere.
  HONE_INLINE static void clear_right(V* sum) {
    for (std::size_t i = 8; i < C; ++i) sum[i / L::kWidth][i % L::kWidth] = 0;
  }
};

template <class Walk, class Job>
HONE_APART std::uint64_t forward(std::int8_t* y, const Layer& l, const Window& s,
                                 const Pooled* pool, std::size_t n, std::int8_t* band) {
  Job job(l);
  Walk walk(job, l.s);
  const std::size_t row = std::size_t{s.out_w} * s.out_c;
  RouteWriter routes = pool ? start_routes(pool->routes, pool->window) : RouteWriter{};
  for (std::size_t i = 0; i < n; ++i, job.x += image_size(s)) {
    walk.start_image();
    std::uint32_t oy = 0;
    const auto run_row = [&](std::int8_t* to) {
      job.row = to;
      walk.run_row(oy++);
    };
    if (!pool) {
      for (; oy < s.out_h; y += row) run_row(y);
      continue;
    }
    const Window& of_pool = pool->window;
    for (std::uint32_t py = 0; py < of_pool.out_h; ++py) {
      for (std::uint32_t k = 0; k < of_pool.kernel_h; ++k) run_row(band + k * row);
      pool_band(y, routes, band, of_pool, py);
      y += std::size_t{of_pool.out_w} * of_pool.out_c;
      // Rows that no window touches: their sums count too.
      const std::uint32_t next = py + 1 < of_pool.out_h ? (py + 1) * of_pool.stride : s.out_h;
      while (oy < next) run_row(band);
    }
  }
  if (pool) finish_routes(routes);
  return or_of(job.seen);
}

// Whether all sums, with what they start from and the rounding, fit 32 bits.
bool are_short(const Layer& l) {
  const std::size_t terms = l.s.kernel_h * l.s.run(), columns = l.s.out_c;
  const std::int64_t most = 0x7FFFFFFF - std::int64_t{l.end.half};
  for (std::size_t c = 0; c < columns; ++c) {
    const std::int64_t start = l.start(c);
    std::int64_t room = most - (start < 0 ? -start : start);
    if (room >= std::int64_t{kMaxMantissa8} * kMaxMantissa16 * static_cast<std::int64_t>(terms))
      continue;
    for (std::size_t k = 0; k < terms; ++k) {
      const std::int32_t m = l.w[k * columns + c];
      room -= kMaxMantissa8 * (m < 0 ? -m : m);
    }
    if (room < 0) return false;
  }
  return true;
}

// By lanes that multiply bytes.
template <class W>
struct SplitForward {
  using Walk = SplitWalk<W, Forward<8>>;
  static bool fits(const Layer& l) {
    return Walk::fits(l.s) && have_parts(l.w, l.s.kernel_h * l.s.run() * l.s.out_c);
  }
};
template <>
struct SplitForward<WholeWeights> {
  using Walk = WindowWalk<8, Forward<8>>;
  static bool fits(const Layer&) { return false; }
};

}  // namespace

namespace lanes::integer {

std::uint64_t conv_forward(std::int8_t* y, const std::int8_t* x, const std::int16_t* w,
                           const std::int32_t* bias, int bias_shift, const Window& s,
                           const Pooled* pool, std::size_t n, const IntegerOutput& end,
                           std::int8_t* scratch) {
  const WindowShape shape{s.in_h,     s.in_w,     s.in_c,   s.out_h,  s.out_w,   s.out_c,
                          s.kernel_h, s.kernel_w, s.stride, s.stride, s.pad_top, s.pad_left};
  Layer l{x, w, bias, bias_shift, shape, {-0x7FFFFFFF, 0x7FFFFFFF, 0, end.shift}};
  bool fits = s.groups == 1 && shape.fits() && is_short_shift(end.shift) && !end.sums &&
              end.act != Activation::leaky_relu;
  if (fits) {
    l.end.half = std::int32_t{1} << (end.shift - 1);
    if (end.act != Activation::none) l.end.low = 0;
    if (end.act == Activation::relu6 && end.six < 0x7FFFFFFF)
      l.end.high = static_cast<std::int32_t>(end.six);
    fits = are_short(l);
  }
  if (!fits)
    return HONE_LEAF_NS::integer::conv_forward(y, x, w, bias, bias_shift, s, pool, n, end, scratch);
  using Split = SplitForward<DenseWeights>;
  const WindowShape two = twofold(shape);
  if (Split::fits(l)) return forward<Split::Walk, Forward<8>>(y, l, s, pool, n, scratch);
  if (pays(two, shape)) {
    l.s = two;
    l.is_twofold = true;
    l.lacks_right = s.out_w % 2 != 0;
  }
  const auto run = l.s.out_c <= 8 ? forward<WindowWalk<8, Forward<8>>, Forward<8>>
                                  : forward<WindowWalk<16, Forward<16>>, Forward<16>>;
  return run(y, l, s, pool, n, scratch);
}

}  // namespace lanes::integer
}  // namespace HONE_LEAF_NS
}  // namespace hone
