#pragma once
#include "core/kernels/window_geometry.hpp"
#include "integer_pool.hpp"
#include "integer_tile.hpp"

// Products of windows over an image: a convolution, or its input gradient, which is one too. The
// rows under the kernel are widened once, with their padding, and stay for the rows of outputs that
// follow; the weights lie as add_pairs() reads them.
namespace hone {
namespace HONE_LEAF_NS {

constexpr std::size_t kBandRoom = 2048;    // widened numbers under a strip of outputs
constexpr std::size_t kFactorRoom = 1280;  // weights of a part of the sums
constexpr std::size_t kStripSums = 256;    // sums of a strip, where they have more than one part

/// Where the pixels of an image row lie in a strip, `columns` from `first` on: numbers
/// [before, end) of it are those from `at` on, the others beyond the ends of the row.
struct Strip {
  std::size_t at, before, end, all;

  HONE_INLINE Strip(std::size_t width, std::size_t channels, std::ptrdiff_t first,
                    std::size_t columns)
      : all(columns * channels) {
    const std::size_t skipped = first < 0 ? static_cast<std::size_t>(-first) : 0;
    const std::size_t column = first < 0 ? 0 : static_cast<std::size_t>(first);
    at = column * channels;
    before = least_of(skipped, columns) * channels;
    end = least_of(skipped + (column < width ? width - column : 0), columns) * channels;
  }
};

/// A strip as 16 bits; 0 beyond the ends of the row.
HONE_INLINE void widen_strip(std::int16_t* to, const std::int8_t* row, std::size_t width,
                             std::size_t channels, std::ptrdiff_t first, std::size_t columns) {
  const Strip s(width, channels, first, columns);
  const std::int8_t* const from = row + s.at;
  const std::size_t before = s.before, end = s.end;
  for (std::size_t i = 0; i < before; ++i) to[i] = 0;
  std::size_t i = before;
  for (; i + 16 <= end; i += 16) HONE_UNROLL for (std::size_t k = 0; k < 16; k += 8) {
      const EightWords w = widened_codes(from + (i - before) + k);
      __builtin_memcpy(to + i + k, &w, sizeof w);
    }
  for (; i < end; ++i) to[i] = from[i - before];
  for (; i < s.all; ++i) to[i] = 0;
}

/// A convolution without groups over an image of any kind. `stride` is that of rows, `step` that of
/// columns.
struct WindowShape {
  std::size_t in_h, in_w, in_c, out_h, out_w, out_c, kernel_h, kernel_w, stride, step, pad_top,
      pad_left;

  HONE_INLINE std::size_t run() const { return kernel_w * in_c; }
  HONE_INLINE std::size_t pairs() const { return (run() + 1) / 2; }  // of a kernel row
  HONE_INLINE std::size_t factors(std::size_t columns) const {
    return kernel_h * pairs() * 2 * columns;
  }
  HONE_INLINE bool fits() const {
    return kernel_h * run() <= kBandRoom && kernel_h <= 64 && pad_top < kernel_h &&
           pad_left < kernel_w;
  }
};

namespace {

/// Job has, for image row iy and columns of which the first may be padding,
///   bool widen(int16_t* to, iy, first column, columns)   false: the row is zero
///   void pack(int16_t* to, ky, first, count, column)     pairs [first, first + count) of a kernel
///                                                        row, C columns from `column` on
///   V start(column)[kVectors]                            what their sums start from
///   void put(V* sums of R outputs, oy, ox, column)
template <int C, class Job>
class WindowWalk {
  using Tile = TileOf<C>;
  using V = typename Tile::V;
  static constexpr int N = Tile::kVectors;

 public:
  HONE_INLINE WindowWalk(Job& job, const WindowShape& shape) : job_(job), s_(shape) {
    const std::size_t room = kBandRoom / s_.kernel_h / s_.in_c;  // columns
    strip_ = (room - s_.kernel_w) / s_.step + 1;
    total_ = s_.kernel_h * s_.pairs();
    is_packed_ = s_.out_c <= C && s_.factors(C) <= kFactorRoom;
    if (!is_packed_) strip_ = least_of(strip_, kStripSums / C);
    strip_ = least_of(strip_, s_.out_w);
    pitch_ = ((strip_ - 1) * s_.step + s_.kernel_w) * s_.in_c;
    for (std::size_t i = 0; i <= s_.kernel_h * pitch_; ++i) band_[i] = 0;
    if (is_packed_) pack(0, total_, 0);
    start_columns(0);
  }
  /// Before the first row of an image.
  HONE_INLINE void start_image() { next_ = 0; }
  /// Rows ascend.
  HONE_INLINE void run_row(std::size_t oy) {
    for (std::size_t ox = 0; ox < s_.out_w; ox += strip_) {
      if (strip_ < s_.out_w) next_ = 0;
      widen(oy, ox);
      find_rows(oy);
      const std::size_t count = least_of(s_.out_w - ox, strip_);
      for (std::size_t c = 0; c < s_.out_c; c += C) run_columns(oy, ox, count, c);
    }
  }

