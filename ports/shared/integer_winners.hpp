#pragma once
#include "integer_conv_routed.hpp"

// What the two halves of a routed backward pass share: the winners, and what each of them adds.
namespace hone {
namespace HONE_LEAF_NS {

constexpr std::size_t kMapRows = 2;  // of a pool row

constexpr std::size_t whole_eights(std::size_t n) { return (n + kEight - 1) / kEight * kEight; }

/// A convolution that winners may be taken through.
HONE_INLINE bool may_route(const RoutedLayer& l) {
  return l.pool && is_quick_pool(l.pool->window) && l.s.stride == 1 && l.s.groups == 1;
}

/// The bits of a byte: how many are set, and their places.
struct BitsOfByte {
  std::uint8_t count[256];
  std::int8_t places[256][8];
};
constexpr BitsOfByte bits_of_byte() {
  BitsOfByte table{};
  for (std::uint32_t byte = 0; byte < 256; ++byte)
    for (std::int8_t i = 0; i < 8; ++i)
      if (byte >> i & 1) table.places[byte][table.count[byte]++] = i;
  return table;
}
constexpr BitsOfByte kBits = bits_of_byte();

/// The gradients of a pool row that are not 0. A list, since a processor that had to guess how many
/// each few outputs have would often be wrong.
class Winners {
 public:
  static constexpr std::size_t kMost = 256;  // outputs: at a time, and of a pixel

  /// Calls f(pixel, output, route, d) for the winners among `outputs` outputs of each of `pixels`
  /// pixels, the first of which has dy[at].
  template <class F>
  HONE_INLINE void for_each(const RoutedLayer& l, std::size_t at, std::size_t pixels,
                            std::size_t outputs, F f) {
    // Copies, that no store of a sum can change.
    const std::int8_t* const dy = l.dy;
    const std::uint8_t* const routes = l.pool->routes;
    const std::size_t channels = l.s.out_c, at_once = kMost / outputs;
    for (std::size_t first = 0; first < pixels; first += at_once, at += at_once * channels) {
      const std::size_t end = least_of(pixels - first, at_once);
      std::size_t count = 0;
      for (std::size_t px = 0; px < end; ++px)
        for (std::size_t o = 0; o < outputs; o += kEight)
          count += list(list_ + count, dy + at + px * channels + o, px << 8 | o);
      for (const std::uint16_t *i = list_, *const last = list_ + count; i != last; ++i) {
        const std::size_t px = *i >> 8, o = *i & 255, of = at + px * channels + o;
        f(first + px, o, routes[of / 4] >> 2 * (of % 4) & 3, dy[of]);
      }
    }
  }

 private:
  HONE_INLINE static std::size_t list(std::uint16_t* to, const std::int8_t* dy,
                                      std::size_t number) {
    constexpr std::uint64_t kLow = 0x7F7F7F7F7F7F7F7Fu;
    std::uint64_t codes;
    __builtin_memcpy(&codes, dy, sizeof codes);
    // The highest bit of each byte that is not 0, then all of them in one byte.
    const std::uint64_t live = (((codes & kLow) + kLow) | codes) & ~kLow;
    const auto byte = static_cast<std::size_t>((live >> 7) * 0x0102040810204080u >> 56);
    const EightWords places = widened_codes(kBits.places[byte]) + static_cast<std::int16_t>(number);
    __builtin_memcpy(to, &places, sizeof places);
    return kBits.count[byte];
  }

  std::uint16_t list_[kMost + kEight];
};

/// Where a route leads, in numbers from the first pixel of its window on.
struct Places {
  std::size_t of[4];

  HONE_INLINE Places(std::size_t row, std::size_t column) : of{0, column, row, row + column} {}
};

/// What a winner adds: H rows of V eights; 0: any number.
template <int H, int V>
struct Runs {
  std::size_t rows, eights;

  HONE_INLINE std::size_t rows_of() const { return H ? std::size_t{H} : rows; }

  /// to(k)[i] += from(k)[i] * d.
  template <class To, class From>
  HONE_INLINE void add(std::int32_t d, To to, From from) const {
    const auto factor = IntegerLanes::factor(d);
    if constexpr (H != 0) {
      HONE_UNROLL for (std::size_t k = 0; k < H; ++k) {
        std::int32_t* const sums = as_base(to(k));
        const std::int16_t* const x = as_base(from(k));
        IntegerLanes::add_scaled_run<V>(sums, x, factor);
      }
    } else {
      for (std::size_t k = 0; k < rows; ++k)
        for (std::size_t v = 0; v < eights; ++v)
          IntegerLanes::add_scaled(to(k) + kEight * v, from(k) + kEight * v, factor);
    }
  }
};

}  // namespace HONE_LEAF_NS
}  // namespace hone
