#pragma once
#include "hone/plan.hpp"
#include "owned_model.hpp"

namespace hone_test {

/// A small legal model, the same for the same seed on every machine: chains, residual blocks and
/// named branches with several consumers, all layers, frozen parts, odd sizes.
OwnedModel random_model(std::uint32_t seed);

/// Plain SGD, momentum coupled or decoupled, with decay.
hone::Optimizer random_rule(std::uint32_t seed);

}  // namespace hone_test
