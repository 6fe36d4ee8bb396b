#include <map>

#include "examples/hone/data/byte_order_mark.hpp"
#include "examples/hone/data/csv_header.hpp"
#include "examples/hone/data/fault_text.hpp"
#include "examples/hone/data/image_file.hpp"
#include "examples/hone/data/sample_source.hpp"
#include "hone/csv.hpp"
#include "hone/nearest_word.hpp"
#include "ports/posix/file.hpp"

namespace hone {
namespace {

constexpr std::size_t kBlock = 65536;
/// A longer row means a quote that is never closed.
constexpr std::size_t kMaxRow = std::size_t{1} << 24;

/// Reads a file row by row through a window of one row and a block.
class RowReader {
 public:
  explicit RowReader(const posix::InputFile& file) : file_(file) {}

  bool done() const { return at_ == file_.size(); }
  std::uint64_t offset() const { return at_; }
  std::size_t line() const { return line_; }
  void skip(std::size_t bytes) { at_ += bytes; }
  /// The row at offset(); valid until the next call.
  bool peek(Bytes* row, Error* error);
  /// Moves behind a row that `peek` gave.
  void pass(Bytes row) {
    for (const std::uint8_t c : row) line_ += c == '\n' ? 1 : 0;
    at_ += row.size;
  }

 private:
  bool fill(std::size_t bytes, Error* error);

  const posix::InputFile& file_;
  std::uint64_t at_ = 0, window_at_ = 0;
  std::size_t line_ = 1;
  std::vector<std::uint8_t> window_;
};

/// Makes the window begin at at_ and hold `bytes`, or what the file still has.
bool RowReader::fill(std::size_t bytes, Error* error) {
  const std::uint64_t left = file_.size() - at_;
  window_.resize(left < bytes ? static_cast<std::size_t>(left) : bytes);
  window_at_ = at_;
  posix::FileError file_error;
  if (file_.read_at(at_, window_.data(), window_.size(), &file_error)) return true;
  return error->fail(kExitData, file_error.text);
}

bool RowReader::peek(Bytes* row, Error* error) {
  for (std::size_t bytes = kBlock;; bytes *= 4) {
    const auto skip = static_cast<std::size_t>(at_ - window_at_);
    const Bytes rest =
        skip < window_.size() ? Bytes(window_.data() + skip, window_.size() - skip) : Bytes();
    const bool last = at_ + rest.size == file_.size();
    std::size_t n = 0;
    DataFault fault;
    const Status s = csv_row_bytes(rest, last, &n, &fault);
    if (s == Status::ok && n > 0) {
      *row = rest.sub(0, n);
      return true;
    }
    if (s != Status::ok || bytes > kMaxRow)
      return refuse_open_row(rest, file_.name(), line_, error);
    if (!fill(bytes, error)) return false;
  }
}

class CsvSource : public SampleSource {
 public:
  explicit CsvSource(ImageShape shape) : shape_(shape) {}

  bool open(const std::string& file, const std::string& label, std::vector<std::string>* features,
            Error* error);
  bool is_images() const override { return false; }
  bool has_columns() const override { return true; }
  std::string name(std::size_t i) const override {
    return file_.name() + ", line " + std::to_string(rows_[i].line);
  }
  bool read(std::size_t i, SampleRoom to, Error* error) override;

 private:
  struct Row {
    std::uint64_t offset;
    std::uint32_t line, bytes;
  };

  bool read_header(RowReader* rows, Error* error);
  bool find_label_column(const std::string& label, Error* error);
  bool read_cells(Bytes text, const Row& row, double* features, std::string* label,
                  Error* error) const;
  bool index_rows(RowReader* rows, Error* error);
  bool add_label(const std::string& label, const Row& row, Error* error);
  bool refuse_cell_count(const Row& row, const std::string& found, Error* error) const {
    return error->fail(kExitData, file_.name() + ": line " + std::to_string(row.line) +
                                      ": expected " + std::to_string(header_.columns()) +
                                      " cells as the header has, found " + found +
                                      "; correct or remove the row");
  }
  bool fail(const DataFault& fault, Error* error) const {
    return error->fail(kExitData, file_.name() + ": " + fault_text(fault) +
                                      "; correct the cell or remove the row");
  }

