#pragma once
#include <cstddef>
#include <cstdint>

#include "hone/data_fault.hpp"
#include "hone/span.hpp"
#include "hone/status.hpp"

namespace hone {

/// Size of the first row of `text` with its line end (LF, CRLF, or none at the end of the file),
/// 0 if `text` ends inside the row and `last` is false. Line ends inside quotes belong to the
/// row. bad_data for a quote that the end of the file leaves open.
Status csv_row_bytes(Bytes text, bool last, std::size_t* row_bytes, DataFault* fault);

/// Cells of one row, as RFC 4180 has them: separated by commas; a cell in double quotes may hold
/// commas, line ends, and quotes written twice.
class CsvRow {
 public:
  /// `row` as csv_row_bytes found it. `offset` and `line` say where it stands in the file, for
  /// faults only.
  CsvRow(Bytes row, std::size_t offset, std::size_t line);

  /// True if the row holds nothing but its line end.
  bool blank() const { return row_.size == 0; }
  bool done() const { return done_; }
  /// The next cell as it stands, without the outer quotes; inner quotes are still doubled.
  /// bad_data for a quote inside an unquoted cell, or text after a closing quote. Not to be
  /// called when done().
  Status next(Text* cell, DataFault* fault);
  /// The next cell as a number, to the nearest double; spaces around it are skipped.
  /// bad_data for an empty cell or text, not_finite for nan, inf and numbers above the range.
  Status next_number(double* value, DataFault* fault);
  /// Column of the cell that `next` gives next, from 0.
  std::size_t column() const { return column_; }
  /// Fills *fault with this row's line, and the column of the cell given last.
  Status refuse_cell(DataFault* fault, Status status, Text expected, Text found) const;

 private:
  Bytes row_;
  std::size_t offset_, line_;
  std::size_t at_ = 0, cell_at_ = 0;
  std::size_t column_ = 0;
  bool done_ = false;
};

}  // namespace hone
