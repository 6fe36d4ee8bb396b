#include <map>

#include "examples/hone/data/fault_text.hpp"
#include "examples/hone/data/image_file.hpp"
#include "examples/hone/data/sample_source.hpp"
#include "hone/idx.hpp"
#include "ports/posix/file.hpp"

namespace hone {
namespace {

/// Opens an IDX file and reads its header.
bool open_view(const std::string& name, posix::InputFile* file, IdxView* view, Error* error) {
  if (ends_with(name, ".gz")) return refuse_gz(name, error);
  posix::FileError file_error;
  if (!file->open(name, &file_error)) return error->fail(kExitData, file_error.text);
  std::uint8_t head[kMaxIdxHeaderBytes];
  const std::size_t n =
      file->size() < sizeof head ? static_cast<std::size_t>(file->size()) : sizeof head;
  if (!file->read_at(0, head, n, &file_error)) return error->fail(kExitData, file_error.text);
  DataFault fault;
  if (parse_idx({head, n}, file->size(), view, &fault) != Status::ok)
    return error->fail(kExitData, name + ": " + fault_text(fault) + "; fetch the file again");
  return true;
}

class IdxSource : public SampleSource {
 public:
  explicit IdxSource(ImageShape shape) : shape_(shape) {}

  bool open(const std::string& data, const std::string& labels, Error* error);
  ImageShape shape() const { return shape_; }
  bool is_images() const override { return view_.is_images(); }
  bool is_exact() const override {
    return view_.type == IdxType::u8 || view_.type == IdxType::i8 || view_.type == IdxType::i16;
  }
  std::string name(std::size_t i) const override {
    return data_.name() + ", sample " + std::to_string(i);
  }
  bool read(std::size_t i, SampleRoom to, Error* error) override;

 private:
  bool read_labels(const std::string& name, Error* error);
  bool add_label(std::int64_t value, Error* error);
  bool read_pixels(std::uint8_t* pixels, Error* error);
  bool read_features(std::size_t i, double* features, Error* error) const;

  ImageShape shape_;
  posix::InputFile data_;
  IdxView view_;
  std::map<std::int64_t, std::uint16_t> index_of_label_;
  std::vector<std::uint8_t> item_, scratch_;
};

bool IdxSource::add_label(std::int64_t value, Error* error) {
  const auto found =
      index_of_label_.emplace(value, static_cast<std::uint16_t>(label_names_.size()));
  if (found.second) {
    if (label_names_.size() == kMaxClasses)
      return error->fail(kExitData, "expected at most 65535 different labels, found more");
    label_names_.push_back(std::to_string(value));
  }
  labels_.push_back(found.first->second);
  return true;
}

bool IdxSource::read_labels(const std::string& name, Error* error) {
  posix::InputFile file;
  IdxView view;
  if (!open_view(name, &file, &view, error)) return false;
  if (view.rank != 1 || view.type == IdxType::f32 || view.type == IdxType::f64)
    return error->fail(
        kExitData, name + ": expected integer labels in 1 dimension, found " +
                       (view.rank == 1 ? "decimals" : std::to_string(view.rank) + " dimensions") +
                       "; name the files as DATA,LABELS");
  if (view.dim[0] != view_.dim[0])
    return error->fail(kExitData, name + ": expected " + std::to_string(view_.dim[0]) +
                                      " labels as " + data_.name() + " has samples, found " +
                                      std::to_string(view.dim[0]));
  labels_.reserve(view.dim[0]);
  std::uint8_t block[4096];
  const std::size_t per_block = sizeof block / view.item_bytes;
  for (std::size_t at = 0; at < view.dim[0]; at += per_block) {
    const std::size_t n = view.dim[0] - at < per_block ? view.dim[0] - at : per_block;
    posix::FileError file_error;
    if (!file.read_at(view.header_bytes + at * view.item_bytes, block, n * view.item_bytes,
                      &file_error))
      return error->fail(kExitData, file_error.text);
    for (std::size_t i = 0; i < n; ++i) {
      if (add_label(static_cast<std::int64_t>(idx_value(view.type, block, i)), error)) continue;
      error->text = name + ": " + error->text;
      return false;
    }
  }
  return true;
}

bool IdxSource::open(const std::string& data, const std::string& labels, Error* error) {
  numeric_labels_ = true;
  if (!open_view(data, &data_, &view_, error)) return false;
  if (!view_.is_images() && view_.item_elements != shape_.size())
    return refuse_feature_count(data, view_.item_elements, shape_, error);
  // A flat input that has a place for every pixel takes the image as it is, row after row.
  const bool flat = shape_.height == 1 && shape_.width == 1 && view_.rank == 3;
  if (view_.is_images() && flat && view_.item_elements == shape_.size())
    shape_ = {view_.dim[1], view_.dim[2], 1};
  return read_labels(labels, error);
}

bool IdxSource::read_pixels(std::uint8_t* pixels, Error* error) {
  ImageView image;
  image.file = {item_.data(), item_.size()};
  image.height = view_.dim[1];
  image.width = view_.dim[2];
  image.format = view_.rank == 4 && view_.dim[3] == 3 ? PixelFormat::rgb8 : PixelFormat::grey8;
  image.row_bytes = static_cast<std::ptrdiff_t>(view_.item_bytes / image.height);
  scratch_.resize(image_scratch_bytes(image, shape_));
  DataFault fault;
  const Status s = read_image(image, shape_, {pixels, shape_.size()},
                              {scratch_.data(), scratch_.size()}, &fault);
  if (s == Status::ok) return true;
  return error->fail(kExitModel, data_.name() +
                                     ": the model's input is not an image: expected 1 "
                                     "or 3 channels, found " +
                                     std::to_string(shape_.channels));
}

bool IdxSource::read_features(std::size_t i, double* features, Error* error) const {
  for (std::size_t k = 0; k < view_.item_elements; ++k) {
    features[k] = idx_value(view_.type, item_.data(), k);
    if (features[k] - features[k] == 0.0) continue;  // false for NaN and infinity
    const std::uint64_t byte = view_.header_bytes + i * std::uint64_t{view_.item_bytes} +
                               k * idx_element_bytes(view_.type);
    return error->fail(kExitData, data_.name() + ": byte " + std::to_string(byte) +
                                      ": expected a finite number, found NaN or infinity; "
                                      "correct the value or remove the sample");
  }
  return true;
}

bool IdxSource::read(std::size_t i, SampleRoom to, Error* error) {
  item_.resize(view_.item_bytes);
  posix::FileError file_error;
  if (!data_.read_at(view_.header_bytes + i * std::uint64_t{view_.item_bytes}, item_.data(),
                     item_.size(), &file_error))
    return error->fail(kExitData, file_error.text);
  return is_images() ? read_pixels(to.pixels, error) : read_features(i, to.features, error);
}

}  // namespace

std::unique_ptr<SampleSource> open_idx(const std::string& data, const std::string& labels,
                                       ImageShape* shape, Error* error) {
  auto source = std::make_unique<IdxSource>(*shape);
  if (!source->open(data, labels, error)) return nullptr;
  *shape = source->shape();
  return source;
}

bool refuse_feature_count(const std::string& file, std::size_t found, ImageShape shape,
                          Error* error) {
  return error->fail(kExitModel, file + ": expected " + std::to_string(shape.size()) +
                                     " values a sample as the model's input has, found " +
                                     std::to_string(found) + "; begin the model with: input 1x1x" +
                                     std::to_string(found));
}

}  // namespace hone