  ImageShape shape_;
  CsvHeader header_;
  std::size_t label_column_ = 0;
  posix::InputFile file_;
  std::vector<Row> rows_;
  std::map<std::string, std::uint16_t> index_of_label_;
  std::vector<std::uint8_t> text_;
};

bool CsvSource::read_header(RowReader* rows, Error* error) {
  if (file_.size() == 0)
    return error->fail(kExitData, file_.name() + ": expected a header row, found an empty file");
  Bytes text;
  if (!rows->peek(&text, error)) return false;
  if (const std::size_t mark = byte_order_mark(text)) {
    rows->skip(mark);
    if (rows->done())
      return error->fail(kExitData, file_.name() + ": expected a header row, found none");
    if (!rows->peek(&text, error)) return false;
  }
  if (!header_.read(text, file_.name(), error)) return false;
  rows->pass(text);
  if (header_.columns() >= 2) return true;
  return error->fail(kExitData, file_.name() +
                                    ": line 1: expected a header of at least 2 "
                                    "columns separated by commas, found 1");
}

bool CsvSource::find_label_column(const std::string& label, Error* error) {
  if (!label.empty()) {
    label_column_ = header_.find(label);
    if (label_column_ == CsvHeader::kNone) label_column_ = header_.find_number(label);
    if (label_column_ != CsvHeader::kNone) return true;
  }
  if (label.empty())
    return error->fail(kExitUsage, file_.name() +
                                       ": expected --label with the name or number of "
                                       "the label column, found none; the last column "
                                       "is --label '" +
                                       header_.names().back() + "'");
  NearestWord near({label.data(), label.size()});
  for (const std::string& name : header_.names()) near.consider({name.data(), name.size()});
  return error->fail(kExitUsage,
                     file_.name() + ": expected a column name or a number from 1 to " +
                         std::to_string(header_.columns()) + " as --label, found '" + label + "'" +
                         (near.best.size ? "; did you mean " + printable(near.best) + "?"
                                         : "; the first line names the columns"));
}

bool CsvSource::read_cells(Bytes text, const Row& row, double* features, std::string* label,
                           Error* error) const {
  CsvRow cells(text, static_cast<std::size_t>(row.offset), row.line);
  DataFault fault;
  for (std::size_t column = 0; column < header_.columns(); ++column) {
    if (cells.done()) return refuse_cell_count(row, std::to_string(column), error);
    Status s;
    if (column == label_column_) {
      Text cell;
      s = cells.next(&cell, &fault);
      if (s == Status::ok && cell.size == 0)
        s = cells.refuse_cell(&fault, Status::bad_data, "a label", "an empty cell");
      if (s == Status::ok && label) *label = cell_text(cell);
    } else {
      s = cells.next_number(features + header_.feature_of(column), &fault);
    }
    if (s != Status::ok) return fail(fault, error);
  }
  if (cells.done()) return true;
  return refuse_cell_count(row, "more", error);
}

bool CsvSource::add_label(const std::string& label, const Row& row, Error* error) {
  const auto found =
      index_of_label_.emplace(label, static_cast<std::uint16_t>(label_names_.size()));
  if (found.second) {
    if (label_names_.size() == kMaxClasses)
      return error->fail(kExitData, file_.name() + ": line " + std::to_string(row.line) +
                                        ": expected at most 65535 different labels, found more; "
                                        "is --label the right column?");
    label_names_.push_back(label);
    if (label.size() > 9 || label.find_first_not_of("0123456789") != std::string::npos)
      numeric_labels_ = false;
  }
  labels_.push_back(found.first->second);
  return true;
}

bool CsvSource::index_rows(RowReader* rows, Error* error) {
  std::vector<double> features(shape_.size());
  std::string label;
  numeric_labels_ = true;
  while (!rows->done()) {
    Bytes text;
    if (!rows->peek(&text, error)) return false;
    const Row row{rows->offset(), static_cast<std::uint32_t>(rows->line()),
                  static_cast<std::uint32_t>(text.size)};
    if (!CsvRow(text, 0, 0).blank()) {
      if (!read_cells(text, row, features.data(), &label, error)) return false;
      if (!add_label(label, row, error)) return false;
      rows_.push_back(row);
    }
    rows->pass(text);
  }
  if (rows_.empty())
    return error->fail(kExitData, file_.name() + ": expected rows below the header, found none");
  return true;
}

bool CsvSource::open(const std::string& file, const std::string& label,
                     std::vector<std::string>* features, Error* error) {
  posix::FileError file_error;
  if (!file_.open(file, &file_error)) return error->fail(kExitData, file_error.text);
  RowReader rows(file_);
  if (!read_header(&rows, error) || !find_label_column(label, error) ||
      !header_.match(label_column_, features, error))
    return false;
  if (features->size() != shape_.size())
    return refuse_feature_count(file, features->size(), shape_, error);
  return index_rows(&rows, error);
}

bool CsvSource::read(std::size_t i, SampleRoom to, Error* error) {
  const Row& row = rows_[i];
  text_.resize(row.bytes);
  posix::FileError file_error;
  if (!file_.read_at(row.offset, text_.data(), text_.size(), &file_error))
    return error->fail(kExitData, file_error.text);
  return read_cells({text_.data(), text_.size()}, row, to.features, nullptr, error);
}

}  // namespace

std::unique_ptr<SampleSource> open_csv(const std::string& file, const std::string& label,
                                       ImageShape shape, std::vector<std::string>* features,
                                       Error* error) {
  auto source = std::make_unique<CsvSource>(shape);
  if (!source->open(file, label, features, error)) return nullptr;
  return source;
}

}  // namespace hone
