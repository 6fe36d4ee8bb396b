#pragma once
#include "hone/plan.hpp"
#include "owned_model.hpp"

namespace hone_test {

/// A small legal model, the same for the same seed on every machine: chains, residual blocks and
/// named branches with several consumers, all layers, frozen parts, odd sizes. `leaky`: all
/// element-wise layers are leaky_relu or dropout, whose roundings must not change places.
OwnedModel random_model(std::uint32_t seed, bool leaky = false);

/// Plain SGD, momentum coupled or decoupled, with decay.
hone::Optimizer random_rule(std::uint32_t seed);

}  // namespace hone_test
