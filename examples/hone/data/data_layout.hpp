#pragma once
#include <string>

#include "examples/hone/error.hpp"

namespace hone {

enum class Part { train, validation, test };
constexpr int kParts = 3;

enum class DataKind { image_folders, idx, csv };

/// Files of one part: a folder of class folders, a CSV file, or an IDX file and its labels.
struct PartFiles {
  std::string data, labels;
  bool exists() const { return !data.empty(); }
};

/// What a --data argument names.
struct DataLayout {
  DataKind kind = DataKind::image_folders;
  PartFiles part[kParts];
  /// True if nothing says what is for training and what for testing; all is in part[train].
  bool undivided = false;

  PartFiles& operator[](Part p) { return part[static_cast<int>(p)]; }
  const PartFiles& operator[](Part p) const { return part[static_cast<int>(p)]; }
};

/// Recognises, in this order:
///
///   A,B                     IDX files with samples and labels
///   NAME.csv                a table
///   folder with train/ or test/   one folder per class in each; val/ if there
///   folder with train.csv   also test.csv and val.csv
///   folder with IDX files   train*-labels-idx1-* and train*-WORD-idxN-*; test* or t10k*; val*
///   folder of folders       one per class
bool find_layout(const std::string& path, DataLayout* layout, Error* error);

}  // namespace hone
