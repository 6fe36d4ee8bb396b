#pragma once
#include <memory>
#include <string>
#include <vector>

#include "examples/hone/checkpoint/checkpoint_model.hpp"
#include "examples/hone/data/csv_header.hpp"
#include "examples/hone/data/image_file.hpp"
#include "hone/normalise.hpp"

namespace hone {

/// The samples that `predict` is to answer, one after the other: image files, the images in
/// folders, and the rows of CSV files with a header. Of these the label column is left out; the
/// others are found by name where the checkpoint tells them, else they must be as many as the
/// model has inputs.
class PredictionInput {
 public:
  bool open(const Options& options, const LoadedModel& model, Error* error);
  /// Writes the next sample, normalised, to where the trainer takes it in. False at the end, and
  /// after an error.
  bool next(Trainer* trainer, Error* error);
  /// File of the sample that next() gave; of a row also its line.
  const std::string& name() const { return name_; }

 private:
  bool set_rule(const std::string& text, Error* error);
  bool add_folder(const std::string& folder, int depth, Error* error);
  bool next_image(const std::string& file, Trainer* to, Error* error);
  bool open_table(const std::string& file, Error* error);
  bool find_columns(Error* error);
  bool read_row(Bytes* row, Error* error);
  bool next_row(Bytes row, std::size_t line, Trainer* to, Error* error);

  ImageShape shape_;
  std::string label_;
  std::vector<std::string> columns_;  // of the checkpoint; empty: it names none
  Normalisation rule_;
  std::vector<double> numbers_;  // of the rule
  std::vector<std::string> files_;
  std::size_t next_ = 0;
  std::string name_;

  ImageFileReader reader_;
  std::vector<std::uint8_t> pixels_;

  std::string table_name_;  // empty: not in a table
  std::vector<std::uint8_t> table_;
  std::size_t at_ = 0, line_ = 1;
  CsvHeader header_;
  std::vector<double> features_;
};

}  // namespace hone
