#include "kernels/pool_rows.hpp"

#include "ends.hpp"

namespace hone {
namespace HONE_LEAF_NS {
namespace integer {
namespace {

constexpr std::size_t kBlock = 16;  // channels at a time
constexpr std::uint32_t kAverageUnit = 1u << kAverageBits;

std::int32_t share_of(const PoolTaps& taps) {
  const std::uint32_t count = (taps.ky.end - taps.ky.begin) * (taps.kx.end - taps.kx.begin);
  return static_cast<std::int32_t>((kAverageUnit + count / 2) / count);
}

// n sums become codes; of both there is room for a block. Returns the OR of the magnitude_bits().
std::uint64_t put_codes(std::int8_t* y, const std::int64_t* sum, std::size_t n, int shift) {
  std::uint64_t seen = 0;
  for (std::size_t j = 0; j < n; ++j) seen |= magnitude_bits(sum[j]);
#if !defined(__OPTIMIZE_SIZE__)
  // The same in 32 bits, of which vectors shift many. The whole block, where sums beyond n are 0.
  if (shift >= 0 && shift <= 30 && seen >> 30 == 0) {
    const std::int32_t half = (1 << shift) >> 1;
    for (std::size_t j = 0; j < kBlock; ++j) {
      const std::int32_t q = (static_cast<std::int32_t>(sum[j]) + half) >> shift;
      const std::int32_t most = q < kMaxMantissa8 ? q : kMaxMantissa8;
      y[j] = static_cast<std::int8_t>(most > -kMaxMantissa8 ? most : -kMaxMantissa8);
    }
    return seen;
  }
#endif
  for (std::size_t j = 0; j < n; ++j) y[j] = quantised(sum[j], shift);
  return seen;
}

// n channels of one output; x: the window's first real pixel. All fits 32 bits: up to 2^24 pixels
// share <= 2^23 / pixels + 1/2, and with more it is 0, whatever their sum.
void average_window(std::int64_t* average, const std::int8_t* x, std::size_t n, const Window& s,
                    const PoolTaps& taps) {
  const std::int32_t share = share_of(taps);
  std::int32_t sum[kBlock] = {};
  for (std::uint32_t v = taps.ky.begin; share && v < taps.ky.end; ++v) {
    const std::int8_t* pixel = x + std::size_t{v - taps.ky.begin} * s.in_w * s.in_c;
    for (std::uint32_t h = taps.kx.begin; h < taps.kx.end; ++h, pixel += s.in_c)
      for (std::size_t j = 0; j < n; ++j) sum[j] += pixel[j];
  }
  for (std::size_t j = 0; j < kBlock; ++j) average[j] = sum[j] * share;
}

// From the windows over one row (or column) of the padded image to those over a later one, `at`.
void move_on(Range& over, std::uint32_t at, std::uint32_t stride, std::uint32_t kernel,
             std::uint32_t out) {
  while (over.end < out && over.end * stride <= at) ++over.end;
  while (over.begin < over.end && over.begin * stride + kernel <= at) ++over.begin;
}

// The gradient of a pool's input, pixel by pixel: windows may overlap, and the sums of a pixel do
// not fit its byte.
struct Gradient {
  const std::int8_t* dy;
  const std::uint8_t* routes;  // null: of an average pool
  const Window& s;
  const IntegerGradient& of_y;  // what is applied to dy: of a max pool

  // n channels of the window of output (oy, ox), dy[at] its first, over pixel (iy, ix).
  void add_window(std::int64_t* sum, std::size_t at, std::size_t n, std::uint32_t oy,
                  std::uint32_t ox, std::uint32_t iy, std::uint32_t ix) const {
    if (!routes) {
      const std::int32_t share = share_of(pool_taps(s, oy, ox));
      for (std::size_t j = 0; j < n; ++j) sum[j] += dy[at + j] * share;
      return;
    }
    const std::uint32_t bits = bits_of_route(s);
    const std::uint32_t place =
        (iy + s.pad_top - oy * s.stride) * s.kernel_w + (ix + s.pad_left - ox * s.stride);
    for (std::size_t j = 0; j < n; ++j) {
      const std::int64_t d =
          of_y.act == Activation::none ? dy[at + j] : masked(of_y, dy[at + j], of_y.y[at + j]);
      sum[j] += route_at(routes, at + j, bits) == place ? d : 0;  // no branch could be foreseen
    }
  }

