#pragma once
#include "hone/program.hpp"

namespace hone {

/// Uniform weights from the init stream of the layer, biases +0 (docs/CONTRACT.md, "Init"):
/// He  L = sqrt(6 / fan_in), Xavier  L = sqrt(6 / (fan_in + fan_out)).
/// K. He et al. 2015, equation 10; X. Glorot and Y. Bengio 2010, equation 16.
void initialise(const LayerRun& layer, std::uint64_t seed, float* weights, float* biases);

}  // namespace hone
