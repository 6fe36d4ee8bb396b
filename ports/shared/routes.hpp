#pragma once
#include <cstring>

#include "tiles.hpp"

namespace hone {
namespace HONE_LEAF_NS {

/// Bit i of a byte at bit 2 i.
struct SpreadBits {
  std::uint16_t of[256];
};
static constexpr SpreadBits spread_bits() {
  SpreadBits table{};
  for (std::uint32_t byte = 0; byte < 256; ++byte)
    for (std::uint32_t i = 0; i < 8; ++i)
      table.of[byte] = static_cast<std::uint16_t>(table.of[byte] | (byte >> i & 1u) << (2 * i));
  return table;
}
static constexpr SpreadBits kSpreadBits = spread_bits();

/// Two words of up to 16 bits as one: bit i of `even` becomes bit 2 i, of `odd` bit 2 i + 1.
template <class V>
HONE_INLINE std::uint32_t interleaved(std::uint32_t even, std::uint32_t odd) {
  std::uint32_t word = kSpreadBits.of[even & 0xFFu] | std::uint32_t{kSpreadBits.of[odd & 0xFFu]}
                                                          << 1;
  if constexpr (V::kWidth > 8)
    word |= std::uint32_t{kSpreadBits.of[even >> 8]} << 16 | std::uint32_t{kSpreadBits.of[odd >> 8]}
                                                                 << 17;
  return word;
}

/// The routes of a vector of 2 x 2 windows: is the winner in the lower row, and is it the right one
/// of each row. neon/vec4.hpp has a way of its own.
template <class V>
HONE_INLINE std::uint32_t packed_routes(V, typename V::Mask is_lower,
                                        typename V::Mask is_right_above,
                                        typename V::Mask is_right_below) {
  const std::uint32_t row = bits_of(is_lower);
  const std::uint32_t column = (row & bits_of(is_right_below)) | (~row & bits_of(is_right_above));
  return interleaved<V>(column, row);
}

/// The other way round.
struct BitPair {
  std::uint32_t even, odd;
};
HONE_INLINE BitPair apart(std::uint32_t word) {
  std::uint64_t x = (std::uint64_t{word} >> 1 << 32 | word) & 0x5555555555555555u;
  x = (x | x >> 1) & 0x3333333333333333u;
  x = (x | x >> 2) & 0x0F0F0F0F0F0F0F0Fu;
  x = (x | x >> 4) & 0x00FF00FF00FF00FFu;
  x = (x | x >> 8) & 0x0000FFFF0000FFFFu;
  return {static_cast<std::uint32_t>(x), static_cast<std::uint32_t>(x >> 32)};
}

/// The lanes whose winner is a right pixel, and a lower one: packed_routes the other way round.
template <class V>
HONE_INLINE typename V::Mask right_of(V lane, std::uint32_t routes) {
  return mask_of(lane, apart(routes).even);
}
template <class V>
HONE_INLINE typename V::Mask lower_of(V lane, std::uint32_t routes) {
  return mask_of(lane, apart(routes).odd);
}

/// Routes of a 2 x 2 pool, two bits an element: bit 0 the column, bit 1 the row (max_pool_forward
/// in hone/kernels.hpp). A vector of them is whole bytes where its element is a multiple of four.
struct RouteBits {
  std::uint8_t* at;

  HONE_INLINE explicit RouteBits(std::uint8_t* routes) : at(routes) {}

  /// Before put(), where channels come in vectors that do not fill whole bytes.
  HONE_INLINE void clear(std::size_t elements, std::size_t channels) {
    if (channels % 4 != 0) std::memset(at, 0, (2 * elements + 7) / 8);
  }

  HONE_INLINE void put(std::size_t element, std::uint32_t word, std::size_t count) {
    if (element % 4 == 0 && count % 4 == 0) {
      std::memcpy(at + element / 4, &word, count / 4);
      return;
    }
    for (std::size_t i = 0; i < count; ++i) {
      const std::size_t bit = 2 * (element + i);
      at[bit / 8] = static_cast<std::uint8_t>(at[bit / 8] | (word >> (2 * i) & 3u) << (bit % 8));
    }
  }

  /// The routes of `count` <= 16 elements, packed.
  HONE_INLINE static std::uint32_t get(const std::uint8_t* routes, std::size_t element,
                                       std::size_t count) {
    std::uint32_t word = 0;
    if (element % 4 == 0 && count % 4 == 0) {
      const std::uint8_t* const bytes = routes + element / 4;
      if (count == 16) {
        std::memcpy(&word, bytes, 4);
      } else {
        for (std::size_t i = 0; i < count / 4; ++i) word |= std::uint32_t{bytes[i]} << (8 * i);
      }
      return word;
    }
    for (std::size_t i = 0; i < count; ++i) {
      const std::size_t bit = 2 * (element + i);
      word |= (std::uint32_t{routes[bit / 8]} >> (bit % 8) & 3u) << (2 * i);
    }
    return word;
  }
};

}  // namespace HONE_LEAF_NS
}  // namespace hone
