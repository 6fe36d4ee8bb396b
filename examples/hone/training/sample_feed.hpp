#pragma once
#include <optional>
#include <vector>

#include "examples/hone/data/dataset.hpp"
#include "examples/hone/training/selection.hpp"
#include "hone/program.hpp"
#include "hone/trainer.hpp"

namespace hone {

/// Feeds a trainer with samples of one part of a data set.
struct SampleFeed {
  Dataset* data = nullptr;
  const ProgramView* program = nullptr;
  Error* error = nullptr;  ///< why fill() returned io_error
  Part part = Part::train;
  const std::vector<std::uint32_t>* order = nullptr;  ///< null: as they come
  std::size_t begin = 0;                              ///< of the batch
  std::optional<std::uint64_t> epoch;                 ///< for augmentation

  /// Sample i of the batch as its place in the part.
  std::size_t place(std::size_t i) const { return order ? (*order)[begin + i] : begin + i; }
  /// A FillSamples function; the context is a SampleFeed.
  static Status fill(void* context, std::uint32_t first, std::uint32_t n, const Samples& to);
};

/// Evaluates a whole part in pieces of the program's micro-batch. Returns false after an error, or
/// if the user interrupted it, with exit code kExitInterrupted and no text.
bool score_part(Dataset* data, Part part, Trainer* trainer, PartScore* score, Error* error);

/// For floats that became w16a8: finds the exponents of the outputs with a few hundred samples of
/// the training part, drawn by the seed.
bool calibrate_outputs(Dataset* data, std::uint64_t seed, Trainer* trainer, Error* error);

}  // namespace hone
