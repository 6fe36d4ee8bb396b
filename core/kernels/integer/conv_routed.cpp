#include "conv_routed.hpp"

#include "kernels/pool_rows.hpp"
#include "sums.hpp"
#include "update.hpp"

// Of the map between convolution and pool only the winners have a gradient, each in one channel. So
// the sums of one column of W at a time grow by what each winner saw: a run of x a kernel row.
namespace hone {
namespace HONE_LEAF_NS {
namespace integer {
namespace {

struct Routed {
  const std::int8_t *x, *dy;
  const Window& s;
  const Pooled& pool;
  std::size_t n;
  Range inside;  ///< columns of the map that see all kernel columns
};

// Rows of W that a tile holds, of one column: kernel rows ky, and of each the places
// [first, first + count) of (kx, channel).
struct Part {
  Range ky;
  std::size_t first, count;
};

// What the output (oy, ox) of the map saw, times d. x: the sample, from the first channel of the
// group on.
void add_winner(std::int32_t* t, const Part& part, const std::int8_t* x, const Routed& from,
                std::uint32_t oy, std::uint32_t ox, std::int16_t d) {
  const Window& s = from.s;
  const std::size_t in_c = s.in_c / s.groups;
  const bool whole = ox >= from.inside.begin && ox < from.inside.end;
  const Range kx =
      whole ? Range{0, s.kernel_w} : taps_inside(ox, s.stride, s.pad_left, s.kernel_w, s.in_w);
  const std::uint32_t step = s.groups == 1 ? s.kernel_w : 1;  // kernel columns in one run
  for (std::uint32_t ky = part.ky.begin; ky < part.ky.end; ++ky, t += part.count) {
    const std::size_t iy = std::size_t{oy} * s.stride + ky;
    if (iy < s.pad_top || iy - s.pad_top >= s.in_h) continue;
    for (std::uint32_t k = kx.begin; k < kx.end; k += step) {
      const std::uint32_t end = step < kx.end - k ? k + step : kx.end;
      const std::size_t run = k * in_c, run_end = end * in_c, part_end = part.first + part.count;
      const std::size_t a = run > part.first ? run : part.first;
      const std::size_t b = run_end < part_end ? run_end : part_end;
      if (a >= b) continue;
      const std::int8_t* const xk =
          x + ((iy - s.pad_top) * s.in_w + image_at(ox, k, s.stride, s.pad_left)) * s.in_c +
          (a - run);
      std::int32_t* __restrict const to = t + (a - part.first);
      for (std::size_t i = 0; i < b - a; ++i) to[i] += d * xk[i];
    }
  }
}

void add_winners(Sums& t, const Part& part, const Routed& from, std::size_t o) {
  const Window &s = from.s, &pool = from.pool.window;
  const std::size_t g = o / (s.out_c / s.groups);
  const std::uint32_t bits = bits_of_route(pool);
  std::size_t at = o;
  for (std::size_t i = 0; i < from.n; ++i) {
    const std::int8_t* const x = from.x + i * image_size(s) + g * (s.in_c / s.groups);
    for (std::uint32_t py = 0; py < pool.out_h; ++py)
      for (std::uint32_t px = 0; px < pool.out_w; ++px, at += s.out_c) {
        const std::int16_t d = from.dy[at];
        if (d == 0) continue;
        const std::uint32_t route = route_at(from.pool.routes, at, bits);
        const std::uint32_t row = route / pool.kernel_w, column = route % pool.kernel_w;
        if (t.terms == kNarrowChunk) spill(t);
        ++t.terms;
        add_winner(t.narrow, part, x, from, py * pool.stride + row, px * pool.stride + column, d);
      }
  }
}

HONE_OWN_FRAME void update_part(IntegerReport& report, const IntegerParameters& p,
                                const Routed& from, const Part& part, std::size_t o) {
  const Window& s = from.s;
  const std::size_t run = s.kernel_w * (s.in_c / s.groups);
  Sums t;
  clear(t);
  add_winners(t, part, from, o);
  for (std::size_t ky = part.ky.begin; ky < part.ky.end; ++ky)
    for (std::size_t i = 0; i < part.count; ++i) {
      const std::size_t row = ky * run + part.first + i;
      RowStream stream;
      start_row(stream, *p.update, row);
      update_weights(report, p, stream, row * s.out_c, o, t, (ky - part.ky.begin) * part.count + i,
                     1);
    }
}

}  // namespace

void update_routed(IntegerReport& report, const IntegerParameters& p, const std::int8_t* x,
                   const std::int8_t* dy, const Window& s, const Pooled& pool, std::size_t n) {
  const Routed from{x,    dy, s,
                    pool, n,  interior_outputs(s.stride, s.pad_left, s.kernel_w, s.in_w, s.out_w)};
  const std::size_t run = s.kernel_w * (s.in_c / s.groups);
  const std::uint32_t rows = run < kTile ? static_cast<std::uint32_t>(kTile / run) : 1;
  for (std::size_t o = 0; o < s.out_c; ++o)
    for (std::uint32_t ky = 0; ky < s.kernel_h; ky += rows)
      for (std::size_t i = 0; i < run; i += kTile)
        update_part(
            report, p, from,
            {{ky, rows < s.kernel_h - ky ? ky + rows : s.kernel_h}, i, at_most(run - i, kTile)}, o);
}

}  // namespace integer
}  // namespace HONE_LEAF_NS
}  // namespace hone
