#include "examples/hone/checkpoint/checkpoint_file.hpp"
#include "hone/sha256.hpp"

namespace hone {
namespace {

Text as_text(const std::string& s) { return {s.data(), s.size()}; }

/// The tensors of a job in model order, weight before bias, and after them the velocities. Without
/// a trainer they have sizes only.
class TensorList {
 public:
  TensorList(const RuntimeJob& job, const Trainer* trainer, bool with_velocity) {
    const int n = job.layers();
    names_.resize(static_cast<std::size_t>(n));
    for (int i = 0; i < n; ++i)
      names_[static_cast<std::size_t>(i)] = name_of(job.model().view(), i);
    for (int velocity = 0; velocity <= (with_velocity ? 1 : 0); ++velocity)
      for (int i = 0; i < n; ++i) add_layer(job, trainer, i, velocity == 1);
  }
  Span<const TensorEntry> entries() const { return {entries_.data(), entries_.size()}; }

 private:
  void add_layer(const RuntimeJob& job, const Trainer* trainer, int i, bool velocity) {
    const LayerPlan& layer = job.layer(i);
    const Text name = names_[static_cast<std::size_t>(i)].text();
    const bool has_velocity = layer.trained && job.view().program.has_momentum;
    if (layer.shape.weights == 0 || (velocity && !has_velocity)) return;
    Span<float> w{nullptr, layer.shape.weights}, b{nullptr, layer.shape.biases};
    if (trainer) {
      w = velocity ? trainer->weight_velocity(i) : trainer->weights(i);
      b = velocity ? trainer->bias_velocity(i) : trainer->biases(i);
    }
    TensorShape bias;
    bias.rank = 1;
    bias.dim[0] = layer.shape.biases;
    entries_.push_back(f32_entry(velocity ? weight_velocity_name(name) : weight_name(name),
                                 weight_shape(job.model().layer(i), layer.shape), w));
    if (layer.shape.biases)
      entries_.push_back(f32_entry(velocity ? bias_velocity_name(name) : bias_name(name), bias, b));
  }

  std::vector<Name> names_;
  std::vector<TensorEntry> entries_;
};

/// What the file will say, with the hash of all that in its place.
class InfoOf {
 public:
  explicit InfoOf(const CheckpointText& text) : hash_(2 * Sha256::kBytes, '0') {
    for (const auto& pair : text.extra)
      extra_.push_back({as_text(pair.first), as_text(pair.second)});
    extra_.push_back({kMetadataHashKey, as_text(hash_)});
    info_ = {as_text(text.model),
             as_text(text.classes),
             as_text(text.normalise),
             as_text(text.settings),
             text.step,
             text.epoch,
             text.seed,
             {extra_.data(), extra_.size()}};
  }
  InfoOf(const InfoOf&) = delete;
  InfoOf& operator=(const InfoOf&) = delete;
  const CheckpointInfo& info() const { return info_; }

  /// Takes the hash from what a reader of the file will find.
  Status hash_metadata() {
    std::vector<std::uint8_t> bytes;
    Checkpoint read;
    SafetensorsError why;
    Status s = write_checkpoint(info_, {}, {&bytes, append});
    if (s == Status::ok) s = open_checkpoint({bytes.data(), bytes.size()}, bytes.size(), read, why);
    if (s == Status::ok) metadata_hash(read.header).copy(&hash_[0], hash_.size());
    return s;
  }

 private:
  static Status append(void* context, Bytes bytes) {
    auto& out = *static_cast<std::vector<std::uint8_t>*>(context);
    out.insert(out.end(), bytes.data, bytes.data + bytes.size);
    return Status::ok;
  }

  std::string hash_;
  std::vector<MetadataEntry> extra_;
  CheckpointInfo info_;
};

struct FileSink {
  posix::AtomicFile file;
  posix::FileError why;

  static Status write(void* context, Bytes bytes) {
    FileSink& self = *static_cast<FileSink*>(context);
    return self.file.write(bytes.data, bytes.size, &self.why) ? Status::ok : Status::io_error;
  }
};

bool refuse(const std::string& file, Status s, Error* error) {
  if (s == Status::not_finite)
    return error->fail(kExitDiverged, file +
                                          ": expected finite weights, found NaN or infinity; "
                                          "it is not written" +
                                          kept_text(file));
  if (s == Status::bad_argument)
    return error->fail(kExitModel, file +
                                       ": expected class names, settings and layers in UTF-8 "
                                       "and different from one another, found others");
  return error->fail(kExitModel, file +
                                     ": expected a model and class names within the limits of "
                                     "a checkpoint (1 MiB of text, 1024 tensors), found more");
}

}  // namespace

bool checkpoint_file_bytes(const CheckpointText& text, const RuntimeJob& job, bool with_velocity,
                           std::uint64_t* bytes, Error* error) {
  const TensorList tensors(job, nullptr, with_velocity);
  const InfoOf info(text);
  const Status s = checkpoint_bytes(info.info(), tensors.entries(), *bytes);
  return s == Status::ok || refuse("checkpoint", s, error);
}

bool write_checkpoint_file(const std::string& file, const CheckpointText& text,
                           const RuntimeJob& job, const Trainer& trainer, bool with_velocity,
                           Error* error) {
  const TensorList tensors(job, &trainer, with_velocity);
  InfoOf info(text);
  Status s = info.hash_metadata();
  if (s != Status::ok) return refuse(file, s, error);
  FileSink sink;
  if (!sink.file.open(file, &sink.why)) return error->fail(kExitStorage, sink.why.text);
  s = write_checkpoint(info.info(), tensors.entries(), {&sink, FileSink::write});
  if (s == Status::io_error) return error->fail(kExitStorage, sink.why.text + kept_text(file));
  if (s != Status::ok) return refuse(file, s, error);
  if (sink.file.commit(&sink.why)) return true;
  return error->fail(kExitStorage, sink.why.text + kept_text(file));
}

}  // namespace hone
