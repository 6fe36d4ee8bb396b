#pragma once
#include "trainer_functions.hpp"

namespace hone::train {

/// The end of the state of w16a8: the loss of the batch, then room for one sample.
struct LossRoom {
  std::int64_t* sum;  ///< in units of 2^-16
  std::int64_t* z;    ///< [classes] outputs of a sample, where the last layer keeps no sums
  std::int32_t* p;    ///< [classes] their softmax, in units of 2^-15
};
HONE_HELPER LossRoom loss_room(const TrainerState& s) {
  std::int64_t* const at = s.at<std::int64_t>(s.program().loss_lanes);
  const ProgramView& v = s.program();
  const std::size_t outputs = v.layer[v.n - 1].is_product() ? 0 : v.classes;
  return {at, at + 1, reinterpret_cast<std::int32_t*>(at + 1 + outputs)};
}

/// The outputs of sample i at exponent output_exponent(), widened into the room where they are not
/// sums.
HONE_HELPER const std::int64_t* outputs_of(const TrainerState& s, std::uint32_t i) {
  const LayerRun& last = s.program().layer[s.program().n - 1];
  const std::size_t classes = s.program().classes, at = i * classes;
  if (last.is_product()) return s.at<std::int64_t>(last.y) + at;
  const LossRoom room = loss_room(s);
  for (std::size_t c = 0; c < classes; ++c) room.z[c] = s.at<std::int8_t>(last.y)[at + c];
  return room.z;
}
HONE_HELPER int output_exponent(const TrainerState& s) {
  return s.at<Scale>(s.program().scales)[s.program().n - 1].now;
}

/// Raises the exponents of outputs until the batch fits them.
Status fit_outputs(const TrainerState& s, std::uint32_t n, FillSamples fill, void* context);

}  // namespace hone::train
