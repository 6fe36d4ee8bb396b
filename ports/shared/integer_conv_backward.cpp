#include "integer.hpp"
#include "integer_conv_gradient.hpp"
#include "integer_pixel_update.hpp"
#include "integer_update.hpp"

// The gradient of the weights: two neighbouring outputs at a time, whose gradients and pixels lie
// side by side. Sums of a block of weights stay while all samples pass.
namespace hone {
namespace HONE_LEAF_NS {
namespace {

constexpr std::size_t kBlockRoom = 768;  // sums
constexpr std::size_t kPixelRoom = 768;  // numbers of pairs of pixels, under a strip of outputs
constexpr std::size_t kMapRoom = 256;    // gradients of a strip

struct Layer {
  const IntegerParameters& p;
  const std::int8_t* x;
  const MapGradient& map;
  const Window& s;
  std::size_t n, run;
};

// Rows of W whose sums are taken at once, of some columns: kernel rows [ky, ky + kernel_rows), and
// of each the places [first, first + count) of (kx, channel).
struct Block {
  std::size_t ky, kernel_rows, first, count, column;
};

// The most outputs of a row that are taken at once: even, or 0 if there is no room for two.
std::size_t strip_of(const Window& s, std::size_t kernel_rows, std::size_t columns) {
  const std::size_t room = kPixelRoom / (2 * kernel_rows * s.in_c);  // columns of pairs
  if (room < s.kernel_w) return 0;
  const std::size_t strip = least_of((room - s.kernel_w) / s.stride + 2, kMapRoom / columns);
  return least_of(strip, s.out_w + s.out_w % 2) / 2 * 2;
}

template <int C>
class BlockSums {
  using Tile = TileOf<C>;
  using V = typename Tile::V;
  using L = typename Tile::Lanes;
  static constexpr int N = Tile::kVectors;

 public:
  HONE_INLINE BlockSums(const Layer& l, const Block& b) : l_(l), b_(b) {
    strip_ = strip_of(l.s, b.kernel_rows, C);
    columns_ = (strip_ - 2) * l.s.stride + l.s.kernel_w;
    for (std::size_t i = 0; i < b.kernel_rows * b.count * C; ++i) sums_[i] = 0;
  }
  HONE_INLINE void add_samples() {
    for (std::size_t i = 0; i < l_.n; ++i)
      for (std::size_t ox = 0; ox < l_.s.out_w; ox += strip_) {
        next_ = 0;
        const std::size_t pairs = (least_of(strip_, l_.s.out_w - ox) + 1) / 2;
        for (std::size_t oy = 0; oy < l_.s.out_h; ++oy)
          if (take_gradients(i, oy, ox, pairs)) add_row(i, oy, ox, pairs);
      }
  }
  HONE_INLINE std::int32_t* row(std::size_t i) { return sums_ + i * C; }

