#include "integer_conv_routed.hpp"

#include "core/kernels/window_geometry.hpp"
#include "integer_gradient.hpp"
#include "integer_window.hpp"

namespace hone {
namespace HONE_LEAF_NS {
namespace {

using L = IntegerLanes;

constexpr std::size_t kMapRows = 2;          // of a pool row
constexpr std::size_t kGradientRoom = 1024;  // sums of the rows under them
constexpr std::size_t kTableRoom = 2304;     // weights
constexpr std::size_t kImageRoom = 1024;     // pixels of the rows under them
constexpr std::size_t kSumRoom = 1536;       // sums of weights
constexpr std::size_t kEight = 8;
constexpr std::size_t kRowsAtOnce = 8;  // of W that are updated

std::size_t least(std::size_t a, std::size_t b) { return a < b ? a : b; }
constexpr std::size_t whole_eights(std::size_t n) { return (n + kEight - 1) / kEight * kEight; }

/// Calls f(o, map row, map column, d) for the gradients d that are not 0 of the outputs o < 8 from
/// dy[at] on; the rows and columns are those of the window.
template <class F>
HONE_INLINE void for_winners(const RoutedLayer& l, std::size_t at, F f) {
  constexpr std::uint64_t kLow = 0x7F7F7F7F7F7F7F7Fu;
  std::uint64_t codes;
  __builtin_memcpy(&codes, l.dy + at, sizeof codes);
  if (codes == 0) return;
  const std::uint8_t* const routes = l.pool->routes + at / 4;
  const std::uint32_t packed = routes[0] | static_cast<std::uint32_t>(routes[1]) << 8;
  // The highest bit of each byte that is not 0.
  for (std::uint64_t live = (((codes & kLow) + kLow) | codes) & ~kLow; live; live &= live - 1) {
    const std::size_t o = static_cast<std::size_t>(__builtin_ctzll(live)) / 8;
    const std::uint32_t route = packed >> 2 * o;
    f(o, route >> 1 & 1, route & 1, l.dy[at + o]);
  }
}

/// What a winner adds: H rows of V eights; 0: any number.
template <int H, int V>
struct Runs {
  std::size_t rows, eights;

  HONE_INLINE std::size_t rows_of() const { return H ? std::size_t{H} : rows; }

  /// to(k)[i] += from(k)[i] * d.
  template <class To, class From>
  HONE_INLINE void add(std::int32_t d, To to, From from) const {
    const auto factor = L::factor(d);
    if constexpr (H != 0) {
      HONE_UNROLL for (std::size_t k = 0; k < H; ++k)
          HONE_UNROLL for (std::size_t v = 0; v < V; ++v)
              L::add_scaled(to(k) + kEight * v, from(k) + kEight * v, factor);
    } else {
      for (std::size_t k = 0; k < rows; ++k)
        for (std::size_t v = 0; v < eights; ++v)
          L::add_scaled(to(k) + kEight * v, from(k) + kEight * v, factor);
    }
  }
};

// ---- input gradient

// Channels that are taken at once, and columns of a strip; 0: no room.
struct GradientPlan {
  std::size_t channels, run, strip;

  explicit GradientPlan(const RoutedLayer& l) {
    plan(l, l.s.in_c);
    if (strip == 0 && l.s.in_c > kEight) plan(l, kEight);
  }

