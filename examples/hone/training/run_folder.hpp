#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "examples/hone/error.hpp"

namespace hone {

/// Keys of `last` for a resume: the place of the run, and the SHA-256 of the velocity.
constexpr const char* kStateKey = "run_state";
constexpr const char* kVelocityHashKey = "velocity_sha256";

/// Where a run is, besides its weights: all that a resumed run needs to end in the same bits.
struct RunState {
  std::uint64_t epoch = 0;  ///< finished
  std::uint64_t place = 0;  ///< optimizer steps done in the epoch after these
  double loss_sum = 0;      ///< of the samples of these steps
  std::uint64_t correct = 0, seen = 0;
  std::uint64_t training_samples = 0;

  bool has_best = false;
  std::uint64_t best_epoch = 0;  ///< 0: the model that a fine-tuning started from
  double best_accuracy = 0, best_loss = 0;
  double before_accuracy = -1;                     ///< of that model; -1: not measured
  double first_loss = 0;                           ///< of the first epoch
  double train_loss = 0, validation_accuracy = 0;  ///< of the last finished epoch
  std::string best_hash;                           ///< sha256 of the best weights

  /// Bits as hexadecimal words, always of the same length.
  std::string text() const;
  bool parse(const std::string& text);
};

/// The folder of a run: settings.txt, results.csv, best.safetensors and last.safetensors.
class RunFolder {
 public:
  explicit RunFolder(const std::string& path) : path_(path) {}

  const std::string& path() const { return path_; }
  std::string settings() const { return path_ + "/settings.txt"; }
  std::string results() const { return path_ + "/results.csv"; }
  std::string best() const { return path_ + "/best.safetensors"; }
  std::string last() const { return path_ + "/last.safetensors"; }

  /// Makes the folder of a fresh run and writes its settings; refuses one that holds a run.
  bool create(const std::string& settings_text, Error* error);
  bool refuse_existing(Error* error) const;
  bool read_settings(std::string* text, Error* error) const;

  /// Adds a row to results.csv.
  bool add_result(const std::string& row, Error* error);
  /// Reads results.csv and drops what is beyond the first `rows` rows.
  bool read_results(std::uint64_t rows, Error* error);

 private:
  bool write_results(Error* error);

  std::string path_;
  std::string results_text_;
};

}  // namespace hone
