#pragma once
#include <cstdint>

namespace hone {

/// Loss and hits of a part.
struct PartScore {
  double loss = 0;  ///< mean
  std::uint64_t correct = 0, samples = 0;

  double accuracy() const {
    return samples ? static_cast<double>(correct) / static_cast<double>(samples) : 0.0;
  }
};

/// Which epoch a run keeps: the latest whose validation accuracy is within one standard error,
/// sqrt(p (1 - p) / samples), of the highest p so far, or within one sample where that is more.
/// Of epochs that the validation part cannot tell apart the most trained wins, not the luckiest
/// (the one-standard-error rule: L. Breiman et al., Classification and Regression Trees, 1984).
/// The epoch of a fine-tuning must also beat the model that it began with: a higher accuracy, or
/// the same with a lower loss.
struct Selection {
  std::uint64_t most_correct = 0;  ///< of all epochs so far and of the model before them
  double before_accuracy = -1;     ///< of that model; -1: there is none
  double before_loss = 0;

  /// The model that a fine-tuning begins with.
  void begin(const PartScore& score);
  /// Takes the score of the next epoch; true if this epoch is to be kept.
  bool keeps(const PartScore& score);
};

}  // namespace hone
