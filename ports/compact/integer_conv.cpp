#include "hone/random.hpp"
#include "integer_update.hpp"
#include "leaf.hpp"
#include "pool.hpp"

namespace hone {
namespace HONE_LEAF_NS {
namespace integer {
namespace {

std::uint32_t in_group(const Window& s) { return s.in_c / s.groups; }
std::uint32_t out_group(const Window& s) { return s.out_c / s.groups; }

/// The element of sample i under tap (ky, kx) of output (oy, ox), channel `input`; padding: below
/// 0.
std::int32_t element(const Window& s, std::size_t i, std::uint32_t oy, std::uint32_t ox,
                     std::uint32_t ky, std::uint32_t kx, std::uint32_t input) {
  const std::uint32_t iy = image_at(oy, s.stride, s.pad_top, ky);
  const std::uint32_t ix = image_at(ox, s.stride, s.pad_left, kx);
  if (iy >= s.in_h || ix >= s.in_w) return -1;
  return static_cast<std::int32_t>(((i * s.in_h + iy) * s.in_w + ix) * s.in_c + input);
}

/// The gradient of the map: dy, or with a pool what it routes there.
struct MapGradient {
  const std::int8_t* dy;
  const Window& s;
  const Pooled* pool;

  std::int32_t at(std::size_t i, std::uint32_t oy, std::uint32_t ox, std::uint32_t c) const {
    if (!pool) return dy[((i * s.out_h + oy) * s.out_w + ox) * s.out_c + c];
    const Cell cell(pool->window, i, oy, ox, c);
    return cell.exists && route_at(pool->routes, cell.element, pool->window) == cell.place
               ? dy[cell.element]
               : 0;
  }

  /// Where pixel (oy, ox) of the map lies in its window.
  struct Cell {
    bool exists;
    std::uint32_t place;
    std::size_t element;

