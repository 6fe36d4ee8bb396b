#pragma once
#include "session.hpp"

namespace hone_test {

/// How far the gradient of one whole training step is from what it should be; each figure is the
/// worst over all parameters, relative to the largest entry of the parameter's tensor.
struct GradientErrors {
  double loss = 0;              ///< hone's loss against the double-precision reference
  double reference = 0;         ///< hone's gradient against the reference's
  double finite_reference = 0;  ///< the reference's gradient against differences of its own loss
  double finite_hone = 0;       ///< hone's gradient against differences of hone's loss

  bool small() const {
    return loss < 1e-5 && reference < 3e-5 && finite_reference < 1e-5 && finite_hone < 0.05;
  }
};

/// One step on n samples with every kernel table; the worst of them. Weights are those of the
/// initialiser times `gain`, biases uniform in [-gain/4, gain/4). Prints what is not small.
GradientErrors gradient_errors(hone::ModelView model, std::uint32_t n = 3, double gain = 1);

/// Sets weights and biases as above.
void spread_parameters(Session& session, double gain, std::uint32_t seed);

}  // namespace hone_test