 private:
  HONE_INLINE void add_row(std::size_t sample, std::size_t oy, std::size_t ox, std::size_t pairs) {
    const Window& s = l_.s;
    for (std::size_t k = 0; k < b_.kernel_rows; ++k) {
      const std::size_t row = oy * s.stride + b_.ky + k, iy = row - s.pad_top;
      if (row < s.pad_top || iy >= s.in_h) continue;
      std::int16_t* const pixels = pixels_ + iy % b_.kernel_rows * 2 * columns_ * s.in_c;
      if (iy >= next_) take_pixels(pixels, sample, iy, ox);
      next_ = iy >= next_ ? iy + 1 : next_;
      for_rows<Tile::kRows>(b_.count, [&](std::size_t j, auto rows) HONE_LAMBDA {
        add_tile<decltype(rows)::value>(sums_ + (k * b_.count + j) * C, pixels + 2 * (b_.first + j),
                                        pairs);
      });
    }
  }
  template <int R>
  HONE_INLINE void add_tile(std::int32_t* to, const std::int16_t* x, std::size_t pairs) {
    V sum[R][N];
    HONE_UNROLL for (std::size_t r = 0; r < R; ++r) HONE_UNROLL for (std::size_t v = 0; v < N; ++v)
        sum[r][v] = load_sums<V>(to + r * C + v * L::kWidth);
    add_pairs<C, R>(sum, x, 2, std::size_t{4} * l_.s.stride * l_.s.in_c, gradients_, pairs);
    HONE_UNROLL for (std::size_t r = 0; r < R; ++r) HONE_UNROLL for (std::size_t v = 0; v < N; ++v)
        store_sums(to + r * C + v * L::kWidth, sum[r][v]);
  }
  // Each pixel of the strip, beside the one a stride behind it.
  HONE_APART void take_pixels(std::int16_t* to, std::size_t sample, std::size_t iy,
                              std::size_t ox) {
    const Window& s = l_.s;
    const std::ptrdiff_t first =
        static_cast<std::ptrdiff_t>(ox * s.stride) - static_cast<std::ptrdiff_t>(s.pad_left);
    const std::int8_t* const row = l_.x + (sample * s.in_h + iy) * s.in_w * s.in_c;
    const std::size_t channels = s.in_c, apart = s.stride * channels;
    const auto pixel = [&](std::ptrdiff_t column, std::size_t c) {
      const std::size_t at = static_cast<std::size_t>(column);
      return column < 0 || at >= s.in_w ? std::int16_t{0} : std::int16_t{row[at * channels + c]};
    };
    for (std::size_t i = 0; i < columns_;) {
      const std::ptrdiff_t column = first + static_cast<std::ptrdiff_t>(i);
      std::size_t k = 0, count = channels;
      if (column >= 0 && static_cast<std::size_t>(column) + s.stride < s.in_w) {
        const std::size_t at = static_cast<std::size_t>(column);
        count *= least_of(columns_ - i, s.in_w - s.stride - at);
        for (; k + 8 <= count; k += 8) {
          const std::int8_t* const from = row + at * channels + k;
          L::pair_eight(to + 2 * k, widened_codes(from), widened_codes(from + apart));
        }
        for (; k < count; ++k) {
          to[2 * k] = row[at * channels + k];
          to[2 * k + 1] = row[at * channels + k + apart];
        }
      }
      for (; k < count; ++k) {
        to[2 * k] = pixel(column, k);
        to[2 * k + 1] = pixel(column + static_cast<std::ptrdiff_t>(s.stride), k);
      }
      to += 2 * count;
      i += count / channels;
    }
  }
  // False: all are 0.
  HONE_APART bool take_gradients(std::size_t sample, std::size_t oy, std::size_t ox,
                                 std::size_t pairs) {
    const std::size_t channels = l_.s.out_c, c = b_.column, cols = least_of(channels - c, C);
    const Pooled* const pool = l_.map.pool;
    if (pool && is_quick_pool(pool->window)) {
      const Window& of = pool->window;
      if (oy / 2 >= of.out_h) return false;
      std::size_t at = ((sample * of.out_h + oy / 2) * of.out_w + ox / 2) * channels + c;
      for (std::size_t q = 0; q < pairs; ++q, at += channels)
        HONE_UNROLL for (std::size_t o = 0; o < C; o += 8) {
          EightWords a{}, b{};
          if (ox / 2 + q < of.out_w && o < cols)
            unpool_two(a, b, l_.map.dy, pool->routes, at + o, static_cast<int>(oy % 2));
          L::place_eight(gradients_ + (q * C + o) * 2, a, b);
        }
      return true;
    }
    const std::int8_t* row = l_.map.dy + (sample * l_.s.out_h + oy) * l_.s.out_w * channels;
    if (pool) {
      if (!unpool_row(l_.map.row, l_.map.dy, pool->routes, pool->window, sample,
                      static_cast<std::uint32_t>(oy), {0, channels}))
        return false;
      row = l_.map.row;
    }
    for (std::size_t q = 0; q < pairs; ++q)
      for (std::size_t o = 0; o < C; o += 8) {
        EightWords two[2] = {};
        for (std::size_t k = 0; k < 2 && ox + 2 * q + k < l_.s.out_w; ++k) {
          const std::int8_t* const from = row + (ox + 2 * q + k) * channels + c + o;
          if (o + 8 <= cols) {
            two[k] = widened_codes(from);
          } else {
            std::int8_t codes[8] = {};
            if (o < cols) __builtin_memcpy(codes, from, cols - o);
            two[k] = widened_codes(codes);
          }
        }
        L::place_eight(gradients_ + (q * C + o) * 2, two[0], two[1]);
      }
    return true;
  }

