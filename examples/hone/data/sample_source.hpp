#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "examples/hone/error.hpp"
#include "hone/image.hpp"
#include "hone/plan_types.hpp"

namespace hone {

/// Where a sample goes: pixels of an image source, features of any other.
struct SampleRoom {
  std::uint8_t* pixels = nullptr;
  double* features = nullptr;
};

/// The labelled samples of one folder, CSV file or pair of IDX files, in their sorted order. Only
/// an index is kept in memory; samples are read when asked for.
class SampleSource {
 public:
  virtual ~SampleSource() = default;

  std::size_t size() const { return labels_.size(); }
  /// Index into label_names, or after remap into what it maps to.
  std::uint32_t label(std::size_t i) const { return labels_[i]; }
  /// The labels that occur, in no order that matters.
  const std::vector<std::string>& label_names() const { return label_names_; }
  /// True if labels sort as numbers.
  bool numeric_labels() const { return numeric_labels_; }
  void remap(const std::vector<std::uint16_t>& to) {
    for (std::uint16_t& label : labels_) label = to[label];
  }

  virtual bool is_images() const = 0;
  /// True if features are integers of at most 16 bits.
  virtual bool is_exact() const { return false; }
  /// True if each feature is a quantity of its own, with its own scale.
  virtual bool has_columns() const { return false; }
  /// Where sample i stands, for messages: a path, or a file and a line or number.
  virtual std::string name(std::size_t i) const = 0;
  virtual bool read(std::size_t i, SampleRoom to, Error* error) = 0;

 protected:
  std::vector<std::uint16_t> labels_;
  std::vector<std::string> label_names_;
  bool numeric_labels_ = false;
};

/// Images in one folder per class below `folder`; resized to `shape`.
std::unique_ptr<SampleSource> open_image_folder(const std::string& folder, ImageShape shape,
                                                Error* error);

/// A pair of IDX files. Unsigned bytes [n, h, w] are images, resized to `shape`; all else must
/// have as many values per sample as `shape`. A flat shape 1x1xN with N = h * w becomes [h, w, 1].
std::unique_ptr<SampleSource> open_idx(const std::string& data, const std::string& labels,
                                       ImageShape* shape, Error* error);

/// A CSV file with a header row. `label` is the name of the label column, or its number from 1.
/// All other columns are features, as many as `shape` has values. Reads the whole file once and
/// refuses it for any bad cell. `features` receives the names of these columns; if it holds names
/// already, the file's columns are taken by name, and must be the same set.
std::unique_ptr<SampleSource> open_csv(const std::string& file, const std::string& label,
                                       ImageShape shape, std::vector<std::string>* features,
                                       Error* error);

/// The error for a model whose input has another number of values than the data.
bool refuse_feature_count(const std::string& file, std::size_t found, ImageShape shape,
                          Error* error);

}  // namespace hone
