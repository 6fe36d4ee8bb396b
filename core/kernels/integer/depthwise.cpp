#include "ends.hpp"
#include "kernels/conv_taps.hpp"
#include "sums.hpp"
#include "update.hpp"

// Every channel by itself: a tile is 32 channels of one pixel, or of one kernel position.
namespace hone {
namespace HONE_LEAF_NS {
namespace integer {
namespace {

std::ptrdiff_t step_of(std::size_t elements) { return static_cast<std::ptrdiff_t>(elements); }

// Channels [c, c + cols) of one output; x: the sample.
void add_window(Sums& t, const std::int8_t* x, const std::int16_t* w, const Window& s, Range ky,
                Range kx, std::uint32_t oy, std::uint32_t ox, std::size_t c, std::size_t cols) {
  if (is_empty(kx)) return;
  for (std::uint32_t k = ky.begin; k < ky.end; ++k) {
    const std::size_t from = image_at(oy, k, s.stride, s.pad_top) * s.in_w +
                             image_at(ox, kx.begin, s.stride, s.pad_left);
    const std::size_t tap = std::size_t{k} * s.kernel_w + kx.begin;
    add_pairs(t, cols, x + from * s.in_c + c, step_of(s.in_c), w + tap * s.in_c + c,
              step_of(s.in_c), kx.end - kx.begin);
  }
}

// The same channels of the input pixel that feeds rows v and columns h; dy: the sample.
void add_fed(Sums& t, const std::int8_t* dy, const std::int16_t* w, const Window& s, FedOutputs v,
             FedOutputs h, std::size_t c, std::size_t cols) {
  for (std::uint32_t a = 0; a < v.count; ++a) {
    const std::size_t to = std::size_t{v.first + a} * s.out_w + h.first;
    const std::size_t tap = std::size_t{v.tap - a * s.stride} * s.kernel_w + h.tap;
    add_pairs(t, cols, dy + to * s.out_c + c, step_of(s.out_c), w + tap * s.in_c + c,
              -step_of(std::size_t{s.stride} * s.in_c), h.count);
  }
}

HONE_OWN_FRAME std::uint64_t input_gradient(std::int8_t* dx, const std::int8_t* dy,
                                            const std::int16_t* w, const Window& s, std::size_t n,
                                            const IntegerGradient& end) {
  std::uint64_t seen = 0;
  std::size_t at = 0;
  for (std::size_t i = 0; i < n; ++i)
    for (std::uint32_t iy = 0; iy < s.in_h; ++iy) {
      const FedOutputs v = outputs_fed(iy, s.stride, s.pad_top, s.kernel_h, s.out_h);
      for (std::uint32_t ix = 0; ix < s.in_w; ++ix) {
        const FedOutputs h = outputs_fed(ix, s.stride, s.pad_left, s.kernel_w, s.out_w);
        for (std::size_t c = 0; c < s.in_c; c += kTile) {
          const std::size_t cols = at_most(s.in_c - c, kTile);
          Sums t;
          clear(t);
          add_fed(t, dy + i * output_size(s), w, s, v, h, c, cols);
          spill(t);
          seen |= put_gradients(dx, at, 1, t.wide, cols, end);
          at += cols;
        }
      }
    }
  return seen;
}

HONE_OWN_FRAME void update_tap(IntegerReport& report, const IntegerParameters& p,
                               const std::int8_t* x, const std::int8_t* dy, const Window& s,
                               std::size_t n, const Tap& tap) {
  const std::uint32_t count = tap.xs.end - tap.xs.begin;
  RowStream stream;
  start_row(stream, *p.update, tap.at / s.in_c);
  for (std::size_t c = 0; c < s.in_c; c += kTile) {
    const std::size_t cols = at_most(s.in_c - c, kTile);
    Sums t;
    clear(t);
    for (std::size_t i = 0; i < n && count > 0; ++i)
      for (std::uint32_t oy = tap.ys.begin; oy < tap.ys.end; ++oy) {
        const std::size_t to =
            i * output_size(s) + (std::size_t{oy} * s.out_w + tap.xs.begin) * s.out_c + c;
        add_pairs(t, cols, x + i * image_size(s) + first_pixel(s, tap, oy) + c,
                  step_of(std::size_t{s.stride} * s.in_c), dy + to, step_of(s.out_c), count);
      }
    update_weights(report, p, stream, tap.at, c, t, 0, cols);
  }
}

}  // namespace

std::uint64_t depthwise_forward(std::int8_t* y, const std::int8_t* x, const std::int16_t* w,
                                const std::int32_t* bias, int bias_shift, const Window& s,
                                std::size_t n, const IntegerOutput& end) {
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < n; ++i)
    for (std::uint32_t oy = 0; oy < s.out_h; ++oy) {
      const Range ky = taps_inside(oy, s.stride, s.pad_top, s.kernel_h, s.in_h);
      const std::size_t row = i * output_size(s) + std::size_t{oy} * s.out_w * s.out_c;
      for (std::size_t c = 0; c < s.in_c; c += kTile) {
        const std::size_t cols = at_most(s.in_c - c, kTile);
        Starts starts;
        start_outputs(starts, bias, bias_shift, c, cols, end);
        for (std::uint32_t ox = 0; ox < s.out_w; ++ox) {
          const Range kx = taps_inside(ox, s.stride, s.pad_left, s.kernel_w, s.in_w);
          Sums t;
          clear(t);
          add_window(t, x + i * image_size(s), w, s, ky, kx, oy, ox, c, cols);
          seen |= put_outputs(y, row + ox * s.out_c + c, s.out_c, t, 1, cols, starts, end);
        }
      }
    }
  return seen;
}

IntegerReport depthwise_backward(const IntegerParameters& p, std::int8_t* dx, const std::int8_t* x,
                                 const std::int8_t* dy, const Window& s, std::size_t n,
                                 const IntegerGradient& end) {
  IntegerReport report;
  if (dx) report.gradient = input_gradient(dx, dy, p.w, s, n, end);
  if (p.update)
    for (std::uint32_t ky = 0; ky < s.kernel_h; ++ky)
      for (std::uint32_t kx = 0; kx < s.kernel_w; ++kx)
        update_tap(report, p, x, dy, s, n, tap_of(s, ky, kx));
  update_biases(p, dy, n * s.out_h * s.out_w, s.out_c);
  return report;
}

}  // namespace integer
}  // namespace HONE_LEAF_NS
}  // namespace hone
