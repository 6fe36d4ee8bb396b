#include "integer_outputs.hpp"

namespace hone {

void Trainer::probabilities(std::uint32_t i, float* p) const {
  const std::uint32_t classes = program().classes;
  if (program().numeric == Numeric::f32) {
    kernels().softmax(p, outputs() + std::size_t{i} * classes, classes);
    return;
  }
  std::int32_t* const mantissas = train::loss_room(state_).p;
  kernels().integer->softmax(mantissas, train::outputs_of(state_, i), classes,
                             train::output_exponent(state_), 0);
  for (std::uint32_t c = 0; c < classes; ++c) p[c] = static_cast<float>(mantissas[c]) * 0x1p-15f;
}

}  // namespace hone