  // Pixel (iy, ix) of a sample, dx[at] its first channel.
  std::uint64_t put_pixel(std::int8_t* dx, std::size_t at, std::size_t sample, std::uint32_t iy,
                          std::uint32_t ix, const Range& over_y, const Range& over_x,
                          const IntegerGradient& end) const {
    std::uint64_t seen = 0;
    for (std::size_t c = 0; c < s.in_c; c += kBlock) {
      const std::size_t n = s.in_c - c < kBlock ? s.in_c - c : kBlock;
      std::int64_t sum[kBlock] = {};
      for (std::uint32_t oy = over_y.begin; oy < over_y.end; ++oy)
        for (std::uint32_t ox = over_x.begin; ox < over_x.end; ++ox)
          add_window(sum, ((sample * s.out_h + oy) * s.out_w + ox) * s.in_c + c, n, oy, ox, iy, ix);
      for (std::size_t j = 0; end.resumes && j < n; ++j)
        sum[j] += start_of_sum(dx[at + c + j], -end.resumed_shift);
      std::int8_t codes[kBlock];  // dx may be y
      seen |= put_codes(codes, sum, n, end.shift);
      if (end.act != Activation::none) {
        IntegerGradient here = end;
        here.y = end.y + at + c;
        finish_gradient(codes, n, here);
      }
      std::memcpy(dx + at + c, codes, n);
    }
    return seen;
  }

  std::uint64_t put_all(std::int8_t* dx, std::size_t n, const IntegerGradient& end) const {
    std::uint64_t seen = 0;
    std::size_t at = 0;
    for (std::size_t i = 0; i < n; ++i) {
      Range over_y{0, 0};
      for (std::uint32_t iy = 0; iy < s.in_h; ++iy) {
        move_on(over_y, iy + s.pad_top, s.stride, s.kernel_h, s.out_h);
        Range over_x{0, 0};
        for (std::uint32_t ix = 0; ix < s.in_w; ++ix, at += s.in_c) {
          move_on(over_x, ix + s.pad_left, s.stride, s.kernel_w, s.out_w);
          seen |= put_pixel(dx, at, i, iy, ix, over_y, over_x, end);
        }
      }
    }
    return seen;
  }
};

}  // namespace

void max_pool_forward(std::int8_t* y, std::uint8_t* routes, const std::int8_t* x, const Window& s,
                      std::size_t n) {
  RouteWriter out = start_routes(routes, s);
  for (std::size_t i = 0; i < n; ++i, x += image_size(s))
    for (std::uint32_t oy = 0; oy < s.out_h; ++oy, y += std::size_t{s.out_w} * s.in_c)
      max_pool_row(y, out, x + pool_row_start(s, oy), s, oy);
  finish_routes(out);
}

std::uint64_t max_pool_backward(std::int8_t* dx, const std::int8_t* dy, const std::uint8_t* routes,
                                const Window& s, std::size_t n, const IntegerGradient& end) {
  IntegerGradient of_dx = end;
  of_dx.act = Activation::none;
  return Gradient{dy, routes, s, end}.put_all(dx, n, of_dx);
}

std::uint64_t avg_pool_forward(std::int8_t* y, const std::int8_t* x, const Window& s, std::size_t n,
                               int shift) {
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < n; ++i, x += image_size(s))
    for (std::uint32_t oy = 0; oy < s.out_h; ++oy)
      for (std::uint32_t ox = 0; ox < s.out_w; ++ox, y += s.in_c) {
        const PoolTaps taps = pool_taps(s, oy, ox);
        const std::int8_t* const from = x + pool_row_start(s, oy) + first_column(s, taps, ox);
        for (std::size_t c = 0; c < s.in_c; c += kBlock) {
          const std::size_t width = s.in_c - c < kBlock ? s.in_c - c : kBlock;
          std::int64_t sum[kBlock];
          average_window(sum, from + c, width, s, taps);
          std::int8_t codes[kBlock];
          seen |= put_codes(codes, sum, width, shift);
          std::memcpy(y + c, codes, width);
        }
      }
  return seen;
}

std::uint64_t avg_pool_backward(std::int8_t* dx, const std::int8_t* dy, const Window& s,
                                std::size_t n, const IntegerGradient& end) {
  return Gradient{dy, nullptr, s, end}.put_all(dx, n, end);
}

}  // namespace integer
}  // namespace HONE_LEAF_NS
}  // namespace hone
