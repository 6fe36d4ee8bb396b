#pragma once
#include <string>
#include <utility>
#include <vector>

#include "hone/model.hpp"

namespace hone_test {

/// A resolved model of any length, with a name for messages.
struct OwnedModel {
  std::string name;
  std::vector<hone::LayerSpec> layer;

  operator hone::ModelView() const { return {layer.data(), static_cast<int>(layer.size())}; }
};

template <int N>
OwnedModel own(std::string name, const hone::Model<N>& m) {
  return {std::move(name), std::vector<hone::LayerSpec>(m.layer, m.layer + N)};
}

}  // namespace hone_test
