#include "examples/hone/data/dataset.hpp"

#include <algorithm>
#include <cstring>

#include "examples/hone/data/fault_text.hpp"
#include "hone/sampler.hpp"

namespace hone {
namespace {

constexpr Part kAllParts[kParts] = {Part::train, Part::validation, Part::test};

/// The first class names, for a message.
std::string some_of(const std::vector<std::string>& names) {
  std::string out;
  for (std::size_t i = 0; i < names.size() && i < 8; ++i) out += (i ? ", " : "") + names[i];
  return names.size() > 8 ? out + ", ..." : out;
}

bool less_as_number(const std::string& a, const std::string& b) {
  const bool a_negative = a[0] == '-', b_negative = b[0] == '-';
  if (a_negative != b_negative) return a_negative;
  const bool less = a.size() != b.size() ? a.size() < b.size() : a < b;
  return a_negative ? !less && a != b : less;
}

/// Writes 0..n-1.
void count_up(std::size_t n, std::vector<std::uint32_t>* out) {
  out->resize(n);
  for (std::size_t i = 0; i < n; ++i) (*out)[i] = static_cast<std::uint32_t>(i);
}

}  // namespace

int Dataset::source_of(Part part) const {
  // Without a val part, validation samples are some of the training source.
  if (part == Part::validation && !source_[static_cast<int>(part)])
    return static_cast<int>(Part::train);
  return static_cast<int>(part);
}

std::uint32_t Dataset::label(Part part, std::size_t i) const {
  return source_[source_of(part)]->label(samples_of(part)[i]);
}

std::string Dataset::name(Part part, std::size_t i) const {
  return source_[source_of(part)]->name(samples_of(part)[i]);
}

bool Dataset::open_source(const PartFiles& files, int part, Error* error) {
  std::unique_ptr<SampleSource>& source = source_[part];
  switch (layout_.kind) {
    case DataKind::image_folders:
      source = open_image_folder(files.data, options_.shape, error);
      break;
    case DataKind::idx:
      source = open_idx(files.data, files.labels, &options_.shape, error);
      break;
    case DataKind::csv:
      source = open_csv(files.data, options_.label, options_.shape, &features_of_table_, error);
      break;
  }
  if (!source) return false;
  is_images_ = source->is_images();
  if (!is_images_ || options_.shape.channels == 1 || options_.shape.channels == 3) return true;
  return error->fail(kExitModel, files.data +
                                     ": expected a model input of 1 or 3 channels for "
                                     "images, found " +
                                     std::to_string(options_.shape.channels) +
                                     "; begin the model with: input HEIGHTxWIDTHx1 | flatten");
}

bool Dataset::open_sources(Error* error) {
  if (!find_layout(options_.path, &layout_, error)) return false;
  const bool is_table = layout_.kind == DataKind::csv;
  if (!options_.label.empty() && !is_table)
    return error->fail(kExitUsage, "--label: expected a CSV file, found " + options_.path +
                                       " with labels of its own; leave --label out");
  if (options_.label.empty()) options_.label = options_.default_label;
  if (is_table) features_of_table_ = options_.columns;
  if (options_.evaluation) {
    if (layout_.undivided) std::swap(layout_[Part::train], layout_[Part::test]);
    layout_[Part::train] = layout_[Part::validation] = PartFiles{};
  }
  const Part needed = options_.evaluation ? Part::test : Part::train;
  if (!layout_[needed].exists())
    return error->fail(kExitData, options_.path + ": expected a " +
                                      (options_.evaluation ? "test" : "train") +
                                      " part, found none");
  for (int p = 0; p < kParts; ++p)
    if (layout_.part[p].exists() && !open_source(layout_.part[p], p, error)) return false;
  for (int p = 0; p < kParts; ++p)
    if (source_[p] && source_[p]->is_images() != is_images_)
      return error->fail(kExitData, layout_.part[p].data +
                                        ": expected the same kind of samples "
                                        "in all parts, found another");
  return true;
}

bool Dataset::choose_classes(Error* error) {
  classes_ = options_.classes;
  if (classes_.empty()) {
    const SampleSource& source =
        *source_[static_cast<int>(options_.evaluation ? Part::test : Part::train)];
    classes_ = source.label_names();
    if (source.numeric_labels())
      std::sort(classes_.begin(), classes_.end(), less_as_number);
    else
      std::sort(classes_.begin(), classes_.end());
    if (classes_.size() < 2)
      return error->fail(kExitData, options_.path + ": expected at least 2 classes, found " +
                                        some_of(classes_) + " only; add the other classes");
  }
  for (const std::unique_ptr<SampleSource>& source : source_)
    if (source && !map_labels(source.get(), error)) return false;
  return true;
}

/// Makes the labels of a source places in classes_.
bool Dataset::map_labels(SampleSource* source, Error* error) const {
  const std::vector<std::string>& names = source->label_names();
  std::vector<std::uint16_t> to(names.size());
  for (std::size_t n = 0; n < names.size(); ++n) {
    const auto found = std::find(classes_.begin(), classes_.end(), names[n]);
    if (found == classes_.end()) {
      std::size_t i = 0;
      while (source->label(i) != n) ++i;
      return error->fail(kExitData, source->name(i) +
                                        ": label outside the classes: expected one "
                                        "of " +
                                        some_of(classes_) + ", found '" +
                                        printable({names[n].data(), names[n].size()}) +
                                        "'; rename or remove it");
    }
    to[n] = static_cast<std::uint16_t>(found - classes_.begin());
  }
  source->remap(to);
  return true;
}

/// Divides the training source by class into training and validation samples.
bool Dataset::split_training(Error* error) {
  const SampleSource& source = *source_[static_cast<int>(Part::train)];
  const bool has_validation = source_[static_cast<int>(Part::validation)] != nullptr;
  const double fraction = has_validation ? 0.0 : options_.validation;
  std::vector<std::size_t> sizes(classes_.size());
  for (std::size_t i = 0; i < source.size(); ++i) ++sizes[source.label(i)];

  std::vector<std::uint32_t>& train = samples_[static_cast<int>(Part::train)];
  std::vector<std::uint32_t>& validation = samples_[static_cast<int>(Part::validation)];
  std::size_t train_size = 0, validation_size = 0;
  for (const std::size_t n : sizes) {
    const ClassSplit split = class_split(n, fraction, options_.per_class);
    train_size += split.training;
    validation_size += split.validation;
  }
  if (fraction > 0.0 && validation_size == 0 && options_.per_class == 1)
    return error->fail(kExitUsage,
                       "--per-class: expected at least 2 samples of each class, one of them for "
                       "validation, found 1; use --per-class 2 or --validation 0");
  if (fraction > 0.0 && validation_size == 0)
    return error->fail(kExitData, options_.path +
                                      ": expected at least 2 samples of some class, "
                                      "one of them for validation, found 1 of each; "
                                      "add samples or use --validation 0");
  train.reserve(train_size);
  if (!has_validation) validation.reserve(validation_size);
  std::vector<std::uint32_t> members;
  for (std::uint32_t c = 0; c < classes_.size(); ++c) {
    members.clear();
    members.reserve(sizes[c]);
    for (std::size_t i = 0; i < source.size(); ++i)
      if (source.label(i) == c) members.push_back(static_cast<std::uint32_t>(i));
    const ClassSplit split = split_class({members.data(), members.size()}, options_.seed, c,
                                         fraction, options_.per_class);
    const auto middle = members.begin() + static_cast<std::ptrdiff_t>(split.training);
    train.insert(train.end(), members.begin(), middle);
    validation.insert(validation.end(), middle,
                      middle + static_cast<std::ptrdiff_t>(split.validation));
  }
  std::sort(train.begin(), train.end());
  std::sort(validation.begin(), validation.end());
  return true;
}

bool Dataset::open(const DataOptions& options, Error* error) {
  options_ = options;
  if (!(options.validation >= 0.0 && options.validation < 1.0))
    return error->fail(kExitUsage, "--validation: expected a fraction from 0 to below 1, found " +
                                       std::to_string(options.validation));
  if (!open_sources(error) || !choose_classes(error)) return false;
  if (source_[0] && !split_training(error)) return false;
  for (int p = 1; p < kParts; ++p)
    if (source_[p]) count_up(source_[p]->size(), &samples_[p]);
  pixels_.resize(is_images_ ? options_.shape.size() : 0);
  augmented_.resize(pixels_.size());
  features_.resize(is_images_ ? 0 : options_.shape.size());
  return true;
}

/// Through the cache of a source.
bool Dataset::read_cached(Cache* cache, std::size_t sample, SampleSource* source, SampleRoom to,
                          Error* error) {
  const std::size_t n = options_.shape.size();
  if (cache->filled.empty()) {
    cache->filled.resize(source->size());
    if (is_images_)
      cache->pixels.resize(source->size() * n);
    else
      cache->features.resize(source->size() * n);
  }
  const SampleRoom place{cache->pixels.data() + (is_images_ ? sample * n : 0),
                         cache->features.data() + (is_images_ ? 0 : sample * n)};
  if (!cache->filled[sample] && !source->read(sample, place, error)) return false;
  cache->filled[sample] = true;
  if (is_images_)
    std::memcpy(to.pixels, place.pixels, n);
  else
    std::memcpy(to.features, place.features, n * sizeof(double));
  return true;
}

bool Dataset::read(Part part, std::size_t i, SampleRoom to, Error* error) {
  const int source = source_of(part);
  const std::size_t sample = samples_of(part)[i];
  if (!options_.cache) return source_[source]->read(sample, to, error);
  return read_cached(&cache_[source], sample, source_[source].get(), to, error);
}

bool Dataset::verify(Error* error) {
  for (const Part part : kAllParts)
    for (std::size_t i = 0; i < size(part); ++i)
      if (!read(part, i, {pixels_.data(), features_.data()}, error)) return false;
  return true;
}

bool Dataset::set_augmentation(const std::string& text, Error* error) {
  DataFault fault;
  Augmentation augmentation;
  const Status s = parse_augmentation({text.data(), text.size()}, &augmentation, &fault);
  if (s == Status::unknown_name)
    return error->fail(kExitUsage,
                       "--augment: expected hflip, vflip, shift N, brightness N, "
                       "contrast P%, or none, found '" +
                           printable(fault.found) + "'" + did_you_mean(fault));
  if (s != Status::ok) return error->fail(kExitUsage, "--augment: " + expected_found(fault));
  if (augmentation.any() && !is_images_)
    return error->fail(kExitUsage, "--augment: expected images, found " + options_.path +
                                       " with features; leave --augment out");
  augmentation_ = augmentation;
  return true;
}

template <class T>
bool Dataset::fill_as(Part part, std::size_t i, std::optional<std::uint64_t> epoch, T* x,
                      Error* error) {
  if (!read(part, i, {pixels_.data(), features_.data()}, error)) return false;
  const std::size_t n = options_.shape.size();
  if (!is_images_) {
    const Status s = normalise_features(normalisation_, {features_.data(), n}, Span<T>(x, n));
    if (s == Status::ok) return true;
    return error->fail(kExitData, name(part, i) + ": expected values that fit the normalisation " +
                                      "and 32-bit floats, found larger ones; rescale the column");
  }
  const std::vector<std::uint8_t>* pixels = &pixels_;
  if (epoch && augmentation_.any()) {
    const Stream stream = augmentation_stream(options_.seed, *epoch, samples_of(part)[i]);
    if (augment(augmentation_, options_.shape, {pixels_.data(), n}, {augmented_.data(), n},
                stream) != Status::ok)
      return error->fail(kExitInternal, name(part, i) + ": augmentation failed");
    pixels = &augmented_;
  }
  if (normalise_pixels(normalisation_, {pixels->data(), n}, Span<T>(x, n)) == Status::ok)
    return true;
  return error->fail(kExitModel, name(part, i) +
                                     ": expected fewer than 2^24 input values for the "
                                     "normalisation of images, found " +
                                     std::to_string(n));
}

template bool Dataset::fill_as(Part, std::size_t, std::optional<std::uint64_t>, float*, Error*);
template bool Dataset::fill_as(Part, std::size_t, std::optional<std::uint64_t>, std::int8_t*,
                               Error*);

}  // namespace hone
