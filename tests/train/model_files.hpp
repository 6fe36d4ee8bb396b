#pragma once
#include "owned_model.hpp"

namespace hone_test {

/// The models of examples/models, as their texts say.
std::vector<OwnedModel> example_models();

}  // namespace hone_test
