#include "examples/hone/checkpoint/checkpoint_file.hpp"

#include <map>

#include "examples/hone/data/fault_text.hpp"
#include "examples/hone/options/options.hpp"
#include "hone/normalise.hpp"
#include "hone/sha256.hpp"
#include "ports/posix/directory.hpp"

namespace hone {
namespace {

constexpr std::size_t kLengthBytes = 8;

std::string dims_text(const TensorShape& shape) {
  std::string out = "[";
  for (int i = 0; i < shape.rank; ++i) out += (i ? ", " : "") + std::to_string(shape.dim[i]);
  return out + "]";
}

std::vector<std::string> lines(const std::string& text) {
  const Text all(text.data(), text.size());
  std::vector<std::string> out(line_count(all));
  for (std::size_t i = 0; i < out.size(); ++i) {
    const Text line = line_of(all, i);
    out[i] = std::string(line.data, line.size);
  }
  return out;
}

std::string hex_digest(Sha256* hash) {
  std::uint8_t digest[Sha256::kBytes];
  hash->finish(digest);
  std::string out(2 * Sha256::kBytes, '0');
  to_hex({digest, sizeof digest}, &out[0]);
  return out;
}

void update(Sha256* hash, const std::string& text) {
  std::uint8_t length[kLengthBytes];
  std::uint64_t n = text.size();
  for (std::uint8_t& byte : length) {
    byte = static_cast<std::uint8_t>(n & 255);
    n >>= 8;
  }
  hash->update({length, sizeof length});
  hash->update({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
}

}  // namespace

std::string metadata_hash(const SafetensorsHeader& header) {
  std::map<std::string, std::string> sorted;
  EscapedText key, value;
  for (std::size_t at = 0; header.next_metadata(at, key, value);)
    sorted[plain_text(key)] = plain_text(value);
  sorted.erase(kMetadataHashKey);
  Sha256 hash;
  for (const auto& pair : sorted) {
    update(&hash, pair.first);
    update(&hash, pair.second);
  }
  return hex_digest(&hash);
}

std::string kept_text(const std::string& file) {
  return posix::kind_of(file) == posix::PathKind::missing ? "" : "; the old file is kept";
}

std::string weights_hash(const Trainer& trainer) {
  std::uint8_t digest[32];
  weights_sha256(trainer, digest);
  std::string out(64, '0');
  to_hex({digest, sizeof digest}, &out[0]);
  return out;
}

std::string velocity_hash(const Trainer& trainer) {
  Sha256 hash;
  for (int i = 1; i < trainer.program().n; ++i)
    for (const Span<float> v : {trainer.weight_velocity(i), trainer.bias_velocity(i)})
      hash.update({reinterpret_cast<const std::uint8_t*>(v.data), v.size * sizeof(float)});
  return hex_digest(&hash);
}

std::string plain_text(const EscapedText& text) {
  std::string room(text.size(), '\0');
  Text out;
  if (room.empty() || text.unescape({&room[0], room.size()}, out) != Status::ok) return {};
  return {out.data, out.size};
}

Status CheckpointFile::read(const void* file, std::uint64_t at, Span<std::uint8_t> out) {
  posix::FileError why;
  const auto& input = *static_cast<const posix::InputFile*>(file);
  return input.read_at(at, out.data, out.size, &why) ? Status::ok : Status::io_error;
}

bool CheckpointFile::refuse_header(const SafetensorsError& why, Status status, Error* error) const {
  return error->fail(
      kExitModel, file_.name() + ": byte " + std::to_string(why.byte) + ": expected " +
                      why.expected + ", found " +
                      (status == Status::bad_data ? "damaged or other bytes" : "something else") +
                      "; use an undamaged checkpoint");
}

bool CheckpointFile::open(const std::string& path, Error* error) {
  const bool is_run = posix::kind_of(path) == posix::PathKind::folder;
  const std::string name = is_run ? path + "/best.safetensors" : path;
  posix::FileError file_error;
  if (!file_.open(name, &file_error))
    return error->fail(kExitModel, file_error.text + "; expected a checkpoint or a run folder");
  SafetensorsError why;
  std::uint8_t length[kLengthBytes] = {};
  const std::size_t first =
      file_.size() < kLengthBytes ? static_cast<std::size_t>(file_.size()) : kLengthBytes;
  if (!file_.read_at(0, length, first, &file_error))
    return error->fail(kExitModel, file_error.text);
  std::size_t header_bytes = 0;
  Status s = SafetensorsHeader::measure({length, first}, file_.size(), header_bytes, why);
  if (s != Status::ok) return refuse_header(why, s, error);
  if (header_bytes > file_.size())
    return error->fail(kExitModel, name + ": expected a header of " + std::to_string(header_bytes) +
                                       " bytes, found a file of " + std::to_string(file_.size()) +
                                       "; use an undamaged checkpoint");
  bytes_.resize(header_bytes);
  if (!file_.read_at(0, bytes_.data(), header_bytes, &file_error))
    return error->fail(kExitModel, file_error.text);
  s = open_checkpoint({bytes_.data(), bytes_.size()}, file_.size(), checkpoint_, why);
  if (s != Status::ok) return refuse_header(why, s, error);
  text_ = {plain_text(checkpoint_.model),
           plain_text(checkpoint_.classes),
           plain_text(checkpoint_.normalise),
           plain_text(checkpoint_.settings),
           checkpoint_.step,
           checkpoint_.epoch,
           checkpoint_.seed,
           {}};
  return check_metadata(error) && check_rule(error);
}

/// Another writer of a file that begins like one of hone may leave both hashes out.
bool CheckpointFile::check_metadata(Error* error) const {
  const std::string expected = metadata(kMetadataHashKey);
  if (!has_own_header() || (expected.empty() && metadata(kWeightsHashKey).empty())) return true;
  const std::string found = metadata_hash(header());
  if (found == expected) return true;
  return error->fail(kExitModel, name() + ": byte 8: expected metadata with sha256 " +
                                     (expected.empty() ? "(none given)" : expected) + ", found " +
                                     found + "; use an undamaged checkpoint");
}

bool CheckpointFile::check_rule(Error* error) const {
  if (text_.normalise.empty()) return true;
  const Text rule(text_.normalise.data(), text_.normalise.size());
  std::vector<double> room(2 * count_columns(rule));
  Normalisation read;
  DataFault fault;
  const Status s = parse_normalisation(rule, {room.data(), room.size()}, &read, &fault);
  if (s == Status::ok && read.known) return true;
  return error->fail(kExitModel, name() + ": normalise: expected a rule with its numbers, found '" +
                                     printable(rule) + "'; use an undamaged checkpoint");
}

std::string CheckpointFile::metadata(const char* key) const {
  EscapedText value;
  return header().find_metadata(key, value) ? plain_text(value) : "";
}

std::vector<std::string> CheckpointFile::classes() const { return lines(text_.classes); }

std::vector<std::string> CheckpointFile::columns() const { return lines(metadata(kColumnsKey)); }

std::string CheckpointFile::setting(const std::string& key) const {
  const Text all(text_.settings.data(), text_.settings.size());
  const std::string begin = key + " = ";
  for (std::size_t i = 0; i < line_count(all); ++i) {
    const Text line = line_of(all, i);
    const std::string text(line.data, line.size);
    if (text.compare(0, begin.size(), begin) == 0) return setting_value(text.substr(begin.size()));
  }
  return "";
}

bool CheckpointFile::load(const TensorName& name, const std::string& spelt,
                          const TensorShape& shape, Span<float> to, Error* error) const {
  TensorError why;
  const Status s = load_tensor(header(), source(), name, shape, to, why);
  if (s == Status::ok) return true;
  const std::string tensor = this->name() + ": tensor " + spelt;
  TensorInfo info;
  const bool found = header().find(name, info);
  const std::string at = found ? ", byte " + std::to_string(info.begin) : "";
  if (s == Status::unknown_name)
    return error->fail(kExitModel, tensor +
                                       ": expected it for this model, found none; this is the "
                                       "checkpoint of another model");
  if (s == Status::bad_shape)
    return error->fail(kExitModel, tensor + at + ": expected shape " + dims_text(shape) +
                                       ", found " + dims_text(info.shape) +
                                       "; this is the checkpoint of another model");
  if (s == Status::not_finite)
    return error->fail(kExitModel,
                       tensor + ", byte " +
                           std::to_string(info.begin + why.element * dtype_bytes(info.dtype)) +
                           ": expected finite numbers, found NaN or infinity; use an undamaged "
                           "checkpoint");
  if (s == Status::io_error)
    return error->fail(kExitModel, tensor + at + ": expected " +
                                       std::to_string(info.end - info.begin) +
                                       " readable bytes, found fewer; use an undamaged checkpoint");
  return error->fail(kExitModel, tensor + at + ": expected floats, found " + to_string(info.dtype) +
                                     "; convert the tensor");
}

bool CheckpointFile::load_weights(const RuntimeJob& job, const Trainer& to, int except,
                                  Error* error) const {
  for (int i = 0; i < job.layers(); ++i) {
    const LayerShape& shape = job.layer(i).shape;
    if (shape.weights == 0 || i == except) continue;
    const Name name = name_of(job.model().view(), i);
    const std::string spelt = name.chars;
    if (!load(weight_name(name.text()), spelt + ".weight",
              weight_shape(job.model().layer(i), shape), to.weights(i), error))
      return false;
    TensorShape bias;
    bias.rank = 1;
    bias.dim[0] = shape.biases;
    if (shape.biases && !load(bias_name(name.text()), spelt + ".bias", bias, to.biases(i), error))
      return false;
  }
  const std::string expected = metadata(kWeightsHashKey);
  if (expected.empty() || except >= 0 || !has_own_header()) return true;
  const std::string found = weights_hash(to);
  if (found == expected) return true;
  return error->fail(kExitModel, name() + ": byte " + std::to_string(header().data_begin()) +
                                     ": expected tensors with sha256 " + expected + ", found " +
                                     found + "; use an undamaged checkpoint");
}

bool CheckpointFile::load_velocity(const RuntimeJob& job, const Trainer& to, Error* error) const {
  for (int i = 0; i < job.layers(); ++i) {
    const Name name = name_of(job.model().view(), i);
    const std::string spelt = std::string("optimizer.") + name.chars;
    const Span<float> w = to.weight_velocity(i), b = to.bias_velocity(i);
    const LayerShape& shape = job.layer(i).shape;
    TensorShape bias;
    bias.rank = 1;
    bias.dim[0] = shape.biases;
    if (w.size && !load(weight_velocity_name(name.text()), spelt + ".weight.velocity",
                        weight_shape(job.model().layer(i), shape), w, error))
      return false;
    if (b.size && !load(bias_velocity_name(name.text()), spelt + ".bias.velocity", bias, b, error))
      return false;
  }
  return true;
}

}  // namespace hone