  const Layer& l_;
  const Block& b_;
  std::size_t strip_, columns_, next_ = 0;
  std::int32_t sums_[kBlockRoom];
  std::int16_t pixels_[kPixelRoom];
  std::int16_t gradients_[kMapRoom];
};

template <int C>
HONE_APART void update_block(const Layer& l, const Block& b, const ShortUpdate& quick,
                             WeightWatch& watch) {
  const IntegerParameters& p = l.p;
  const std::size_t columns = l.s.out_c, cols = least_of(columns - b.column, C);
  BlockSums<C> sums(l, b);
  sums.add_samples();
  for (std::size_t i = 0; i < b.kernel_rows * b.count; ++i) {
    const std::size_t row = (b.ky + i / b.count) * l.run + b.first + i % b.count;
    update_row(p, sums.row(i), row, columns, b.column, cols, quick, watch);
  }
}

template <int C>
void update_weights(const Layer& l, IntegerReport& report) {
  const ShortUpdate quick(*l.p.update);
  WeightWatch watch;
  const std::size_t room = kBlockRoom / C, kernel_h = l.s.kernel_h;
  const std::size_t rows = l.run > room ? 1 : least_of(room / l.run, kernel_h);
  for (std::size_t c = 0; c < l.s.out_c; c += C)
    for (std::size_t ky = 0; ky < kernel_h; ky += rows)
      for (std::size_t j = 0; j < l.run; j += room)
        update_block<C>(l, {ky, least_of(rows, kernel_h - ky), j, least_of(room, l.run - j), c},
                        quick, watch);
  watch.report(report);
}

bool fits_update(const Window& s, std::size_t n) {
  const std::size_t run = std::size_t{s.kernel_w} * s.in_c, columns = s.out_c <= 8 ? 8 : 16;
  const std::size_t room = kBlockRoom / columns;
  const std::size_t rows = run > room ? 1 : least_of(room / run, s.kernel_h);
  return s.groups == 1 && strip_of(s, rows, columns) >= 2 && n * s.out_h * s.out_w <= kNarrowChunk;
}

bool fits_gradient(const IntegerParameters& p, const Window& s, const Pooled* pool,
                   const WindowShape& shape, const IntegerGradient& end) {
  return s.groups == 1 && shape.fits() && s.pad_top < s.kernel_h && s.pad_left < s.kernel_w &&
         !(pool && s.stride > 1) && is_short_shift(end.shift) && !end.resumes &&
         are_short_gradients(p.w, s, std::int32_t{1} << (end.shift - 1));
}

}  // namespace

namespace lanes::integer {

IntegerReport conv_backward(const IntegerParameters& p, std::int8_t* dx, const std::int8_t* x,
                            const std::int8_t* dy, const Window& s, const Pooled* pool,
                            std::size_t n, const IntegerGradient& end, std::int8_t* scratch) {
  const std::size_t stride = s.stride, kernel_h = s.kernel_h, kernel_w = s.kernel_w;
  const WindowShape shape{(s.out_h - 1) * stride + 1,
                          (s.out_w - 1) * stride + 1,
                          s.out_c,
                          s.in_h,
                          s.in_w,
                          s.in_c,
                          kernel_h,
                          kernel_w,
                          1,
                          1,
                          kernel_h - 1 - s.pad_top,
                          kernel_w - 1 - s.pad_left};
  const MapGradient map{dy, pool, s, scratch};
  const Layer l{p, x, map, s, n, kernel_w * s.in_c};
  IntegerReport report;
  IntegerParameters rest = p;
  const RoutedLayer routed{s, pool, dy, n};
  const bool fits = dx && fits_gradient(p, s, pool, shape, end);
  if (fits && routes_gradient(routed)) {
    report.gradient = routed_gradient(routed, dx, p.w, end);
  } else if (fits) {
    report.gradient = s.in_c <= 8 ? input_gradient<8>(dx, map, shape, p.w, n, end)
                                  : input_gradient<16>(dx, map, shape, p.w, n, end);
  } else if (dx) {
    rest.update = rest.bias_update = nullptr;
    report = HONE_LEAF_NS::integer::conv_backward(rest, dx, x, dy, s, pool, n, end, scratch);
    rest = p;
  }
  // Without dx there is no scratch to unpool into.
  if (p.update && takes_pixels(routed)) {
    pixel_update(routed, p, x, report);
    rest.update = nullptr;
  } else if (p.update && routes_update(routed)) {
    routed_update(routed, p, x, report);
    rest.update = nullptr;
  } else if (p.update && fits_update(s, n) && (!pool || dx || is_quick_pool(pool->window))) {
    s.out_c <= 8 ? update_weights<8>(l, report) : update_weights<16>(l, report);
    rest.update = nullptr;
  }
  const IntegerReport others =
      HONE_LEAF_NS::integer::conv_backward(rest, nullptr, x, dy, s, pool, n, end, scratch);
  report.changes |= others.changes;
  if (others.weights > report.weights) report.weights = others.weights;
  return report;
}

}  // namespace lanes::integer
}  // namespace HONE_LEAF_NS
}  // namespace hone
