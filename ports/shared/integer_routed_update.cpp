#include "core/kernels/window_geometry.hpp"
#include "integer_update.hpp"
#include "integer_window.hpp"
#include "integer_winners.hpp"

namespace hone {
namespace HONE_LEAF_NS {
namespace {

constexpr std::size_t kImageRoom = 1024;  // pixels of the rows under those of a pool row
constexpr std::size_t kUpdateSums = 1344;
constexpr std::size_t kRowsAtOnce = 8;  // of W that are updated

// Outputs and kernel rows whose sums are taken at once, and pool columns of a strip; 0: no room.
struct UpdatePlan {
  std::size_t outputs, rows, run, strip = 0;

  explicit UpdatePlan(const RoutedLayer& l) {
    const Window& s = l.s;
    run = whole_eights(s.kernel_w * std::size_t{s.in_c});
    outputs = least_of(s.out_c, Winners::kMost);
    if (outputs * run > kUpdateSums) outputs = kUpdateSums / run / kDrawsOfBlock * kDrawsOfBlock;
    if (outputs == 0) return;
    rows = least_of(s.kernel_h, kUpdateSums / (outputs * run));
    const std::size_t columns = (kImageRoom - kEight) / (rows + 1) / s.in_c;
    if (columns > s.kernel_w)
      strip = least_of((columns - s.kernel_w + 1) / 2, l.pool->window.out_w);
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
        runs_{least_of(plan.rows, l.s.kernel_h - row), plan.run / kEight},
        output_(output),
        outputs_(least_of(plan.outputs, l.s.out_c - output)),
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
        const std::size_t end = least_of(of.out_w, p + plan_.strip);
        const std::size_t columns = 2 * (end - p) + s.kernel_w - 1u, pitch = columns * s.in_c;
        std::size_t there = 0;  // rows
        for (std::size_t py = 0; py < of.out_h; ++py) {
          for (; there < rows + 1; ++there)
            widen(pixels + there * pitch, x, kMapRows * py + row_ + there, 2 * p, columns);
          const std::size_t at = ((i * of.out_h + py) * of.out_w + p) * s.out_c + output_;
          add(pixels, pitch, at, end - p);
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
        update_rows(p, (row_ + k) * run + j, least_of(run - j, kRowsAtOnce),
                    sums_ + k * plan_.run + j, quick, watch);
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
  HONE_INLINE void add(const std::int16_t* pixels, std::size_t pitch, std::size_t at,
                       std::size_t count) {
    const std::size_t run = plan_.run, of_output = size(), step = l_.s.in_c;
    const Places places(pitch, step);
    winners_.for_each(
        l_, at, count, outputs_,
        [&](std::size_t px, std::size_t o, std::size_t route, std::int32_t d) HONE_LAMBDA {
          const std::int16_t* const from = pixels + px * 2 * step + places.of[route];
          std::int32_t* const to = sums_ + o * of_output;
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
    const bool skips = skips_zeros(p);
    RowDraws stream[kRowsAtOnce];
    for (std::size_t r = 0; r < count; ++r) stream[r].start(update, row + r, output_);
    for (std::size_t c = 0; c < outputs_; c += kDrawsOfBlock) {
      const std::size_t cols = least_of(outputs_ - c, kDrawsOfBlock);
      std::int32_t acc[kRowsAtOnce][kDrawsOfBlock];
      std::size_t at[kRowsAtOnce];
      std::int32_t bits = 0;
      bool stays = skips;
      for (std::size_t r = 0; r < count; ++r) {
        for (std::size_t o = 0; o < cols; ++o) acc[r][o] = sums[(c + o) * size() + r];
        at[r] = (row + r) * l_.s.out_c + output_ + c;
        (void)end_sums(acc[r], p.sum ? p.sum + at[r] : nullptr, cols, update);
        bits |= bits_of(acc[r], cols);
        stays = stays && is_zero(acc[r], cols);
      }
      if (!update.last) continue;
      if (stays) {
        for (std::size_t r = 0; r < count; ++r) advance(stream[r].lane);
      } else {
        update_columns(p, {at, count, acc[0], kDrawsOfBlock, cols, stream}, bits, quick, watch);
      }
    }
  }

  const RoutedLayer& l_;
  const UpdatePlan& plan_;
  const Runs<H, V> runs_;
  const std::size_t output_, outputs_, row_;
  Winners winners_;
  std::int32_t sums_[kUpdateSums];
};

template <int H, int V>
HONE_APART void update_block(const RoutedLayer& l, const UpdatePlan& plan, std::size_t output,
                             std::size_t row, const IntegerParameters& p, const std::int8_t* x,
                             const ShortUpdate& quick, WeightWatch& watch) {
  UpdateBlock<H, V> block(l, plan, output, row);
  block.add_samples(x);
  block.update(p, quick, watch);
}

// Whether the winners take less time than dense tiles: the products of each are `eights` and about
// one more to find it.
bool pays(const RoutedLayer& l, std::size_t eights) {
  const Window& of = l.pool->window;
  const std::size_t size = l.n * of.out_h * of.out_w * of.out_c;
  constexpr std::size_t kBlock = 1 << 15;  // that 16 bits count
  std::size_t winners = 0;
  for (std::size_t i = 0; i < size; i += kBlock) {
    const std::size_t end = least_of(size, i + kBlock);
    std::uint16_t some = 0;
    for (std::size_t k = i; k < end; ++k) some = static_cast<std::uint16_t>(some + (l.dy[k] != 0));
    winners += some;
  }
  const std::uint64_t dense = std::uint64_t{l.n} * l.s.out_h * l.s.out_w * l.s.out_c * eights;
  return std::uint64_t{winners} * (eights + 1) * IntegerLanes::kWinnerCost < dense;
}

}  // namespace

bool routes_update(const RoutedLayer& l) {
  if (!may_route(l) || l.n * l.pool->window.out_h * l.pool->window.out_w > kNarrowChunk)
    return false;
  const UpdatePlan plan(l);
  return plan.strip != 0 && pays(l, l.s.kernel_h * plan.run / kEight);
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
