#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "examples/hone/error.hpp"
#include "examples/hone/training/selection.hpp"
#include "ports/posix/file.hpp"

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

  bool has_kept = false;
  std::uint64_t kept_epoch = 0;  ///< 0: the model that a fine-tuning started from
  double kept_accuracy = 0;
  Selection selection;                             ///< what decides it
  double first_loss = 0;                           ///< of the first epoch
  double train_loss = 0, validation_accuracy = 0;  ///< of the last finished epoch
  std::string kept_hash;                           ///< of best.safetensors
  std::string data_hash;                           ///< of the data set, see data_identity

  /// Bits as hexadecimal words, always of the same length.
  std::string text() const;
  bool parse(const std::string& text);
  /// True for numbers that a run of so many steps an epoch can have after `steps` steps.
  bool fits(std::uint64_t steps, std::uint64_t steps_per_epoch) const;
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

  /// Before a fresh run: refuses a folder that holds a run or its results, or that another process
  /// is at work in.
  bool claim(Error* error);
  /// Refuses the folder that holds the checkpoint `base`.
  bool refuse_base(const std::string& base, Error* error) const;
  /// Refuses a folder inside the folders of classes that `data` (--data) names.
  bool refuse_in_data(const std::string& data, Error* error) const;
  /// Makes the folder, keeps other processes out of it, and writes the settings.
  bool create(const std::string& settings_text, Error* error);
  /// Undoes create() and all that the run has written since, for a run with nothing to go on from.
  void remove();

  /// Keeps other processes out of the folder of a run that is resumed.
  bool lock(Error* error);
  bool read_settings(std::string* text, Error* error) const;

  /// Adds a row to results.csv.
  bool add_result(const std::string& row, Error* error);
  /// Reads results.csv and drops what is beyond the first `rows` rows.
  bool read_results(std::uint64_t rows, Error* error);

 private:
  bool write_results(Error* error);

  std::string path_;
  std::string results_text_;
  posix::FolderLock lock_;
  // What create() found missing, for remove().
  bool made_folder_ = false, made_settings_ = false, is_new_ = false;
};

}  // namespace hone
