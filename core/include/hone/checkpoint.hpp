#pragma once
#include <cstddef>
#include <cstdint>

#include "hone/model.hpp"
#include "hone/safetensors.hpp"
#include "hone/scale.hpp"
#include "hone/span.hpp"
#include "hone/status.hpp"

namespace hone {

/// A checkpoint is one legal safetensors file. Its tensors are `<layer>.weight` and `<layer>.bias`,
/// and, for a resume, `optimizer.<layer>.weight.velocity` and `optimizer.<layer>.bias.velocity`:
/// F32, or under w16a8 mantissas, I16 of weights and I32 of the rest. Two tensors more of w16a8,
/// [3, layers], hold of each layer's output, gradient and weights the exponent in force (I8) and
/// the steps that wanted less (U8); layers are those of the program, the input among them.
/// Its metadata holds what evaluating, predicting, fine-tuning and resuming need beside them:
///
///   format      "hone 1"
///   contract    "1", the version of docs/CONTRACT.md that made the numbers
///   numeric     "f32" or "w16a8"
///   layout      kCheckpointLayout: how the axes of the tensors are ordered
///   model       the model text
///   classes     the names of the classes, one per line, in the order of the logits
///   normalise   the normalisation rule of the input
///   settings    the effective settings of the run, as text
///   step, epoch, seed   decimal, padded with zeros to 20 digits, so that the size of the file does
///               not depend on them
///
/// and after these whatever the program adds.
constexpr const char* kCheckpointFormat = "hone 1";
constexpr const char* kCheckpointContract = "1";
constexpr const char* kCheckpointLayout =
    "images NHWC; linear weight [in, out]; conv weight [kernel_h, kernel_w, in/groups, out]";

constexpr TensorName weight_name(Text layer) { return {layer, ".weight"}; }
constexpr TensorName bias_name(Text layer) { return {layer, ".bias"}; }
constexpr TensorName weight_velocity_name(Text layer) {
  return {"optimizer.", layer, ".weight.velocity"};
}
constexpr TensorName bias_velocity_name(Text layer) {
  return {"optimizer.", layer, ".bias.velocity"};
}
constexpr const char* kExponentsName = "exponents";
constexpr const char* kQuietName = "quiet";

/// Lines of a text whose lines end in '\n'; the last may lack it. An empty text has none.
std::size_t line_count(Text text);
/// Line `index` without its '\n'; empty beyond the last.
Text line_of(Text text, std::size_t index);

// Writing

struct CheckpointInfo {
  Text model, classes, normalise, settings;
  std::uint64_t step = 0, epoch = 0, seed = 0;
  Span<const MetadataEntry> extra;
  Numeric numeric = Numeric::f32;
};

/// The exact size of the file; the values of the tensors are not looked at.
/// Errors: those of safetensors_bytes.
Status checkpoint_bytes(const CheckpointInfo& info, ListOf<TensorEntry> tensors,
                        std::uint64_t& bytes);

/// Writes the file into `sink`. not_finite, before the first byte, if an F32 tensor holds NaN or
/// infinity; other errors: those of write_safetensors.
Status write_checkpoint(const CheckpointInfo& info, ListOf<TensorEntry> tensors, Sink sink);

// Reading

struct Checkpoint {
  SafetensorsHeader header;
  /// False for a file of another writer, which has tensors but not hone's metadata: the caller
  /// supplies the model, and the fields below are empty.
  bool from_hone = false;
  EscapedText model, classes, normalise, settings;
  std::uint64_t step = 0, epoch = 0, seed = 0;
  Numeric numeric = Numeric::f32;
};

/// Reads the header; `file` holds at least the bytes that SafetensorsHeader::measure tells and must
/// stay. A file counts as hone's if its metadata `format` begins with "hone ".
///   not_supported  another format version, contract, numeric or layout than above
///   bad_data       a file of hone that lacks a key or whose numbers are not numbers
///   others         those of SafetensorsHeader::parse
Status open_checkpoint(Bytes file, std::uint64_t file_bytes, Checkpoint& checkpoint,
                       SafetensorsError& error);

/// Reads out.size bytes of a file from place `at`, all or an error.
struct ByteSource {
  const void* context = nullptr;
  Status (*read)(const void* context, std::uint64_t at, Span<std::uint8_t> out) = nullptr;
};

/// A source over a file in memory; `file` must stay.
ByteSource memory_source(const Bytes& file);

/// Why a tensor did not load. `element` counts in C order and is set for not_finite, and for
/// bad_data of a tensor of integers.
struct TensorError {
  const char* expected = "";
  std::uint64_t element = 0;
};

/// Loads a tensor as float. F32 is taken as it is, F16 and BF16 are exact, F64 is rounded to
/// nearest; then each value passes the 2^-40 store floor.
///   unknown_name   no such tensor
///   not_supported  an integer or boolean tensor
///   bad_shape      another shape than `shape`, or out.size is not its number of elements
///   not_finite     NaN or infinity (or F64 beyond float)
///   io_error       whatever else the source returned is passed on as well
/// After not_finite and errors of the source, `out` holds no usable values; otherwise untouched.
Status load_tensor(const SafetensorsHeader& header, ByteSource source, const TensorName& name,
                   const TensorShape& shape, Span<float> out, TensorError& error);

/// Values of a tensor of integers, both included.
struct IntegerRange {
  std::int32_t least, most;
};
constexpr IntegerRange kWeightRange = {-32767, 32767};  ///< of weights and narrow velocities
constexpr IntegerRange kWordRange = {-0x7FFFFFFF, 0x7FFFFFFF};  ///< of biases and velocities
constexpr IntegerRange kExponentRange = {Scale::kLowest, Scale::kHighest};
constexpr IntegerRange kQuietRange = {0, Scale::kQuietSteps - 1};

/// Loads a tensor of w16a8; T is int8, uint8, int16 or int32, and the tensor must be of that type.
///   unknown_name, bad_shape, io_error   as load_tensor
///   not_supported  another type
///   bad_data       a value outside the range
/// After bad_data and errors of the source, `out` holds no usable values; otherwise untouched.
template <class T>
Status load_integers(const SafetensorsHeader& header, ByteSource source, const TensorName& name,
                     const TensorShape& shape, IntegerRange range, Span<T> out, TensorError& error);

}  // namespace hone