 private:
  void plan(const RoutedLayer& l, std::size_t at_once) {
    const Window& s = l.s;
    channels = at_once;
    run = whole_eights(s.kernel_w * channels);
    strip = 0;
    if (run * s.kernel_h * s.out_c > kTableRoom) return;
    // Windows reach beyond a strip that is not the whole row.
    const std::size_t columns = (kGradientRoom - kEight) / (s.kernel_h + 1u) / channels;
    const std::size_t map = kMapRows * l.pool->window.out_w + s.kernel_w - 1u;
    const std::size_t beyond = 2u * s.kernel_w;
    if (columns >= map && columns >= std::size_t{s.in_w} + s.pad_left) {
      strip = s.in_w;
    } else if (columns >= beyond + kEight) {
      strip = columns - beyond;
    }
  }
};

// Channels [first, first + plan.channels) of dx. Rows and columns of the sums count the padding.
template <int H, int V>
class GradientBlock {
 public:
  HONE_INLINE GradientBlock(const RoutedLayer& l, const GradientPlan& plan, const std::int16_t* w,
                            std::size_t first, std::int8_t* dx, const IntegerGradient& end)
      : l_(l),
        plan_(plan),
        runs_{l.s.kernel_h, plan.run / kEight},
        first_(first),
        dx_(dx),
        end_(end) {
    const Window& s = l.s;
    const std::size_t size = s.kernel_h * plan.run;
    channels_ = least(plan.channels, s.in_c - first);
    for (std::size_t i = 0; i < size * s.out_c; ++i) table_[i] = 0;
    for (std::size_t ky = 0; ky < s.kernel_h; ++ky)
      for (std::size_t kx = 0; kx < s.kernel_w; ++kx)
        for (std::size_t c = 0; c < channels_; ++c) {
          const std::int16_t* const from =
              w + ((ky * s.kernel_w + kx) * s.in_c + first + c) * s.out_c;
          std::int16_t* const to = table_ + ky * plan.run + kx * plan.channels + c;
          for (std::size_t o = 0; o < s.out_c; ++o) to[o * size] = from[o];
        }
  }
  HONE_INLINE void add_samples() {
    for (std::size_t i = 0; i < l_.n; ++i)
      for (std::size_t a = 0; a < l_.s.in_w; a += plan_.strip)
        run_strip(i, a, least(l_.s.in_w, a + plan_.strip));
  }
  HONE_INLINE std::uint64_t seen() const { return or_of(seen_); }

 private:
  // Columns [a, b) of dx.
  HONE_INLINE void run_strip(std::size_t sample, std::size_t a, std::size_t b) {
    const Window &s = l_.s, &of = l_.pool->window;
    const std::size_t left = a + s.pad_left, right = b + s.pad_left, channels = plan_.channels;
    const std::size_t first = left >= s.kernel_w ? (left - s.kernel_w + 1) / 2 : 0;
    const std::size_t end = least(of.out_w, (right + 1) / 2), origin = 2 * first;
    std::size_t columns = right - origin;
    if (end > first && 2 * (end - first) + s.kernel_w - 1 > columns)
      columns = 2 * (end - first) + s.kernel_w - 1;
    pitch_ = columns * channels;
    a_ = a, b_ = b, from_ = (left - origin) * channels, sample_ = sample;
    const std::size_t last = s.kernel_h - 1u;  // of the rows that stay
    for (std::size_t i = 0; i < (last + kMapRows) * pitch_ + kEight; ++i) sums_[i] = 0;
    std::size_t row = 0;
    for (std::size_t py = 0; py < of.out_h; ++py, row += kMapRows) {
      std::size_t at = ((sample * of.out_h + py) * of.out_w + first) * s.out_c;
      std::int32_t* to = sums_;
      for (std::size_t px = first; px < end; ++px, at += s.out_c, to += 2 * channels)
        scatter(to, at);
      for (std::size_t k = 0; k < kMapRows; ++k) put_row(row + k, sums_ + k * pitch_);
      __builtin_memmove(sums_, sums_ + kMapRows * pitch_, last * pitch_ * sizeof *sums_);
      __builtin_memset(sums_ + last * pitch_, 0, kMapRows * pitch_ * sizeof *sums_);
    }
    for (std::size_t k = 0; row < std::size_t{s.in_h} + s.pad_top; ++row, ++k)
      put_row(row, sums_ + least(k, last) * pitch_);
  }
  HONE_INLINE void scatter(std::int32_t* pixel, std::size_t at) {
    const std::size_t run = plan_.run, size = runs_.rows_of() * run;
    for (std::size_t o = 0; o < l_.s.out_c; o += kEight)
      for_winners(l_, at + o,
                  [&](std::size_t i, std::size_t row, std::size_t column, std::int32_t d)
                      HONE_LAMBDA {
                        std::int32_t* const to = pixel + row * pitch_ + column * plan_.channels;
                        const std::int16_t* const from = table_ + (o + i) * size;
                        runs_.add(
                            d, [&](std::size_t k) HONE_LAMBDA { return to + k * pitch_; },
                            [&](std::size_t k) HONE_LAMBDA { return from + k * run; });
                      });
  }
  HONE_INLINE void put_row(std::size_t row, const std::int32_t* sums) {
    const Window& s = l_.s;
    if (row < s.pad_top || row - s.pad_top >= s.in_h) return;
    sums += from_;
    std::size_t at = ((sample_ * s.in_h + (row - s.pad_top)) * s.in_w + a_) * s.in_c + first_;
    auto seen = seen_;
    if (channels_ == s.in_c) {
      const std::size_t count = (b_ - a_) * s.in_c;
      std::size_t i = 0;
      for (; i + kEight <= count; i += kEight)
        put_gradients(dx_, at + i, sums + i, kEight, end_, seen);
      if (i < count) put_gradients(dx_, at + i, sums + i, count - i, end_, seen);
    } else {
      for (std::size_t x = a_; x < b_; ++x, at += s.in_c, sums += plan_.channels)
        put_gradients(dx_, at, sums, channels_, end_, seen);
    }
    seen_ = seen;
  }

