#include "examples/hone/checkpoint/checkpoint_file.hpp"
#include "hone/sha256.hpp"

namespace hone {
namespace {

Text as_text(const std::string& s) { return {s.data(), s.size()}; }

/// The tensors of a job in model order, weight before bias, and after them the velocities, and the
/// scales of w16a8. Without a trainer they have sizes only.
class TensorList {
 public:
  TensorList(const RuntimeJob& job, const Trainer* trainer, bool with_velocity) {
    const int n = job.layers();
    names_.resize(static_cast<std::size_t>(n));
    for (int i = 0; i < n; ++i)
      names_[static_cast<std::size_t>(i)] = name_of(job.model().view(), i);
    for (int velocity = 0; velocity <= (with_velocity ? 1 : 0); ++velocity)
      for (int i = 0; i < n; ++i) add_layer(job, trainer, i, velocity == 1);
    if (job.model().numeric() == Numeric::w16a8) add_scales(n, trainer);
  }
  TensorList(const TensorList&) = delete;
  TensorList& operator=(const TensorList&) = delete;
  Span<const TensorEntry> entries() const { return {entries_.data(), entries_.size()}; }

 private:
  void add_layer(const RuntimeJob& job, const Trainer* trainer, int i, bool velocity) {
    const LayerPlan& layer = job.layer(i);
    const Text name = names_[static_cast<std::size_t>(i)].text();
    const bool has_velocity = layer.trained && job.view().program.has_momentum;
    if (layer.shape.weights == 0 || (velocity && !has_velocity)) return;
    const TensorShape dims = weight_shape(job.model().layer(i), layer.shape);
    TensorShape bias;
    bias.rank = 1;
    bias.dim[0] = layer.shape.biases;
    const TensorName w = velocity ? weight_velocity_name(name) : weight_name(name);
    const TensorName b = velocity ? bias_velocity_name(name) : bias_name(name);
    const std::size_t weights = layer.shape.weights, biases = layer.shape.biases;
    if (job.model().numeric() == Numeric::f32) {
      add(w, dims, weights, trainer, velocity ? &Trainer::weight_velocity : &Trainer::weights, i);
      add(b, bias, biases, trainer, velocity ? &Trainer::bias_velocity : &Trainer::biases, i);
      return;
    }
    if (velocity && job.view().program.velocity16)
      add(w, dims, weights, trainer, &Trainer::weight_velocity16_mantissas, i);
    else if (velocity)
      add(w, dims, weights, trainer, &Trainer::weight_velocity_mantissas, i);
    else
      add(w, dims, weights, trainer, &Trainer::weight_mantissas, i);
    add(b, bias, biases, trainer,
        velocity ? &Trainer::bias_velocity_mantissas : &Trainer::bias_mantissas, i);
  }
  static TensorEntry entry(const TensorName& name, const TensorShape& shape, Span<const float> v) {
    return f32_entry(name, shape, v);
  }
  template <class T>
  static TensorEntry entry(const TensorName& name, const TensorShape& shape, Span<const T> v) {
    return integer_entry(name, shape, v);
  }
  /// A tensor of n values, which the trainer shows by `of`; none of no values.
  template <class T>
  void add(const TensorName& name, const TensorShape& shape, std::size_t n, const Trainer* trainer,
           Span<T> (Trainer::*of)(int) const, int layer) {
    const Span<const T> values =
        trainer ? Span<const T>((trainer->*of)(layer)) : Span<const T>(nullptr, n);
    if (n > 0) entries_.push_back(entry(name, shape, values));
  }
  void add_scales(int layers, const Trainer* trainer) {
    const auto n = static_cast<std::size_t>(layers);
    TensorShape shape;
    shape.rank = 2;
    shape.dim[0] = kScalesPerLayer;
    shape.dim[1] = n;
    if (trainer) scales_ = StoredScales(*trainer);
    entries_.push_back(entry(kExponentsName, shape,
                             Span<const std::int8_t>(scales_.e.data(), kScalesPerLayer * n)));
    entries_.push_back(entry(kQuietName, shape,
                             Span<const std::uint8_t>(scales_.quiet.data(), kScalesPerLayer * n)));
  }

  std::vector<Name> names_;
  StoredScales scales_;
  std::vector<TensorEntry> entries_;
};

/// What the file will say, with the hash of all that in its place.
class InfoOf {
 public:
  InfoOf(const CheckpointText& text, Numeric numeric) : hash_(2 * Sha256::kBytes, '0') {
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
             {extra_.data(), extra_.size()},
             numeric};
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

void add_hashes(Numeric numeric, const Trainer* trainer, CheckpointText* text) {
  const std::string none(2 * Sha256::kBytes, '0');
  text->extra.push_back({kWeightsHashKey, trainer ? weights_hash(*trainer) : none});
  if (numeric == Numeric::w16a8)
    text->extra.push_back({kScalesHashKey, trainer ? scales_hash(*trainer) : none});
}

bool checkpoint_file_bytes(const CheckpointText& text, const RuntimeJob& job, bool with_velocity,
                           std::uint64_t* bytes, Error* error) {
  const TensorList tensors(job, nullptr, with_velocity);
  const InfoOf info(text, job.model().numeric());
  const Status s = checkpoint_bytes(info.info(), tensors.entries(), *bytes);
  return s == Status::ok || refuse("checkpoint", s, error);
}

bool write_checkpoint_file(const std::string& file, const CheckpointText& text,
                           const RuntimeJob& job, const Trainer& trainer, bool with_velocity,
                           Error* error) {
  const TensorList tensors(job, &trainer, with_velocity);
  InfoOf info(text, job.model().numeric());
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
