#pragma once
#include <arm_neon.h>

#include "ports/shared/eights.hpp"

namespace hone {
namespace HONE_LEAF_NS {

/// Bytes of neighbouring pixels of a channel side by side: see ports/shared/integer_pixels.hpp.
struct PixelBytes {
  HONE_INLINE static void take_planes(std::int8_t* to, std::size_t pitch,
                                      const std::int8_t* pixels) {
    const int8x16x4_t first = vld4q_s8(pixels), second = vld4q_s8(pixels + 64);
    HONE_UNROLL for (std::size_t c = 0; c < 4; ++c) {
      const int8x16x2_t two = vuzpq_s8(first.val[c], second.val[c]);
      vst1q_s8(to + c * pitch, two.val[0]);
      vst1q_s8(to + (c + 4) * pitch, two.val[1]);
    }
  }
  HONE_INLINE static void put_pooled(std::int8_t* upper, std::int8_t* lower,
                                     const EightCodes (&d)[2], const std::uint8_t* first,
                                     const std::uint8_t* second) {
    const std::uint8_t* const routes[2] = {first, second};
    uint16x8_t above[2], below[2];
    HONE_UNROLL for (int i = 0; i < 2; ++i) {
      const uint16x8_t column{1, 4, 16, 64, 256, 1024, 4096, 16384};
      const uint16x8_t row{2, 8, 32, 128, 512, 2048, 8192, 32768};
      std::uint16_t packed;
      __builtin_memcpy(&packed, routes[i], sizeof packed);
      const uint16x8_t all = vdupq_n_u16(packed);
      const uint16x8_t left = vmovl_u8(reinterpret_cast<uint8x8_t>(d[i]));
      const uint16x8_t pair = vbslq_u16(vtstq_u16(all, column), vshlq_n_u16(left, 8), left);
      const uint16x8_t is_below = vtstq_u16(all, row);
      above[i] = vbicq_u16(pair, is_below);
      below[i] = vandq_u16(pair, is_below);
    }
    put(upper, vzipq_u16(above[0], above[1]));
    put(lower, vzipq_u16(below[0], below[1]));
  }

 private:
  HONE_INLINE static void put(std::int8_t* to, const uint16x8x2_t& fours) {
    vst1q_s8(to, vreinterpretq_s8_u16(fours.val[0]));
    vst1q_s8(to + 16, vreinterpretq_s8_u16(fours.val[1]));
  }
};

}  // namespace HONE_LEAF_NS
}  // namespace hone
