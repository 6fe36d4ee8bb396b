#include "examples/hone/training/selection.hpp"

namespace hone {
namespace {

/// Counted in samples the standard error is sqrt(most (samples - most) / samples).
bool is_within_one_error(const PartScore& score, std::uint64_t most) {
  const std::uint64_t fewer = most - score.correct;
  const auto d = static_cast<double>(fewer), m = static_cast<double>(most),
             n = static_cast<double>(score.samples);
  return fewer <= 1 || d * d * n <= m * (n - m);
}

}  // namespace

void Selection::begin(const PartScore& score) {
  most_correct = score.correct;
  before_accuracy = score.accuracy();
  before_loss = score.loss;
}

bool Selection::keeps(const PartScore& score) {
  if (score.correct > most_correct) most_correct = score.correct;
  const double accuracy = score.accuracy();
  const bool beats_old =
      accuracy > before_accuracy || (accuracy == before_accuracy && score.loss < before_loss);
  return beats_old && is_within_one_error(score, most_correct);
}

}  // namespace hone
