#pragma once
#include "integer_gradient.hpp"
#include "integer_window.hpp"

// The input gradient of a convolution, which is one over the gradient of its outputs: the kernel is
// turned about, and a stride spreads the outputs apart.
namespace hone {
namespace HONE_LEAF_NS {

/// The gradient of the map of a convolution, sample by sample: dy, or what its pool sends back.
struct MapGradient {
  const std::int8_t* dy;
  const Pooled* pool;  // null: none
  const Window& s;     // of the convolution
  std::int8_t* row;    // room for one, where there is a pool

  /// Columns of row oy as 16 bits; false, with anything written, if all are 0.
  HONE_INLINE bool widen(std::int16_t* to, std::size_t sample, std::size_t oy, std::ptrdiff_t first,
                         std::size_t columns) const {
    const std::size_t width = s.out_w, channels = s.out_c;
    if (!pool) {
      widen_strip(to, dy + (sample * s.out_h + oy) * width * channels, width, channels, first,
                  columns);
      return true;
    }
    const Window& of = pool->window;
    if (!is_quick_pool(of)) {
      if (!unpool_row(row, dy, pool->routes, of, sample, static_cast<std::uint32_t>(oy),
                      {0, channels}))
        return false;
      widen_strip(to, row, width, channels, first, columns);
      return true;
    }
    if (oy / 2 >= of.out_h) return false;
    __builtin_memset(to, 0, columns * channels * sizeof *to);
    std::size_t at = (sample * of.out_h + oy / 2) * of.out_w * channels;
    for (std::size_t px = 0; px < of.out_w; ++px) {
      const std::ptrdiff_t column = static_cast<std::ptrdiff_t>(2 * px) - first;
      const std::ptrdiff_t end = static_cast<std::ptrdiff_t>(columns);
      std::int16_t* const pixel = to + column * static_cast<std::ptrdiff_t>(channels);
      for (std::size_t c = 0; c < channels; c += 8, at += 8) {
        if (column < -1 || column >= end) continue;
        EightWords a, b;
        unpool_two(a, b, dy, pool->routes, at, static_cast<int>(oy % 2));
        if (column >= 0) __builtin_memcpy(pixel + c, &a, sizeof a);
        if (column + 1 < end) __builtin_memcpy(pixel + channels + c, &b, sizeof b);
      }
    }
    return true;
  }
};

namespace {

template <int C>
struct InputGradient {
  using V = typename TileOf<C>::V;
  using L = typename TileOf<C>::Lanes;
  const WindowShape& s;  // of dy
  const std::int16_t* w;
  const MapGradient& map;
  std::size_t stride;
  std::int8_t* dx;
  ShortEnd limits;
  const IntegerGradient& end;
  std::size_t sample = 0;
  V seen{};

