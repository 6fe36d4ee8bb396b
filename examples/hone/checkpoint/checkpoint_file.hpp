#pragma once
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "examples/hone/checkpoint/checkpoint_hash.hpp"
#include "examples/hone/checkpoint/runtime_job.hpp"
#include "examples/hone/error.hpp"
#include "hone/checkpoint.hpp"
#include "hone/trainer.hpp"
#include "ports/posix/file.hpp"

namespace hone {

/// What a checkpoint says beside its tensors.
struct CheckpointText {
  std::string model, classes, normalise, settings;
  std::uint64_t step = 0, epoch = 0, seed = 0;
  std::vector<std::pair<std::string, std::string>> extra;
};

/// Key of the names of the feature columns, one a line; not there for data without them.
constexpr const char* kColumnsKey = "columns";

/// A checkpoint open for reading: its header is in memory, its tensors are read when asked for.
class CheckpointFile {
 public:
  /// `path` is a safetensors file, or a run folder, which stands for its best checkpoint.
  bool open(const std::string& path, Error* error);

  const std::string& name() const { return file_.name(); }
  bool from_hone() const { return checkpoint_.from_hone; }
  /// f32 for a file of another program.
  Numeric numeric() const { return checkpoint_.numeric; }
  const SafetensorsHeader& header() const { return checkpoint_.header; }
  const CheckpointText& text() const { return text_; }
  /// The value of a metadata key, empty if there is none.
  std::string metadata(const char* key) const;
  std::vector<std::string> classes() const;
  /// Names of the feature columns of the CSV file that it was trained on, in the order of the
  /// inputs; empty for other data.
  std::vector<std::string> columns() const;
  /// One option out of the settings text, empty if it is not there.
  std::string setting(const std::string& key) const;
  /// For load_tensor and for reading tensors piece by piece.
  ByteSource source() const { return {&file_, read}; }

  /// Loads all parameters but those of layer `except` (-1: none) and compares their SHA-256 with
  /// the one in the metadata, if all are loaded and hone wrote the file: a program that changes
  /// tensors and copies the metadata means what it writes. Where the job is in another numeric
  /// they are converted; exponents of outputs, which floats have not, are then still to be
  /// calibrated.
  bool load_weights(const RuntimeJob& job, const Trainer& to, int except, Error* error) const;
  bool load_velocity(const RuntimeJob& job, const Trainer& to, Error* error) const;

 private:
  /// Only hone pads a header so far that the tensors begin on a page.
  bool has_own_header() const { return header().data_begin() % kHeaderAlignment == 0; }
  static Status read(const void* file, std::uint64_t at, Span<std::uint8_t> out);
  bool load_layer(const RuntimeJob& job, const Trainer& to, int layer, Error* error) const;
  bool load_scales(const RuntimeJob& job, const Trainer& to, int except, Error* error) const;
  bool load_converted(const RuntimeJob& job, const Trainer& to, int except, Error* error) const;
  bool check_hash(const char* key, const std::string& found, const char* what, Error* error) const;
  bool refuse_header(const SafetensorsError& why, Status status, Error* error) const;
  bool check_metadata(Error* error) const;
  bool check_rule(Error* error) const;

  posix::InputFile file_;
  std::vector<std::uint8_t> bytes_;
  Checkpoint checkpoint_;
  CheckpointText text_;
};

/// Writes a checkpoint: complete under its name, or not at all.
bool write_checkpoint_file(const std::string& file, const CheckpointText& text,
                           const RuntimeJob& job, const Trainer& trainer, bool with_velocity,
                           Error* error);

/// Adds the hashes of the parameters, and of the scales of w16a8; for a size alone `trainer` is
/// null and they are zeros.
void add_hashes(Numeric numeric, const Trainer* trainer, CheckpointText* text);

/// The exact size of the file that this text and this job make.
bool checkpoint_file_bytes(const CheckpointText& text, const RuntimeJob& job, bool with_velocity,
                           std::uint64_t* bytes, Error* error);

/// For a message on a failed write: that the file of that name is still the old one, if there is
/// one.
std::string kept_text(const std::string& file);

/// A text without its JSON escapes.
std::string plain_text(const EscapedText& text);

}  // namespace hone
