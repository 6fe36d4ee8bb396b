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
  hone::Numeric numeric = hone::Numeric::f32;

  operator hone::ModelView() const {
    return {layer.data(), static_cast<int>(layer.size()), numeric};
  }
  OwnedModel in(hone::Numeric other) const {
    return {name + (other == hone::w16a8 ? ", w16a8" : ""), layer, other};
  }
};

template <int N>
OwnedModel own(std::string name, const hone::Model<N>& m) {
  return {std::move(name), std::vector<hone::LayerSpec>(m.layer, m.layer + N), m.numeric};
}

}  // namespace hone_test