  HONE_INLINE bool widen(std::int16_t* to, std::size_t iy, std::ptrdiff_t first,
                         std::size_t columns) const {
    if (stride == 1) return map.widen(to, sample, iy, first, columns);
    if (iy % stride != 0) return false;
    const std::size_t width = map.s.out_w;
    const std::int8_t* const row = map.dy + (sample * map.s.out_h + iy / stride) * width * s.in_c;
    __builtin_memset(to, 0, columns * s.in_c * sizeof *to);
    for (std::size_t i = 0; i < columns; ++i) {
      const std::ptrdiff_t at = first + static_cast<std::ptrdiff_t>(i);
      if (at < 0 || static_cast<std::size_t>(at) % stride != 0) continue;
      const std::size_t ox = static_cast<std::size_t>(at) / stride;
      if (ox < width) widen_strip(to + i * s.in_c, row + ox * s.in_c, 1, s.in_c, 0, 1);
    }
    return true;
  }
  HONE_APART void pack(std::int16_t* to, std::size_t ky, std::size_t first, std::size_t count,
                       std::size_t c) const {
    const std::size_t cols = s.out_c - c < C ? s.out_c - c : C;
    std::size_t kx = 2 * first / s.in_c, o = 2 * first % s.in_c;
    for (std::size_t done = 0; done < count;) {
      const std::int16_t* const from = tap(ky, kx) + c * s.in_c + o;
      const std::size_t pairs = o + 8 <= s.in_c && done + 4 <= count ? 4 : 1;
      if (pairs == 4) {
        pack_eights(to, from, cols);
      } else {
        const bool is_next = o + 1 == s.in_c, has_second = !is_next || kx + 1 < s.kernel_w;
        const std::int16_t* const second =
            is_next && has_second ? tap(ky, kx + 1) + c * s.in_c : from + 1;
        for (std::size_t i = 0; i < C; ++i) {
          to[place_in_pair<C>(i, 0)] = i < cols ? from[i * s.in_c] : std::int16_t{0};
          to[place_in_pair<C>(i, 1)] =
              i < cols && has_second ? second[i * s.in_c] : std::int16_t{0};
        }
      }
      to += pairs * 2 * C, done += pairs;
      for (o += 2 * pairs; o >= s.in_c && kx < s.kernel_w; ++kx) o -= s.in_c;
    }
  }
  // Four pairs of one tap, which lie side by side in each column.
  HONE_INLINE void pack_eights(std::int16_t* to, const std::int16_t* from, std::size_t cols) const {
    HONE_UNROLL for (std::size_t i = 0; i < C; i += 8) {
      EightWords t[8] = {};
      if (i + 8 <= cols) {
        HONE_UNROLL for (std::size_t k = 0; k < 8; ++k)
            __builtin_memcpy(t + k, from + (i + k) * s.in_c, sizeof *t);
      } else {
        for (std::size_t k = 0; i + k < cols; ++k)
          __builtin_memcpy(t + k, from + (i + k) * s.in_c, sizeof *t);
      }
      transpose(t);
      HONE_UNROLL for (std::size_t k = 0; k < 4; ++k)
          L::place_eight(to + 2 * (C * k + i), t[2 * k], t[2 * k + 1]);
    }
  }
  HONE_INLINE const std::int16_t* tap(std::size_t ky, std::size_t kx) const {
    const std::size_t at = (s.kernel_h - 1 - ky) * s.kernel_w + (s.kernel_w - 1 - kx);
    return w + at * s.out_c * s.in_c;
  }
  HONE_INLINE V start(std::size_t, std::size_t) const { return V{}; }
  template <int R>
  HONE_INLINE void put(V (&sum)[R][TileOf<C>::kVectors], std::size_t oy, std::size_t ox,
                       std::size_t c) {
    std::int8_t codes[R * C];
    V all = seen;
    const ShortEnd ends = limits;  // a copy, that no store of a code can change
    HONE_UNROLL for (std::size_t r = 0; r < R; ++r) put_sums<C>(codes + r * C, sum[r], ends, all);
    seen = all;
    const std::size_t at = ((sample * s.out_h + oy) * s.out_w + ox) * s.out_c + c;
    if (s.out_c == C) {
      HONE_UNROLL for (std::size_t i = 0; i < R * C; i += 8)
          put_codes(dx, at + i, codes + i, 8, end);
      return;
    }
    const std::size_t cols = s.out_c - c < C ? s.out_c - c : C;
    for (std::size_t r = 0; r < R; ++r)
      for (std::size_t i = 0; i < cols; i += 8)
        put_codes(dx, at + r * s.out_c + i, codes + r * C + i, cols - i < 8 ? cols - i : 8, end);
  }
};

template <int C>
HONE_APART std::uint64_t input_gradient(std::int8_t* dx, const MapGradient& map,
                                        const WindowShape& shape, const std::int16_t* w,
                                        std::size_t n, const IntegerGradient& end) {
  InputGradient<C> job{shape, w, map, map.s.stride, dx, short_end(end), end};
  WindowWalk<C, InputGradient<C>> walk(job, shape);
  for (; job.sample < n; ++job.sample) {
    walk.start_image();
    for (std::size_t iy = 0; iy < shape.out_h; ++iy) walk.run_row(iy);
  }
  return or_of(job.seen);
}

/// Whether the sums of all channels, with the rounding, fit 32 bits.
HONE_INLINE bool are_short_gradients(const std::int16_t* w, const Window& s, std::int32_t half) {
  const std::size_t taps = std::size_t{s.kernel_h} * s.kernel_w;
  const std::int64_t most = 0x7FFFFFFF - std::int64_t{half};
  const std::int64_t largest = std::int64_t{kMaxMantissa8} * kMaxMantissa16;
  if (most >= largest * static_cast<std::int64_t>(taps * s.out_c)) return true;
  for (std::size_t c = 0; c < s.in_c; ++c) {
    std::int64_t room = most;
    for (std::size_t tap = 0; tap < taps; ++tap) {
      const std::int16_t* const row = w + (tap * s.in_c + c) * s.out_c;
      for (std::size_t o = 0; o < s.out_c; ++o) {
        const std::int32_t m = row[o];
        room -= kMaxMantissa8 * (m < 0 ? -m : m);
      }
    }
    if (room < 0) return false;
  }
  return true;
}

}  // namespace
}  // namespace HONE_LEAF_NS
}  // namespace hone