  const RoutedLayer& l_;
  const GradientPlan& plan_;
  const Runs<H, V> runs_;
  const std::size_t first_;
  std::int8_t* const dx_;
  const IntegerGradient& end_;
  std::size_t channels_, pitch_ = 0, a_ = 0, b_ = 0, from_ = 0, sample_ = 0;
  typename TileOf<8>::V seen_{};
  std::int16_t table_[kTableRoom];
  std::int32_t sums_[kGradientRoom];
};

template <int H, int V>
HONE_APART std::uint64_t gradient_of_block(const RoutedLayer& l, const GradientPlan& plan,
                                           const std::int16_t* w, std::size_t first,
                                           std::int8_t* dx, const IntegerGradient& end) {
  GradientBlock<H, V> block(l, plan, w, first, dx, end);
  block.add_samples();
  return block.seen();
}

// ---- weights

// Outputs and kernel rows whose sums are taken at once, and pool columns of a strip; 0: no room.
struct UpdatePlan {
  std::size_t outputs, rows, run, strip = 0;

  explicit UpdatePlan(const RoutedLayer& l) {
    const Window& s = l.s;
    run = whole_eights(s.kernel_w * std::size_t{s.in_c});
    outputs = s.out_c;
    if (outputs * run > kSumRoom) outputs = kSumRoom / run / kDrawsOfBlock * kDrawsOfBlock;
    if (outputs == 0) return;
    rows = least(s.kernel_h, kSumRoom / (outputs * run));
    const std::size_t columns = (kImageRoom - kEight) / (rows + 1) / s.in_c;
    if (columns > s.kernel_w) strip = least((columns - s.kernel_w + 1) / 2, l.pool->window.out_w);
  }
};

// Outputs [output, output + plan.outputs) and kernel rows [row, row + rows).
template <int H, int V>
class UpdateBlock {
 public:
  HONE_INLINE UpdateBlock(const RoutedLayer& l, const UpdatePlan& plan, std::size_t output,
                          std::size_t row)
      : l_(l),
        plan_(plan),
        runs_{least(plan.rows, l.s.kernel_h - row), plan.run / kEight},
        output_(output),
        outputs_(least(plan.outputs, l.s.out_c - output)),
        row_(row) {
    for (std::size_t i = 0; i < outputs_ * size(); ++i) sums_[i] = 0;
  }
  HONE_APART void add_samples(const std::int8_t* x) {
    const Window &s = l_.s, &of = l_.pool->window;
    const std::size_t rows = runs_.rows_of();
    std::int16_t pixels[kImageRoom];
    for (std::size_t i = 0; i < kImageRoom; ++i) pixels[i] = 0;
    for (std::size_t i = 0; i < l_.n; ++i, x += image_size(s))
      for (std::size_t p = 0; p < of.out_w; p += plan_.strip) {
        const std::size_t end = least(of.out_w, p + plan_.strip);
        const std::size_t columns = 2 * (end - p) + s.kernel_w - 1u, pitch = columns * s.in_c;
        std::size_t there = 0;  // rows
        for (std::size_t py = 0; py < of.out_h; ++py) {
          for (; there < rows + 1; ++there)
            widen(pixels + there * pitch, x, kMapRows * py + row_ + there, 2 * p, columns);
          std::size_t at = ((i * of.out_h + py) * of.out_w + p) * s.out_c + output_;
          const std::int16_t* from = pixels;
          for (std::size_t px = p; px < end; ++px, at += s.out_c, from += 2 * s.in_c)
            add(from, pitch, at);
          there = rows - 1;
          __builtin_memmove(pixels, pixels + kMapRows * pitch, there * pitch * sizeof *pixels);
        }
      }
  }
  HONE_INLINE void update(const IntegerParameters& p, const ShortUpdate& quick,
                          WeightWatch& watch) {
    const std::size_t run = l_.s.kernel_w * std::size_t{l_.s.in_c};
    for (std::size_t k = 0; k < runs_.rows_of(); ++k)
      for (std::size_t j = 0; j < run; j += kRowsAtOnce)
        update_rows(p, (row_ + k) * run + j, least(run - j, kRowsAtOnce), sums_ + k * plan_.run + j,
                    quick, watch);
  }

