#pragma once
#include "hone/program.hpp"

namespace hone {

/// The weights that initialise() draws as floats, as mantissas: to the nearest of 15 bits. Returns
/// their exponent, which leaves one bit to grow.
std::int8_t initialise_mantissas(const LayerRun& l, std::uint64_t seed, std::int16_t* weights);

}  // namespace hone
