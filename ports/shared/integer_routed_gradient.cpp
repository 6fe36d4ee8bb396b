#include "integer_gradient.hpp"
#include "integer_winners.hpp"

namespace hone {
namespace HONE_LEAF_NS {
namespace {

constexpr std::size_t kGradientRoom = 1024;  // sums of the rows under those of a pool row
constexpr std::size_t kTableRoom = 2304;     // weights

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
    if (s.out_c > Winners::kMost || run * s.kernel_h * s.out_c > kTableRoom) return;
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
    channels_ = least_of(plan.channels, s.in_c - first);
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
        run_strip(i, a, least_of(l_.s.in_w, a + plan_.strip));
  }
  HONE_INLINE std::uint64_t seen() const { return or_of(seen_); }

 private:
  // Columns [a, b) of dx.
  HONE_INLINE void run_strip(std::size_t sample, std::size_t a, std::size_t b) {
    const Window &s = l_.s, &of = l_.pool->window;
    const std::size_t left = a + s.pad_left, right = b + s.pad_left, channels = plan_.channels;
    const std::size_t first = left >= s.kernel_w ? (left - s.kernel_w + 1) / 2 : 0;
    const std::size_t end = least_of(of.out_w, (right + 1) / 2), origin = 2 * first;
    std::size_t columns = right - origin;
    if (end > first && 2 * (end - first) + s.kernel_w - 1 > columns)
      columns = 2 * (end - first) + s.kernel_w - 1;
    pitch_ = columns * channels;
    a_ = a, b_ = b, from_ = (left - origin) * channels, sample_ = sample;
    const std::size_t last = s.kernel_h - 1u;  // of the rows that stay
    for (std::size_t i = 0; i < (last + kMapRows) * pitch_ + kEight; ++i) sums_[i] = 0;
    std::size_t row = 0;
    for (std::size_t py = 0; py < of.out_h; ++py, row += kMapRows) {
      const std::size_t at = ((sample * of.out_h + py) * of.out_w + first) * s.out_c;
      if (end > first) scatter(at, end - first);
      for (std::size_t k = 0; k < kMapRows; ++k) put_row(row + k, sums_ + k * pitch_);
      __builtin_memmove(sums_, sums_ + kMapRows * pitch_, last * pitch_ * sizeof *sums_);
      __builtin_memset(sums_ + last * pitch_, 0, kMapRows * pitch_ * sizeof *sums_);
    }
    for (std::size_t k = 0; row < std::size_t{s.in_h} + s.pad_top; ++row, ++k)
      put_row(row, sums_ + least_of(k, last) * pitch_);
  }
  HONE_INLINE void scatter(std::size_t at, std::size_t pixels) {
    const std::size_t run = plan_.run, size = runs_.rows_of() * run, pitch = pitch_;
    const std::size_t step = 2 * plan_.channels;
    const Places places(pitch, plan_.channels);
    winners_.for_each(l_, at, pixels, l_.s.out_c,
                      [&](std::size_t px, std::size_t o, std::size_t route, std::int32_t d)
                          HONE_LAMBDA {
                            std::int32_t* const to = sums_ + px * step + places.of[route];
                            const std::int16_t* const from = table_ + o * size;
                            runs_.add(
                                d, [&](std::size_t k) HONE_LAMBDA { return to + k * pitch; },
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
        put_short_gradients(dx_, at + i, sums + i, kEight, end_, seen);
      if (i < count) put_short_gradients(dx_, at + i, sums + i, count - i, end_, seen);
    } else {
      for (std::size_t x = a_; x < b_; ++x, at += s.in_c, sums += plan_.channels)
        put_short_gradients(dx_, at, sums, channels_, end_, seen);
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
  Winners winners_;
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

}  // namespace

bool routes_gradient(const RoutedLayer& l) { return may_route(l) && GradientPlan(l).strip != 0; }

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

}  // namespace HONE_LEAF_NS
}  // namespace hone
