#pragma once
#include "integer_dense_split.hpp"
#include "integer_window.hpp"

// Products of windows over an image by lanes that multiply bytes (integer_dense_split.hpp): what an
// output sees of an image row is a run of bytes, and runs meet a panel of weights four at a time,
// as the samples of a dense layer do. Parts of weights are w = 256 * high + low, without a rest: so
// w + 128 must fit 16 bits, as do all weights that training leaves.
namespace hone {
namespace HONE_LEAF_NS {
namespace {

HONE_INLINE void copy_bytes(std::int8_t* to, const std::int8_t* from, std::size_t n) {
  std::size_t i = 0;
  for (; i + 8 <= n; i += 8) __builtin_memcpy(to + i, from + i, 8);
  if (i == n) return;
  if (n >= 8) {  // some of them twice
    __builtin_memcpy(to + n - 8, from + n - 8, 8);
  } else {
    for (; i < n; ++i) to[i] = from[i];
  }
}
HONE_INLINE void clear_bytes(std::int8_t* to, std::size_t n) {
  constexpr std::int8_t kNone[8] = {};
  std::size_t i = 0;
  for (; i + 8 <= n; i += 8) __builtin_memcpy(to + i, kNone, 8);
  for (; i < n; ++i) to[i] = 0;
}

/// A strip; 0 beyond the ends of the row.
HONE_INLINE void copy_strip(std::int8_t* to, const std::int8_t* row, std::size_t width,
                            std::size_t channels, std::ptrdiff_t first, std::size_t columns) {
  const Strip s(width, channels, first, columns);
  clear_bytes(to, s.before);
  copy_bytes(to + s.before, row + s.at, s.end - s.before);
  clear_bytes(to + s.end, s.all - s.end);
}

/// Whether all weights have such parts.
HONE_INLINE bool have_parts(const std::int16_t* w, std::size_t n) {
  std::int16_t most = 0;
  for (std::size_t i = 0; i < n; ++i) most = w[i] > most ? w[i] : most;
  return most <= 0x7FFF - 128;
}

/// Job has, for image row iy and columns of which the first may be padding,
///   bool copy(int8_t* to, iy, first column, columns)   false: the row is zero
///   void weights(int16_t* to, term, column)            kColumns of them; none beyond the last
///   V start(column, vector), void put(sums, oy, ox, column)   as for WindowWalk
template <class W, class Job>
class SplitWalk {
  using V = typename TileOf<8>::V;
  static constexpr std::size_t kBandBytes = 2048;  // rows under a strip, and one of zeros
  static constexpr std::size_t kPanelBytes = 6144;
  static constexpr std::size_t kTiles = 8;  // whose sums' starts are kept
  static constexpr std::size_t kMostRows = 16;
  static_assert(W::kColumns == 8 && W::kFour == 4 * W::kColumns, "");

 public:
  static bool fits(const WindowShape& s) {
    return s.kernel_h <= kMostRows && s.pad_top < s.kernel_h && s.pad_left < s.kernel_w &&
           2 * bytes_of_part(s) <= kPanelBytes && (s.kernel_h + 1) * s.run() <= kBandBytes &&
           strip_of(s) >= least_of(s.out_w, W::kRows);
  }

  HONE_INLINE SplitWalk(Job& job, const WindowShape& shape) : job_(job), s_(shape) {
    part_ = bytes_of_part(s_);
    strip_ = strip_of(s_);
    columns_ = (strip_ - 1) * s_.stride + s_.kernel_w;
    is_narrow_ = fours_of(s_) == 1 && s_.stride * s_.in_c <= 4;
    for (std::size_t i = 0; i < sizeof band_; ++i) band_[i] = 0;
    const std::size_t tiles = (s_.out_c + W::kColumns - 1) / W::kColumns;
    keeps_ = tiles <= kTiles && tiles * 2 * part_ <= kPanelBytes;
    for (std::size_t t = 0; t < tiles && keeps_; ++t) split(t, t);
  }
  HONE_INLINE void start_image() { next_ = 0; }
  /// Rows ascend.
  HONE_INLINE void run_row(std::size_t oy) {
    for (std::size_t ox = 0; ox < s_.out_w; ox += strip_) {
      if (strip_ < s_.out_w) next_ = 0;
      copy_rows(oy, ox);
      const std::size_t count = least_of(s_.out_w - ox, strip_);
      for (std::size_t t = 0; t * W::kColumns < s_.out_c; ++t) {
        if (!keeps_) split(t, 0);
        is_narrow_ ? run_columns<true>(t, oy, ox, count) : run_columns<false>(t, oy, ox, count);
      }
    }
  }