    Cell(const Window& p, std::size_t i, std::uint32_t oy, std::uint32_t ox, std::uint32_t c) {
      const std::uint32_t py = oy / p.stride, ky = oy % p.stride;
      const std::uint32_t px = ox / p.stride, kx = ox % p.stride;
      exists = py < p.out_h && px < p.out_w && ky < p.kernel_h && kx < p.kernel_w;
      place = ky * p.kernel_w + kx;
      element = ((i * p.out_h + py) * p.out_w + px) * p.out_c + c;
    }
  };
};

/// The output that input row (or column) `i` feeds through tap k; none: a large number.
std::uint32_t output_fed(std::uint32_t i, std::uint32_t k, std::uint32_t stride,
                         std::uint32_t pad) {
  const std::uint32_t at = i + pad - k;
  return at % stride == 0 ? at / stride : ~0u;
}

std::int64_t input_gradient(const std::int16_t* w, const MapGradient& map, std::size_t i,
                            std::uint32_t iy, std::uint32_t ix, std::uint32_t input) {
  const Window& s = map.s;
  const std::uint32_t first = input / in_group(s) * out_group(s);
  w += input % in_group(s) * s.out_c;
  std::int64_t sum = 0;
  for (std::uint32_t ky = 0; ky < s.kernel_h; ++ky)
    for (std::uint32_t kx = 0; kx < s.kernel_w; ++kx, w += in_group(s) * s.out_c) {
      const std::uint32_t oy = output_fed(iy, ky, s.stride, s.pad_top);
      const std::uint32_t ox = output_fed(ix, kx, s.stride, s.pad_left);
      if (oy >= s.out_h || ox >= s.out_w) continue;
      for (std::uint32_t c = first; c < first + out_group(s); ++c)
        sum += std::int64_t{map.at(i, oy, ox, c) * w[c]};
    }
  return sum;
}

}  // namespace

std::uint64_t conv_forward(std::int8_t* y, const std::int8_t* x, const std::int16_t* w,
                           const std::int32_t* bias, int bias_shift, const Window& s,
                           const Pooled* pool, std::size_t n, const IntegerOutput& end,
                           std::int8_t*) {
  std::uint64_t seen = 0;
  std::size_t at = 0;
  for (std::size_t i = 0; i < n; ++i)
    for (std::uint32_t oy = 0; oy < s.out_h; ++oy)
      for (std::uint32_t ox = 0; ox < s.out_w; ++ox)
        for (std::uint32_t c = 0; c < s.out_c; ++c, ++at) {
          std::int64_t sum = bias ? start_of_sum(bias[c], bias_shift) : 0;
          const std::int16_t* row = w + c;
          for (std::uint32_t ky = 0; ky < s.kernel_h; ++ky)
            for (std::uint32_t kx = 0; kx < s.kernel_w; ++kx, row += in_group(s) * s.out_c) {
              const std::int32_t from =
                  element(s, i, oy, ox, ky, kx, c / out_group(s) * in_group(s));
              if (from >= 0) sum = add_products(sum, x + from, 1, row, s.out_c, in_group(s));
            }
          if (!pool) {
            seen |= put_output(y, at, sum, end);
            continue;
          }
          std::int8_t code;
          seen |= put_output(&code, 0, sum, end);
          const MapGradient::Cell cell(pool->window, i, oy, ox, c);
          if (!cell.exists || (cell.place != 0 && code <= y[cell.element])) continue;
          y[cell.element] = code;
          if (pool->routes) replace_route(pool->routes, cell.element, pool->window, cell.place);
        }
  return seen;
}

std::uint64_t depthwise_forward(std::int8_t* y, const std::int8_t* x, const std::int16_t* w,
                                const std::int32_t* bias, int bias_shift, const Window& s,
                                std::size_t n, const IntegerOutput& end) {
  return conv_forward(y, x, w, bias, bias_shift, s, nullptr, n, end, nullptr);
}

template <class Rule>
IntegerReport conv_backward_by(const IntegerParameters& p, std::int8_t* dx, const std::int8_t* x,
                               const std::int8_t* dy, const Window& s, const Pooled* pool,
                               std::size_t n, const IntegerGradient& end, std::int8_t*) {
  const MapGradient map{dy, s, pool};
  IntegerReport report;
  std::size_t pixel = 0;
  for (std::size_t i = 0; dx && i < n; ++i)
    for (std::uint32_t iy = 0; iy < s.in_h; ++iy)
      for (std::uint32_t ix = 0; ix < s.in_w; ++ix)
        for (std::uint32_t c = 0; c < s.in_c; ++c, ++pixel)
          report.gradient |= put_gradient(dx, pixel, input_gradient(p.w, map, i, iy, ix, c), end);
  const std::uint32_t rows = p.update ? s.kernel_h * s.kernel_w * in_group(s) : 0;
  for (std::uint32_t row = 0; row < rows; ++row) {
    const std::uint32_t tap = row / in_group(s), ky = tap / s.kernel_w, kx = tap % s.kernel_w;
    Stream stream(hash_word(p.update->stream, row));
    for (std::uint32_t c = 0; c < s.out_c; ++c) {
      const std::uint32_t input = c / out_group(s) * in_group(s) + row % in_group(s);
      std::int64_t acc = 0;
      for (std::size_t i = 0; i < n; ++i)
        for (std::uint32_t oy = 0; oy < s.out_h; ++oy)
          for (std::uint32_t ox = 0; ox < s.out_w; ++ox) {
            const std::int32_t from = element(s, i, oy, ox, ky, kx, input);
            if (from >= 0) acc += std::int64_t{x[from] * map.at(i, oy, ox, c)};
          }
      update_weight<Rule>(report, p, row * s.out_c + c, acc, stream.next16());
    }
  }
  const Window& shape = pool ? pool->window : s;
  update_biases<Rule>(p, dy, n * shape.out_h * shape.out_w, s.out_c);
  return report;
}

template Leaf<decltype(IntegerKernels::conv_backward)> conv_backward_by<AnyRule>;
template Leaf<decltype(IntegerKernels::conv_backward)> conv_backward_by<MomentumRule>;
template Leaf<decltype(IntegerKernels::conv_backward)> conv_backward_by<PlainRule>;

template <class Rule>
IntegerReport depthwise_backward_by(const IntegerParameters& p, std::int8_t* dx,
                                    const std::int8_t* x, const std::int8_t* dy, const Window& s,
                                    std::size_t n, const IntegerGradient& end) {
  return conv_backward_by<Rule>(p, dx, x, dy, s, nullptr, n, end, nullptr);
}
template Leaf<decltype(IntegerKernels::depthwise_backward)> depthwise_backward_by<AnyRule>;
template Leaf<decltype(IntegerKernels::depthwise_backward)> depthwise_backward_by<MomentumRule>;
template Leaf<decltype(IntegerKernels::depthwise_backward)> depthwise_backward_by<PlainRule>;

}  // namespace integer
}  // namespace HONE_LEAF_NS
}  // namespace hone
