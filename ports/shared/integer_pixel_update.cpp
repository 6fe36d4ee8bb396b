#include "integer_pixel_update.hpp"

#include "integer_split_window.hpp"
#include "integer_update.hpp"

// The gradient of the weights of a convolution by lanes that multiply bytes: four neighbouring
// outputs at a time, whose gradients lie side by side for each channel, and the pixels that a
// weight meets there, which do so in a plane of their channel.
namespace hone {
namespace HONE_LEAF_NS {
namespace {

constexpr std::size_t kRowsAtOnce = 4;    // of the map
constexpr std::size_t kChunk = 16;        // columns whose products are taken in one turn
constexpr std::size_t kOutputs = 16;      // whose sums are taken in one pass: a block of draws
constexpr std::size_t kPixelSums = 1152;  // sums
constexpr std::size_t kPlaneRoom = 1536;  // bytes: rows of planes under kRowsAtOnce outputs
constexpr std::size_t kStrip = 32;        // most columns

constexpr std::size_t whole_chunks(std::size_t n) { return (n + kChunk - 1) / kChunk * kChunk; }

// Input channels [channel, channel + channels) and outputs [output, output + outputs).
struct Pass {
  std::size_t channel, channels, output, outputs;
};

// Columns of a strip and of its planes; 0: no room.
struct PixelPlan {
  std::size_t strip, pitch;

  explicit PixelPlan(const Window& s) : strip(least_of(whole_chunks(s.out_w), kStrip)), pitch(0) {
    const std::size_t taps = std::size_t{s.kernel_h} * s.kernel_w;
    const std::size_t channels = least_of(s.in_c, kEight);
    const std::size_t planes = s.in_c == 1 ? s.kernel_w : channels;
    const std::size_t outputs = s.out_c <= kEight ? kEight : kOutputs;
    for (; strip; strip -= kChunk) {
      pitch = whole_chunks(strip + s.kernel_w - 1u);
      if ((s.kernel_h + kRowsAtOnce - 1u) * planes * pitch <= kPlaneRoom) break;
    }
    if (taps * channels * outputs > kPixelSums || pitch > 2 * kStrip) strip = 0;
  }
};

template <class D>
class PixelSums {
 public:
  HONE_INLINE PixelSums(const RoutedLayer& l, const std::int8_t* x, const Pass& pass)
      : l_(l), plan_(l.s), pass_(pass), x_(x) {
    columns_ = pass.outputs <= kEight ? kEight : kOutputs;
    const bool is_shifted = l.s.in_c == 1;
    shifts_ = is_shifted ? l.s.kernel_w : 1;
    row_ = shifts_ * pass.channels * plan_.pitch;
    for (std::size_t i = 0; i < rows() * columns_; ++i) sums_[i] = 0;
    for (std::size_t i = 0; i < sizeof planes_; ++i) planes_[i] = 0;
  }
  HONE_INLINE std::size_t rows() const {
    return std::size_t{l_.s.kernel_h} * l_.s.kernel_w * pass_.channels;
  }
  /// Sums of row i of the pass, in the order (ky, kx, channel).
  HONE_INLINE std::int32_t* row(std::size_t i) { return sums_ + i * columns_; }

  HONE_INLINE void add_samples() {
    const Window& s = l_.s;
    for (std::size_t i = 0; i < l_.n; ++i)
      for (std::size_t ox = 0; ox < s.out_w; ox += plan_.strip) {
        std::size_t there = 0;  // rows of planes
        for (std::size_t oy = 0; oy < s.out_h; oy += kRowsAtOnce) {
          const std::size_t map_rows = least_of(s.out_h - oy, kRowsAtOnce);
          for (; there < s.kernel_h + map_rows - 1; ++there) take_row(i, oy + there, there, ox);
          for (std::size_t k = 0; k < map_rows; k += l_.pool ? 2 : 1)
            take_gradients(k * columns_ * plan_.strip, i, oy + k, ox);
          add_rows(map_rows);
          there = s.kernel_h - 1u;
          __builtin_memmove(planes_, planes_ + map_rows * row_, there * row_);
        }
      }
  }

