#pragma once
#include "core/kernels/pool_rows.hpp"
#include "eights.hpp"

// Max pools of 2x2 windows side by side, of eight channels at a time: their routes of two bits fill
// 16 bits. Others go to the plain ones.
namespace hone {
namespace HONE_LEAF_NS {

HONE_INLINE bool is_quick_pool(const Window& s) {
  return s.kernel_h == 2 && s.kernel_w == 2 && s.stride == 2 && s.pad_top == 0 && s.pad_left == 0 &&
         s.in_c % 8 == 0 && s.in_h >= 2 * s.out_h && s.in_w >= 2 * s.out_w;
}

/// Two bits of each of eight channels, from 2 * i on.
HONE_INLINE std::uint32_t packed_routes(std::uint64_t bytes) {
  bytes = (bytes | bytes >> 6) & 0x000F000F000F000Fu;
  bytes = (bytes | bytes >> 12) & 0x000000FF000000FFu;
  return static_cast<std::uint32_t>((bytes | bytes >> 24) & 0xFFFFu);
}

/// max_pool_row of rows that begin at `band`.
HONE_INLINE void pool_band(std::int8_t* y, RouteWriter& routes, const std::int8_t* band,
                           const Window& s, std::uint32_t py) {
  if (!is_quick_pool(s)) return max_pool_row(y, routes, band, s, py);
  const std::size_t below = std::size_t{s.in_w} * s.in_c;
  for (std::uint32_t px = 0; px < s.out_w; ++px, band += 2 * s.in_c)
    for (std::size_t c = 0; c < s.in_c; c += 8, y += 8) {
      EightCodes best = eight_codes(band + c), where{};
      const std::int8_t* const others[3] = {band + c + s.in_c, band + c + below,
                                            band + c + below + s.in_c};
      HONE_UNROLL for (std::int8_t i = 0; i < 3; ++i) {
        const EightCodes v = eight_codes(others[i]);
        where = v > best ? EightCodes{} + static_cast<std::int8_t>(i + 1) : where;
        best = v > best ? v : best;
      }
      __builtin_memcpy(y, &best, sizeof best);
      if (!routes.at) continue;
      std::uint64_t bytes;
      __builtin_memcpy(&bytes, &where, sizeof bytes);
      const std::uint32_t packed = packed_routes(bytes);
      routes.at[0] = static_cast<std::uint8_t>(packed);
      routes.at[1] = static_cast<std::uint8_t>(packed >> 8);
      routes.at += 2;
    }
}

/// The gradients of the pixels `first` and `first` + 1 of a window, of eight outputs from dy[at]
/// on: dy where they won.
HONE_INLINE void unpool_two(EightWords& a, EightWords& b, const std::int8_t* dy,
                            const std::uint8_t* routes, std::size_t at, int first) {
  const EightWords first_bit = {1, 4, 16, 64, 256, 1024, 4096, 16384};
  const EightWords second_bit = {2, 8, 32, 128, 512, 2048, 8192, -32768};
  const std::uint32_t packed = routes[at / 4] | static_cast<std::uint32_t>(routes[at / 4 + 1]) << 8;
  const EightWords all = EightWords{} + static_cast<std::int16_t>(packed);
  const EightWords d = widened_codes(dy + at);
  const EightWords low = (all & first_bit) != 0, high = (all & second_bit) != 0;
  const EightWords row = first ? high : ~high;
  a = d & row & ~low;
  b = d & row & low;
}

}  // namespace HONE_LEAF_NS
}  // namespace hone
