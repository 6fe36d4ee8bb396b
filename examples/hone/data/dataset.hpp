#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "examples/hone/data/data_layout.hpp"
#include "examples/hone/data/sample_source.hpp"
#include "examples/hone/error.hpp"
#include "hone/augment.hpp"
#include "hone/image.hpp"
#include "hone/normalise.hpp"

namespace hone {

struct DataOptions {
  std::string path;           ///< what --data names; see find_layout
  std::string label;          ///< CSV only: name or number (from 1) of the label column
  std::string default_label;  ///< the same where `label` is empty; not used for other data
  ImageShape shape;           ///< the model's input
  double validation = 0.1;    ///< fraction of train for validation, where no val part exists
  std::size_t per_class = 0;  ///< use so many training samples of each class; 0: all
  std::uint64_t seed = 1;
  /// Class names in the order of a checkpoint; empty: the classes that the data has.
  std::vector<std::string> classes;
  /// Feature columns of a CSV file in the order of a checkpoint; empty: as the file has them.
  std::vector<std::string> columns;
  /// For evaluation: only the test part is opened; data without parts is test data as a whole.
  bool evaluation = false;
  bool cache = false;  ///< keep samples, resized, in memory
};

/// Labelled samples for training, validation and test. Memory holds an index of at most 64 bytes
/// a sample (for names up to 40 characters), one sample, and with `cache` all samples read.
///
/// Sorted order: byte-wise relative path, row, or item number. Classes: folder names byte-wise;
/// labels of CSV and IDX files as numbers where all are, else byte-wise. Test samples have no
/// influence on classes, split or normalisation.
class Dataset {
 public:
  bool open(const DataOptions& options, Error* error);

  const std::vector<std::string>& classes() const { return classes_; }
  /// Names of the feature columns of a CSV file, in the order of the model's inputs; empty for
  /// other data.
  const std::vector<std::string>& columns() const { return features_of_table_; }
  bool is_images() const { return is_images_; }
  /// True if the data has no parts: for evaluation all of it is test data.
  bool is_undivided() const { return layout_.undivided; }
  std::size_t size(Part part) const { return samples_of(part).size(); }
  std::uint32_t label(Part part, std::size_t i) const;
  /// A path, or a file and a line or number.
  std::string name(Part part, std::size_t i) const;

  /// Sets how samples become numbers: the text of a rule (parse_normalisation). Rules without
  /// their numbers are estimated from the training part, all of which is read. Empty text stands
  /// for the default: `columns` for CSV, `set` for other features, `none` for images.
  bool set_normalisation(const std::string& text, Error* error);
  /// The rule with its numbers, for the checkpoint.
  std::string normalisation_text() const;
  /// The text of parse_augmentation; only images can be augmented.
  bool set_augmentation(const std::string& text, Error* error);

  /// Sample i, normalised; augmented as in `epoch` if one is given. x: [shape.size()].
  bool fill(Part part, std::size_t i, std::optional<std::uint64_t> epoch, float* x, Error* error) {
    return fill_as(part, i, epoch, x, error);
  }
  /// The same as mantissas of w16a8, whose exponent is input_exponent().
  bool fill(Part part, std::size_t i, std::optional<std::uint64_t> epoch, std::int8_t* x,
            Error* error) {
    return fill_as(part, i, epoch, x, error);
  }
  int input_exponent() const {
    return is_images_ ? pixel_exponent(normalisation_) : kFeatureExponent;
  }
  /// Sample i as it is: pixels of images, else features (the other pointer may be null).
  bool read(Part part, std::size_t i, SampleRoom to, Error* error);
  /// Reads every sample once, so that bad files are found before training and not in it.
  bool verify(Error* error);

 private:
  struct Cache {
    std::vector<std::uint8_t> pixels;
    std::vector<double> features;
    std::vector<bool> filled;
  };

  template <class T>
  bool fill_as(Part part, std::size_t i, std::optional<std::uint64_t> epoch, T* x, Error* error);
  bool open_sources(Error* error);
  bool open_source(const PartFiles& files, int part, Error* error);
  bool choose_classes(Error* error);
  bool map_labels(SampleSource* source, Error* error) const;
  bool split_training(Error* error);
  bool estimate(Error* error);
  bool estimate_pixels(Error* error);
  bool estimate_exact(Error* error);
  bool estimate_columns(std::size_t columns, Error* error);
  bool read_cached(Cache* cache, std::size_t sample, SampleSource* source, SampleRoom to,
                   Error* error);
  const std::vector<std::uint32_t>& samples_of(Part part) const {
    return samples_[static_cast<int>(part)];
  }
  int source_of(Part part) const;

  DataOptions options_;
  DataLayout layout_;
  std::unique_ptr<SampleSource> source_[kParts];
  std::vector<std::uint32_t> samples_[kParts];  // places in the sorted order of the source
  Cache cache_[kParts];
  std::vector<std::string> classes_, features_of_table_;
  bool is_images_ = false;

  Normalisation normalisation_;
  std::vector<double> columns_;  // means, then deviations
  Augmentation augmentation_;
  std::vector<std::uint8_t> pixels_, augmented_;
  std::vector<double> features_;
};

}  // namespace hone