 private:
  static std::size_t fours_of(const WindowShape& s) { return (s.run() + 3) / 4; }
  static std::size_t bytes_of_part(const WindowShape& s) {
    return s.kernel_h * fours_of(s) * W::kFour;
  }
  static std::size_t strip_of(const WindowShape& s) {
    const std::size_t columns = kBandBytes / (s.kernel_h + 1) / s.in_c;
    return least_of((columns - s.kernel_w) / s.stride + 1, s.out_w);
  }
  // The columns of tile t.
  HONE_APART void split(std::size_t t, std::size_t place) {
    std::int8_t* high = panel_ + place * 2 * part_;
    const std::size_t c = t * W::kColumns, run = s_.run();
    for (std::size_t v = 0; v < 2; ++v) start_[place][v] = job_.start(c, v);
    for (std::size_t ky = 0; ky < s_.kernel_h; ++ky)
      for (std::size_t k = 0; k < run; k += 4, high += W::kFour) {
        std::int16_t rows[4][W::kColumns] = {};
        for (std::size_t j = 0; j < least_of(run - k, 4); ++j)
          job_.weights(rows[j], ky * run + k + j, c);
        W::split_whole(high, high + part_, rows[0]);
      }
  }
  HONE_APART void copy_rows(std::size_t oy, std::size_t ox) {
    const std::size_t top = oy * s_.stride, kernel_h = s_.kernel_h, pitch = columns_ * s_.in_c;
    const std::ptrdiff_t left =
        static_cast<std::ptrdiff_t>(ox * s_.stride) - static_cast<std::ptrdiff_t>(s_.pad_left);
    for (std::size_t ky = 0; ky < kernel_h; ++ky) {
      rows_[ky] = band_ + kernel_h * pitch;  // zeros
      if (top + ky < s_.pad_top || top + ky - s_.pad_top >= s_.in_h) continue;
      const std::size_t iy = top + ky - s_.pad_top, slot = iy % kernel_h;
      if (iy >= next_) {
        is_there_[slot] = job_.copy(band_ + slot * pitch, iy, left, columns_);
        next_ = iy + 1;
      }
      if (is_there_[slot]) rows_[ky] = band_ + slot * pitch;
    }
  }
  template <bool kNarrow>
  HONE_INLINE void run_columns(std::size_t t, std::size_t oy, std::size_t ox, std::size_t count) {
    const std::size_t whole = count / W::kRows;
    if (whole) run_tiles<W::kRows, kNarrow>(t, oy, ox, 0, whole);
    for_rows<W::kRows / 2>(count % W::kRows, [&](std::size_t p, auto rows) HONE_LAMBDA {
      run_tiles<decltype(rows)::value, kNarrow>(t, oy, ox, whole * W::kRows + p, 1);
    });
  }
  // `count` tiles of R outputs. kNarrow: kernel rows of one four, outputs at most four bytes apart.
  template <int R, bool kNarrow>
  HONE_APART void run_tiles(std::size_t t, std::size_t oy, std::size_t ox, std::size_t p,
                            std::size_t count) {
    const std::size_t place = keeps_ ? t : 0;
    const std::int8_t* const panel = panel_ + place * 2 * part_;
    const V start[2] = {start_[place][0], start_[place][1]};
    const std::size_t step = s_.stride * s_.in_c, fours = fours_of(s_);
    const auto places = W::places(step);
    for (; count; --count, p += R) {
      Lanes::Sums part[R][2];
      HONE_UNROLL for (int r = 0; r < R; ++r) part[r][0] = part[r][1] = Lanes::zero();
      const std::int8_t* w = panel;
      const auto add = [&](std::size_t ky) HONE_LAMBDA {
        const std::int8_t* const x = rows_[ky] + p * step;
        w = kNarrow ? W::add_four_of(part, w, x, step, places)
                    : W::add_run(part, w, x, step, fours);
      };
      for (std::size_t ky = 0; ky < s_.kernel_h; ++ky) add(ky);
      HONE_UNROLL for (int r = 0; r < R; ++r) HONE_UNROLL for (int v = 0; v < 2; ++v)
          W::times_256(part[r][v]);
      for (std::size_t ky = 0; ky < s_.kernel_h; ++ky) add(ky);
      V sum[R][2];
      HONE_UNROLL for (int r = 0; r < R; ++r) HONE_UNROLL for (int v = 0; v < 2; ++v) sum[r][v] =
          reinterpret_cast<V>(part[r][v]) + start[v];
      job_.put(sum, oy, ox + p, t * W::kColumns);
    }
  }

  Job& job_;
  const WindowShape& s_;
  std::size_t part_, strip_, columns_, next_ = 0;
  bool is_narrow_, keeps_;  // keeps_: the panels of all columns
  bool is_there_[kMostRows];
  const std::int8_t* rows_[kMostRows];  // under the kernel rows
  V start_[kTiles][2];
  std::int8_t band_[kBandBytes + W::kTurn];
  std::int8_t panel_[kPanelBytes];
};

}  // namespace
}  // namespace HONE_LEAF_NS
}  // namespace hone