 private:
  // Image row `row`, which counts the padding, becomes planes.
  HONE_APART void take_row(std::size_t sample, std::size_t row, std::size_t place, std::size_t ox) {
    const Window& s = l_.s;
    const std::size_t channels = pass_.channels, pitch = plan_.pitch;
    std::int8_t* const to = planes_ + place * row_;
    if (row < s.pad_top || row - s.pad_top >= s.in_h) {
      __builtin_memset(to, 0, row_);
      return;
    }
    const std::int8_t* const from =
        x_ + (sample * s.in_h + (row - s.pad_top)) * s.in_w * s.in_c + pass_.channel;
    const std::ptrdiff_t left =
        static_cast<std::ptrdiff_t>(ox) - static_cast<std::ptrdiff_t>(s.pad_left);
    if (s.in_c == 1) {
      copy_strip(to, from, s.in_w, 1, left, pitch);
      for (std::size_t kx = 1; kx < shifts_; ++kx)
        for (std::size_t i = 0; i < plan_.strip; i += kChunk)
          __builtin_memcpy(to + kx * pitch + i, to + kx + i, kChunk);
      return;
    }
    std::int8_t pixels[2 * kStrip * kEight];
    const std::size_t before = left < 0 ? static_cast<std::size_t>(-left) : 0;
    const std::size_t first = left < 0 ? 0 : static_cast<std::size_t>(left);
    const std::size_t end = least_of(before + (first < s.in_w ? s.in_w - first : 0), pitch);
    if (s.in_c == kEight) {
      copy_strip(pixels, from, s.in_w, kEight, left, pitch);
    } else {
      __builtin_memset(pixels, 0, pitch * kEight);
      for (std::size_t i = before; i < end; ++i) {
        const std::int8_t* const pixel = from + (first + i - before) * s.in_c;
        if (channels == kEight) {
          __builtin_memcpy(pixels + i * kEight, pixel, kEight);
        } else {
          for (std::size_t c = 0; c < channels; ++c) pixels[i * kEight + c] = pixel[c];
        }
      }
    }
    for (std::size_t i = 0; i < pitch; i += kChunk) {
      if (channels == kEight) {
        D::take_planes(to + i, pitch, pixels + i * kEight);
        continue;
      }
      for (std::size_t c = 0; c < channels; ++c)
        for (std::size_t k = 0; k < kChunk; ++k)
          to[c * pitch + i + k] = pixels[(i + k) * kEight + c];
    }
  }
  // Of row oy, or, with a pool, of both rows of its window, to `place`.
  HONE_APART void take_gradients(std::size_t place, std::size_t sample, std::size_t oy,
                                 std::size_t ox) {
    for (std::size_t b = 0; b < columns_; b += kEight) {
      std::int8_t* to = gradients_ + place + b * plan_.strip;
      if (l_.pool) {
        take_pooled(to, sample, oy / 2, ox / 2, b);
      } else {
        for (std::size_t i = 0; i < plan_.strip; i += 4, to += 4 * kEight)
          take_outputs(to, sample, oy, ox + i, b);
      }
    }
  }
  // A row of windows from px on, eight outputs; of both rows of the map.
  HONE_INLINE void take_pooled(std::int8_t* to, std::size_t sample, std::size_t py, std::size_t px,
                               std::size_t b) {
    const Window& of = l_.pool->window;
    const std::size_t channels = of.out_c, apart = columns_ * plan_.strip;
    const bool is_there = py < of.out_h && px < of.out_w && b < pass_.outputs;
    const std::size_t there = is_there ? least_of(of.out_w - px, plan_.strip / 2) : 0;
    const std::size_t at = ((sample * of.out_h + py) * of.out_w + px) * channels + pass_.output + b;
    const std::int8_t* d = l_.dy + at;
    const std::uint8_t* routes = l_.pool->routes + at / 4;
    std::size_t i = 0;
    for (; i + 2 <= there; i += 2, d += 2 * channels, routes += channels / 2, to += 4 * kEight) {
      const EightCodes two[2] = {eight_codes(d), eight_codes(d + channels)};
      D::put_pooled(to, to + apart, two, routes, routes + channels / 4);
    }
    for (; i < plan_.strip / 2; i += 2, to += 4 * kEight) {
      const std::uint8_t none[2] = {};
      EightCodes two[2] = {};
      if (i < there) two[0] = eight_codes(d);
      D::put_pooled(to, to + apart, two, i < there ? routes : none, none);
    }
  }
  // Four outputs of a map row, eight channels.
  HONE_INLINE void take_outputs(std::int8_t* to, std::size_t sample, std::size_t oy,
                                std::size_t column, std::size_t b) {
    const Window& s = l_.s;
    const std::size_t output = pass_.output + b;
    const std::size_t cols = b < pass_.outputs ? least_of(pass_.outputs - b, kEight) : 0;
    EightCodes some[4] = {};
    for (std::size_t k = 0; k < 4 && oy < s.out_h && column + k < s.out_w; ++k)
      __builtin_memcpy(&some[k],
                       l_.dy + ((sample * s.out_h + oy) * s.out_w + column + k) * s.out_c + output,
                       cols);
    D::put_outputs(to, some);
  }
  HONE_INLINE void add_rows(std::size_t map_rows) {
    const std::size_t channels = pass_.channels, kernel_w = l_.s.kernel_w;
    for (std::size_t b = 0; b < columns_; b += kEight) {
      std::int32_t* to = sums_ + b;
      if (shifts_ > 1) {
        add_some(to, planes_, shifts_ * l_.s.kernel_h, 1, b, map_rows);
        continue;
      }
      for (std::size_t ky = 0; ky < l_.s.kernel_h; ++ky, to += kernel_w * channels * columns_)
        add_some(to, planes_ + ky * row_, channels, kernel_w, b, map_rows);
    }
  }
  // `count` rows of W, whose pixels lie a plane apart, and those of the next columns of the kernel,
  // by eight outputs.
  HONE_INLINE void add_some(std::int32_t* to, const std::int8_t* x, std::size_t count,
                            std::size_t kernel_w, std::size_t b, std::size_t map_rows) {
    for_rows<D::kRows>(count, [&](std::size_t r, auto rows) HONE_LAMBDA {
      add_tiles<decltype(rows)::value>(to + r * columns_, x + r * plan_.pitch, count * columns_,
                                       kernel_w, b, map_rows);
    });
  }
  template <int R>
  HONE_APART void add_tiles(std::int32_t* to, const std::int8_t* pixels, std::size_t step,
                            std::size_t kernel_w, std::size_t b, std::size_t map_rows) {
    const std::size_t pitch = plan_.pitch, row = row_, columns = columns_;
    const std::size_t chunks = plan_.strip / kChunk, map_row = columns * plan_.strip;
    for (std::size_t kx = 0; kx < kernel_w; ++kx, ++pixels, to += step) {
      Lanes::Sums sum[R][D::kVectors];
      HONE_UNROLL for (std::size_t r = 0; r < R; ++r) D::load(sum[r], to + r * columns);
      const std::int8_t *x = pixels, *g = gradients_ + b * plan_.strip;
      for (std::size_t k = 0; k < map_rows; ++k, g += map_row, x += row)
        D::add(sum, g, x, pitch, chunks);
      HONE_UNROLL for (std::size_t r = 0; r < R; ++r) D::store(to + r * columns, sum[r]);
    }
  }