 private:
  HONE_INLINE void pack(std::size_t from, std::size_t to, std::size_t c) {
    const std::size_t pairs = s_.pairs();
    for (std::size_t ky = from / pairs, q = from; q < to; ++ky) {
      const std::size_t end = least_of(to, (ky + 1) * pairs);
      job_.pack(factors_ + (q - from) * 2 * C, ky, q - ky * pairs, end - q, c);
      q = end;
    }
  }
  HONE_INLINE void start_columns(std::size_t c) {
    for (std::size_t v = 0; v < N; ++v) start_[v] = job_.start(c, v);
  }
  HONE_INLINE void widen(std::size_t oy, std::size_t ox) {
    const std::size_t top = oy * s_.stride;
    const std::ptrdiff_t left =
        static_cast<std::ptrdiff_t>(ox * s_.step) - static_cast<std::ptrdiff_t>(s_.pad_left);
    for (std::size_t ky = 0; ky < s_.kernel_h; ++ky) {
      if (top + ky < s_.pad_top) continue;
      const std::size_t iy = top + ky - s_.pad_top, slot = iy % s_.kernel_h;
      if (iy >= s_.in_h || iy < next_) continue;
      const bool is_there = job_.widen(band_ + slot * pitch_, iy, left, pitch_ / s_.in_c);
      there_ = (there_ & ~(std::uint64_t{1} << slot)) | std::uint64_t{is_there} << slot;
      next_ = iy + 1;
    }
  }
  HONE_INLINE void find_rows(std::size_t oy) {
    for (std::size_t ky = 0; ky < s_.kernel_h; ++ky) {
      const std::size_t row = oy * s_.stride + ky, iy = row - s_.pad_top, slot = iy % s_.kernel_h;
      const bool is_inside = row >= s_.pad_top && iy < s_.in_h;
      rows_[ky] = is_inside && (there_ >> slot & 1) ? band_ + slot * pitch_ : nullptr;
    }
  }
  HONE_INLINE void run_columns(std::size_t oy, std::size_t ox, std::size_t count, std::size_t c) {
    const std::size_t part = is_packed_ ? total_ : kFactorRoom / (2 * C);
    if (s_.out_c > C) start_columns(c);
    for (std::size_t from = 0; from < total_; from += part) {
      const std::size_t to = least_of(total_, from + part);
      if (!is_packed_) pack(from, to, c);
      for_rows<Tile::kRows, 6>(count, [&](std::size_t p, auto rows) HONE_LAMBDA {
        run_tile<decltype(rows)::value>(oy, ox, p, from, to, c);
      });
    }
  }
  template <int R>
  HONE_APART void run_tile(std::size_t oy, std::size_t ox, std::size_t p, std::size_t from,
                           std::size_t to, std::size_t c) {
    V sum[R][N];
    HONE_UNROLL for (std::size_t r = 0; r < R; ++r) HONE_UNROLL for (std::size_t v = 0; v < N; ++v)
        sum[r][v] = from ? load_sums<V>(sums_ + (p + r) * C + v * Tile::Lanes::kWidth) : start_[v];
    const std::size_t pairs = s_.pairs(), step = s_.step * s_.in_c;
    for (std::size_t ky = from ? from / pairs : 0; ky * pairs < to; ++ky) {
      const std::size_t first = ky * pairs, a = from > first ? from - first : 0;
      const std::size_t b = least_of(to - first, pairs);
      if (!rows_[ky]) continue;
      add_pairs<C, R>(sum, rows_[ky] + p * step + 2 * a, step, 2,
                      factors_ + (first + a - from) * 2 * C, b - a);
    }
    if (to == total_) return job_.put(sum, oy, ox + p, c);
    HONE_UNROLL for (std::size_t r = 0; r < R; ++r) HONE_UNROLL for (std::size_t v = 0; v < N; ++v)
        store_sums(sums_ + (p + r) * C + v * Tile::Lanes::kWidth, sum[r][v]);
  }

  Job& job_;
  const WindowShape& s_;
  std::size_t strip_, total_, pitch_, next_ = 0;
  std::uint64_t there_ = 0;  // bit: of a slot of the band
  bool is_packed_;
  V start_[N];
  const std::int16_t* rows_[64];      // under the kernel rows; null: zeros
  std::int16_t band_[kBandRoom + 8];  // and what is read beyond
  std::int16_t factors_[kFactorRoom];
  std::int32_t sums_[kStripSums];
};

}  // namespace
}  // namespace HONE_LEAF_NS
}  // namespace hone