 private:
  HONE_INLINE std::size_t size() const { return runs_.rows_of() * plan_.run; }

  HONE_INLINE void widen(std::int16_t* to, const std::int8_t* x, std::size_t row,
                         std::size_t column, std::size_t columns) const {
    const Window& s = l_.s;
    if (row < s.pad_top || row - s.pad_top >= s.in_h) {
      __builtin_memset(to, 0, columns * s.in_c * sizeof *to);
      return;
    }
    widen_strip(to, x + (row - s.pad_top) * s.in_w * s.in_c, s.in_w, s.in_c,
                static_cast<std::ptrdiff_t>(column) - s.pad_left, columns);
  }
  HONE_INLINE void add(const std::int16_t* pixel, std::size_t pitch, std::size_t at) {
    const std::size_t run = plan_.run;
    for (std::size_t o = 0; o < outputs_; o += kEight)
      for_winners(l_, at + o,
                  [&](std::size_t i, std::size_t row, std::size_t column, std::int32_t d)
                      HONE_LAMBDA {
                        const std::int16_t* const from = pixel + row * pitch + column * l_.s.in_c;
                        std::int32_t* const to = sums_ + (o + i) * size();
                        runs_.add(
                            d, [&](std::size_t k) HONE_LAMBDA { return to + k * run; },
                            [&](std::size_t k) HONE_LAMBDA { return from + k * pitch; });
                      });
  }
  // `count` rows of W from `row` on; their sums of the first output lie at `sums`.
  HONE_INLINE void update_rows(const IntegerParameters& p, std::size_t row, std::size_t count,
                               const std::int32_t* sums, const ShortUpdate& quick,
                               WeightWatch& watch) {
    const IntegerUpdate& update = *p.update;
    const bool skips = !update.momentum && update.decay.mantissa == 0 && !p.sum;
    RowDraws stream[kRowsAtOnce];
    Eight skipped[2];
    for (std::size_t r = 0; r < count; ++r) {
      stream[r].start(update, row + r);
      for (std::size_t c = 0; c < output_; c += kDrawsOfBlock)
        stream[r].next(skipped[0], skipped[1]);
    }
    for (std::size_t c = 0; c < outputs_; c += kDrawsOfBlock) {
      const std::size_t cols = least(outputs_ - c, kDrawsOfBlock);
      std::int32_t acc[kRowsAtOnce][kDrawsOfBlock];
      std::size_t at[kRowsAtOnce];
      std::int32_t bits = 0;
      for (std::size_t r = 0; r < count; ++r) {
        for (std::size_t o = 0; o < cols; ++o) acc[r][o] = sums[(c + o) * size() + r];
        at[r] = (row + r) * l_.s.out_c + output_ + c;
        (void)end_sums(acc[r], p.sum ? p.sum + at[r] : nullptr, cols, update);
        bits |= bits_of(acc[r], cols);
      }
      if (!update.last) continue;
      if (skips && bits == 0) {
        for (std::size_t r = 0; r < count; ++r) stream[r].next(skipped[0], skipped[1]);
      } else {
        update_columns(p, {at, count, acc[0], kDrawsOfBlock, cols, stream}, bits, quick, watch);
      }
    }
  }

