#include "integer_initialise.hpp"

#include "hone/fixed.hpp"
#include "hone/random.hpp"

namespace hone {

std::int8_t initialise_mantissas(const LayerRun& l, std::uint64_t seed, std::int16_t* weights) {
  // limit = sqrt(6 / fan) = root * 2^-half, root of 15 bits: the largest with
  // root * root * fan <= 6 * 4^half, here in units of 4^14.
  const std::uint32_t fan = l.fan();
  int half = 14;
  std::uint64_t square = 6;
  for (; square < fan; square *= 4) ++half;
  std::uint32_t root = 0;
  for (std::uint32_t bit = 1u << 15; bit; bit >>= 1) {
    const std::uint32_t more = root | bit;
    if (std::uint64_t{more * more} * fan <= square << 28) root = more;
  }
  const int e = 1 - half;
  Stream stream(seed, Purpose::init, 0, l.layer, 0);
  for (std::uint32_t i = 0; i < l.weights; ++i) {
    const std::int32_t odd = 2 * static_cast<std::int32_t>(stream.next16()) + 1 - 65536;
    weights[i] = static_cast<std::int16_t>(
        rounded_shift(std::int64_t{odd} * static_cast<std::int32_t>(root), 16 + half + e));
  }
  return static_cast<std::int8_t>(e);
}

}  // namespace hone
