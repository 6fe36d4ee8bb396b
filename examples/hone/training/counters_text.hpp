#pragma once
#include <string>

#include "hone/scale.hpp"

namespace hone {

/// "outputs cut in 3 steps, no weight changed in 1 step": what went wrong in a layer; empty if
/// nothing did.
std::string counters_text(const LayerCounters& counters);

}  // namespace hone
