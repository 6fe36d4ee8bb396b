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
HONE_INLINE void put_routes(std::uint8_t* to, const EightCodes& where) {
#if defined(__ARM_NEON)
  const int8x8_t places{0, 2, 4, 6, 0, 2, 4, 6};
  const uint8x8_t bits = vshl_u8(reinterpret_cast<uint8x8_t>(where), places);
  const uint8x8_t pairs = vpadd_u8(bits, bits);
  const std::uint16_t all = vget_lane_u16(vreinterpret_u16_u8(vpadd_u8(pairs, pairs)), 0);
  __builtin_memcpy(to, &all, sizeof all);
#else
  std::uint64_t bytes;
  __builtin_memcpy(&bytes, &where, sizeof bytes);
  bytes = (bytes | bytes >> 6) & 0x000F000F000F000Fu;
  bytes = (bytes | bytes >> 12) & 0x000000FF000000FFu;
  bytes |= bytes >> 24;
  to[0] = static_cast<std::uint8_t>(bytes);
  to[1] = static_cast<std::uint8_t>(bytes >> 8);
#endif
}

/// max_pool_row of rows that begin at `band`.
HONE_INLINE void pool_band(std::int8_t* y, RouteWriter& routes, const std::int8_t* band,
                           const Window& s, std::uint32_t py) {
  if (!is_quick_pool(s)) return max_pool_row(y, routes, band, s, py);
  // Copies, that no store of a code can change.
  const std::size_t channels = s.in_c, below = s.in_w * channels, windows = s.out_w;
  std::uint8_t* to = routes.at;
  for (std::size_t px = 0; px < windows; ++px, band += 2 * channels)
    for (std::size_t c = 0; c < channels; c += 8, y += 8) {
      EightCodes best = eight_codes(band + c), where{};
      const std::int8_t* const others[3] = {band + c + channels, band + c + below,
                                            band + c + below + channels};
      HONE_UNROLL for (std::int8_t i = 0; i < 3; ++i) {
        const EightCodes v = eight_codes(others[i]);
        where = v > best ? EightCodes{} + static_cast<std::int8_t>(i + 1) : where;
        best = v > best ? v : best;
      }
      __builtin_memcpy(y, &best, sizeof best);
      if (!to) continue;
      put_routes(to, where);
      to += 2;
    }
  routes.at = to;
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
