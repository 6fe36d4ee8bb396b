#pragma once
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

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

/// Key of the SHA-256 of the parameters, which tells a damaged file.
constexpr const char* kWeightsHashKey = "weights_sha256";

/// Key of the SHA-256 of all other metadata, see metadata_hash.
constexpr const char* kMetadataHashKey = "metadata_sha256";

/// Key of the names of the feature columns, one a line; not there for data without them.
constexpr const char* kColumnsKey = "columns";

/// A checkpoint open for reading: its header is in memory, its tensors are read when asked for.
class CheckpointFile {
 public:
  /// `path` is a safetensors file, or a run folder, which stands for its best checkpoint.
  bool open(const std::string& path, Error* error);

  const std::string& name() const { return file_.name(); }
  bool from_hone() const { return checkpoint_.from_hone; }
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
  /// tensors and copies the metadata means what it writes.
  bool load_weights(const RuntimeJob& job, const Trainer& to, int except, Error* error) const;
  bool load_velocity(const RuntimeJob& job, const Trainer& to, Error* error) const;

 private:
  /// Only hone pads a header so far that the tensors begin on a page.
  bool has_own_header() const { return header().data_begin() % kHeaderAlignment == 0; }
  static Status read(const void* file, std::uint64_t at, Span<std::uint8_t> out);
  bool load(const TensorName& name, const std::string& spelt, const TensorShape& shape,
            Span<float> to, Error* error) const;
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

/// The exact size of the file that this text and this job make.
bool checkpoint_file_bytes(const CheckpointText& text, const RuntimeJob& job, bool with_velocity,
                           std::uint64_t* bytes, Error* error);

std::string weights_hash(const Trainer& trainer);
/// The same of all velocities; of no bytes without momentum.
std::string velocity_hash(const Trainer& trainer);

/// SHA-256 of all metadata but this hash itself: the pairs sorted by key, the bytes of key and of
/// value without JSON escapes, each behind its length as 8 little-endian bytes.
std::string metadata_hash(const SafetensorsHeader& header);

/// For a message on a failed write: that the file of that name is still the old one, if there is
/// one.
std::string kept_text(const std::string& file);

/// A text without its JSON escapes.
std::string plain_text(const EscapedText& text);

}  // namespace hone
