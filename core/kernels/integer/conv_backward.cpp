#include "conv_routed.hpp"
#include "ends.hpp"
#include "kernels/conv_taps.hpp"
#include "kernels/pool_rows.hpp"
#include "sums.hpp"
#include "update.hpp"

namespace hone {
namespace HONE_LEAF_NS {
namespace integer {
namespace {

// The gradient of the map: dy itself, or rows of it that `pool` expands into `rows`, of which the
// last kernel_h exist at a time.
struct MapGradient {
  const std::int8_t* dy;
  const Pooled* pool;
  const Window& s;
  std::int8_t* rows;
};

std::size_t row_size(const Window& s) { return std::size_t{s.out_w} * s.out_c; }

const std::int8_t* row_of(const MapGradient& map, std::size_t sample, std::uint32_t oy) {
  const std::size_t row = row_size(map.s);
  if (!map.pool) return map.dy + sample * output_size(map.s) + oy * row;
  return map.rows + oy % map.s.kernel_h * row;
}

// Row oy of the sample takes the place of row oy - kernel_h.
void expand_row(const MapGradient& map, std::size_t sample, std::uint32_t oy) {
  std::int8_t* const to = map.rows + oy % map.s.kernel_h * row_size(map.s);
  if (!unpool_row(to, map.dy, map.pool->routes, map.pool->window, sample, oy, {0, map.s.out_c}))
    std::memset(to, 0, row_size(map.s));
}

// Up to 32 channels of one group, from `channel` on, of the input pixel that feeds rows v and
// columns h.
void add_pixel(std::int64_t* sums, std::size_t count, std::size_t channel, const MapGradient& map,
               const std::int16_t* w, std::size_t sample, FedOutputs v, FedOutputs h) {
  const Window& s = map.s;
  const std::size_t in_c = s.in_c / s.groups, out_c = s.out_c / s.groups;
  const std::size_t g = channel / in_c, ic = channel % in_c;
  for (std::uint32_t a = 0; a < v.count; ++a) {
    const std::int8_t* const dy = row_of(map, sample, v.first + a) + g * out_c;
    for (std::uint32_t b = 0; b < h.count; ++b) {
      const std::size_t tap =
          std::size_t{v.tap - a * s.stride} * s.kernel_w + (h.tap - b * s.stride);
      add_dots(sums, count, dy + std::size_t{h.first + b} * s.out_c,
               w + (tap * in_c + ic) * s.out_c + g * out_c, s.out_c, out_c);
    }
  }
}

HONE_OWN_FRAME std::uint64_t gradient_of_row(std::int8_t* dx, const MapGradient& map,
                                             const std::int16_t* w, std::size_t sample,
                                             std::uint32_t iy, FedOutputs v,
                                             const IntegerGradient& end) {
  const Window& s = map.s;
  const std::size_t in_c = s.in_c / s.groups;
  const std::size_t at = sample * image_size(s) + std::size_t{iy} * s.in_w * s.in_c;
  std::uint64_t seen = 0;
  for (std::uint32_t ix = 0; ix < s.in_w; ++ix) {
    const FedOutputs h = outputs_fed(ix, s.stride, s.pad_left, s.kernel_w, s.out_w);
    for (std::size_t c = 0; c < s.in_c;) {
      const std::size_t count = at_most(in_c - c % in_c, kTile);  // within a group
      std::int64_t sums[kTile] = {};
      add_pixel(sums, count, c, map, w, sample, v, h);
      seen |= put_gradients(dx, at + std::size_t{ix} * s.in_c + c, 1, sums, count, end);
      c += count;
    }
  }
  return seen;
}

std::uint64_t input_gradient(std::int8_t* dx, const MapGradient& map, const std::int16_t* w,
                             std::size_t n, const IntegerGradient& end) {
  const Window& s = map.s;
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < n; ++i) {
    std::uint32_t expanded = 0;
    for (std::uint32_t iy = 0; iy < s.in_h; ++iy) {
      const FedOutputs v = outputs_fed(iy, s.stride, s.pad_top, s.kernel_h, s.out_h);
      for (; map.pool && expanded < v.first + v.count; ++expanded) expand_row(map, i, expanded);
      seen |= gradient_of_row(dx, map, w, i, iy, v, end);
    }
  }
  return seen;
}

// `rows` rows of W that lie behind each other in one kernel position: channels [ic, ic + rows) of
// each group.
HONE_OWN_FRAME void update_rows(IntegerReport& report, const IntegerParameters& p,
                                const std::int8_t* x, const std::int8_t* dy, const Window& s,
                                std::size_t n, const Tap& tap, std::size_t ic, std::size_t rows) {
  const std::size_t in_c = s.in_c / s.groups, out_c = s.out_c / s.groups;
  const std::size_t at = tap.at + ic * s.out_c;
  RowStream stream;
  for (std::size_t o = 0; o < s.out_c;) {
    const std::size_t g = o / out_c, cols = at_most(out_c - o % out_c, kTile);
    Sums t;
    clear(t);
    for (std::size_t i = 0; i < n && !is_empty(tap.xs); ++i)
      for (std::uint32_t oy = tap.ys.begin; oy < tap.ys.end; ++oy) {
        const std::size_t from = i * image_size(s) + first_pixel(s, tap, oy) + g * in_c + ic;
        const std::size_t to =
            i * output_size(s) + (std::size_t{oy} * s.out_w + tap.xs.begin) * s.out_c + o;
        add_products(t, rows, cols, {x + from, 1, std::size_t{s.stride} * s.in_c}, dy + to, s.out_c,
                     tap.xs.end - tap.xs.begin);
      }
    for (std::size_t r = 0; r < rows; ++r) {
      if (o == 0) start_row(stream, *p.update, at / s.out_c + r);
      update_weights(report, p, stream, at + r * s.out_c, o, t, r * tile_stride(cols), cols);
    }
    o += cols;
  }
}

void update_taps(IntegerReport& report, const IntegerParameters& p, const std::int8_t* x,
                 const std::int8_t* dy, const Window& s, std::size_t n) {
  const std::size_t in_c = s.in_c / s.groups;
  // Several rows share a tile where that holds all columns of each.
  const std::size_t step = s.groups > 1 || s.out_c > kTile ? 1 : tile_rows(s.out_c);
  for (std::uint32_t ky = 0; ky < s.kernel_h; ++ky)
    for (std::uint32_t kx = 0; kx < s.kernel_w; ++kx)
      for (std::size_t ic = 0; ic < in_c; ic += step)
        update_rows(report, p, x, dy, s, n, tap_of(s, ky, kx), ic, at_most(in_c - ic, step));
}

}  // namespace

IntegerReport conv_backward(const IntegerParameters& p, std::int8_t* dx, const std::int8_t* x,
                            const std::int8_t* dy, const Window& s, const Pooled* pool,
                            std::size_t n, const IntegerGradient& end, std::int8_t* scratch) {
  IntegerReport report;
  if (dx) report.gradient = input_gradient(dx, {dy, pool, s, scratch}, p.w, n, end);
  if (p.update) {
    if (pool) {
      update_routed(report, p, x, dy, s, *pool, n);
    } else {
      update_taps(report, p, x, dy, s, n);
    }
  }
  update_biases(p, dy, n * (pool ? output_size(pool->window) : output_size(s)) / s.out_c, s.out_c);
  return report;
}

}  // namespace integer
}  // namespace HONE_LEAF_NS
}  // namespace hone
