#pragma once
#include "hone/trainer.hpp"

namespace hone::train {

/// The end of the state of w16a8: the loss of the batch, then room for one sample.
struct LossRoom {
  std::int64_t* sum;  ///< in units of 2^-16
  std::int64_t* z;    ///< [classes] outputs of a sample
  std::int32_t* p;    ///< [classes] their softmax, in units of 2^-15
};
inline LossRoom loss_room(const TrainerState& s) {
  std::int64_t* const at = s.at<std::int64_t>(s.program().loss_lanes);
  return {at, at + 1, reinterpret_cast<std::int32_t*>(at + 1 + s.program().classes)};
}

/// The outputs of sample i at exponent output_exponent(), widened into the room where they are not
/// sums.
const std::int64_t* outputs_of(const TrainerState& s, std::uint32_t i);
int output_exponent(const TrainerState& s);

/// Raises the exponents of outputs until the batch fits them.
Status fit_outputs(const TrainerState& s, std::uint32_t n, FillSamples fill, void* context);

}  // namespace hone::train
