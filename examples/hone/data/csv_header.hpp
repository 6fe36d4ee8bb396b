#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "examples/hone/error.hpp"
#include "hone/csv.hpp"

namespace hone {

/// The first row of a CSV file: which of its columns is which feature.
class CsvHeader {
 public:
  static constexpr std::size_t kNone = SIZE_MAX;

  /// Takes the names out of the row; `file` is for messages.
  bool read(Bytes row, const std::string& file, Error* error);
  std::size_t columns() const { return names_.size(); }
  const std::vector<std::string>& names() const { return names_; }
  /// The column of that name; kNone if there is none.
  std::size_t find(const std::string& name) const;
  /// The column of that number from 1; kNone if `number` is none.
  std::size_t find_number(const std::string& number) const;

  /// Gives each column but `label` (kNone: all) its place among `features`: these are columns by
  /// name, in any order in the file. Empty ones are filled with the names as the file has them.
  bool match(std::size_t label, std::vector<std::string>* features, Error* error);
  /// After match: the place of a column among the features; kNone for the label.
  std::size_t feature_of(std::size_t column) const { return feature_of_[column]; }

 private:
  std::string file_;
  std::vector<std::string> names_;
  std::vector<std::size_t> feature_of_;
};

/// The text of a cell, with doubled quotes made single.
std::string cell_text(Text cell);

/// The error for a row without an end: a quote that is never closed, or line ends of a lone CR.
bool refuse_open_row(Bytes row, const std::string& file, std::size_t line, Error* error);

}  // namespace hone