  const RoutedLayer& l_;
  const UpdatePlan& plan_;
  const Runs<H, V> runs_;
  const std::size_t output_, outputs_, row_;
  std::int32_t sums_[kSumRoom];
};

template <int H, int V>
HONE_APART void update_block(const RoutedLayer& l, const UpdatePlan& plan, std::size_t output,
                             std::size_t row, const IntegerParameters& p, const std::int8_t* x,
                             const ShortUpdate& quick, WeightWatch& watch) {
  UpdateBlock<H, V> block(l, plan, output, row);
  block.add_samples(x);
  block.update(p, quick, watch);
}

bool is_routed(const RoutedLayer& l) {
  return l.pool && is_quick_pool(l.pool->window) && l.s.stride == 1 && l.s.groups == 1;
}

}  // namespace

bool routes_gradient(const RoutedLayer& l) { return is_routed(l) && GradientPlan(l).strip != 0; }

bool routes_update(const RoutedLayer& l) {
  return is_routed(l) && UpdatePlan(l).strip != 0 &&
         l.n * l.pool->window.out_h * l.pool->window.out_w <= kNarrowChunk;
}

std::uint64_t routed_gradient(const RoutedLayer& l, std::int8_t* dx, const std::int16_t* w,
                              const IntegerGradient& end) {
  const GradientPlan plan(l);
  const auto of_block =
      l.s.kernel_h == 3 && plan.run == 24 ? gradient_of_block<3, 3> : gradient_of_block<0, 0>;
  std::uint64_t seen = 0;
  for (std::size_t c = 0; c < l.s.in_c; c += plan.channels)
    seen |= of_block(l, plan, w, c, dx, end);
  return seen;
}

void routed_update(const RoutedLayer& l, const IntegerParameters& p, const std::int8_t* x,
                   IntegerReport& report) {
  const UpdatePlan plan(l);
  const bool has_three = l.s.kernel_h == 3 && plan.rows == 3;
  const auto of_block = has_three && plan.run == 8    ? update_block<3, 1>
                        : has_three && plan.run == 24 ? update_block<3, 3>
                                                      : update_block<0, 0>;
  const ShortUpdate quick(*p.update);
  WeightWatch watch;
  for (std::size_t o = 0; o < l.s.out_c; o += plan.outputs)
    for (std::size_t ky = 0; ky < l.s.kernel_h; ky += plan.rows)
      of_block(l, plan, o, ky, p, x, quick, watch);
  watch.report(report);
}

}  // namespace HONE_LEAF_NS
}  // namespace hone