  const RoutedLayer& l_;
  const PixelPlan plan_;
  const Pass& pass_;
  const std::int8_t* const x_;
  std::size_t columns_, shifts_, row_;  // row_: bytes of the planes of an image row
  std::int32_t sums_[kPixelSums];
  std::int8_t planes_[kPlaneRoom + kChunk];
  std::int8_t gradients_[kRowsAtOnce * kOutputs * kStrip];
};

template <class D>
struct PixelUpdate {
  static bool fits(const RoutedLayer& l) {
    const bool is_plain = !l.pool || is_quick_pool(l.pool->window);
    return l.s.in_c <= D::kMostInputs && l.s.stride == 1 && l.s.groups == 1 && is_plain &&
           PixelPlan(l.s).strip != 0 && l.n * l.s.out_h * l.s.out_w <= kNarrowChunk;
  }
  HONE_APART static void run(const RoutedLayer& l, const Pass& pass, const IntegerParameters& p,
                             const std::int8_t* x, const ShortUpdate& quick, WeightWatch& watch) {
    PixelSums<D> sums(l, x, pass);
    sums.add_samples();
    for (std::size_t i = 0; i < sums.rows(); ++i) {
      const std::size_t row = i / pass.channels * l.s.in_c + pass.channel + i % pass.channels;
      update_row(p, sums.row(i), row, l.s.out_c, pass.output, pass.outputs, quick, watch);
    }
  }
};
template <>
struct PixelUpdate<NoPixels> {
  static bool fits(const RoutedLayer&) { return false; }
  static void run(const RoutedLayer&, const Pass&, const IntegerParameters&, const std::int8_t*,
                  const ShortUpdate&, WeightWatch&) {}
};

}  // namespace

bool takes_pixels(const RoutedLayer& l) { return PixelUpdate<PixelLanes>::fits(l); }

void pixel_update(const RoutedLayer& l, const IntegerParameters& p, const std::int8_t* x,
                  IntegerReport& report) {
  const ShortUpdate quick(*p.update);
  WeightWatch watch;
  for (std::size_t c = 0; c < l.s.in_c; c += kEight)
    for (std::size_t o = 0; o < l.s.out_c; o += kOutputs)
      PixelUpdate<PixelLanes>::run(
          l, {c, least_of(l.s.in_c - c, kEight), o, least_of(l.s.out_c - o, kOutputs)}, p, x, quick,
          watch);
  watch.report(report);
}

}  // namespace HONE_LEAF_NS
}  // namespace hone
