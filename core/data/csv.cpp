#include "hone/csv.hpp"

#include "hone/decimal.hpp"

namespace hone {

Status csv_row_bytes(Bytes text, bool last, std::size_t* row_bytes, DataFault* fault) {
  bool quoted = false;
  std::size_t quote = 0;
  for (std::size_t i = 0; i < text.size; ++i) {
    if (text[i] == '"') {
      // A doubled quote closes and opens again: no need to tell it apart here.
      quoted = !quoted;
      quote = i;
    } else if (text[i] == '\n' && !quoted) {
      *row_bytes = i + 1;
      return Status::ok;
    }
  }
  if (last && quoted)
    return refuse(fault, Status::bad_data, quote, "a closing quote", "the end of the file");
  *row_bytes = last ? text.size : 0;
  return Status::ok;
}

CsvRow::CsvRow(Bytes row, std::size_t offset, std::size_t line)
    : row_(row), offset_(offset), line_(line) {
  if (row_.size && row_[row_.size - 1] == '\n') --row_.size;
  if (row_.size && row_[row_.size - 1] == '\r') --row_.size;
}

Status CsvRow::refuse_cell(DataFault* fault, Status status, Text expected, Text found) const {
  if (fault) {
    const Status s = refuse(fault, status, offset_ + cell_at_, expected, found);
    fault->line = line_;
    fault->column = column_;
    return s;
  }
  return status;
}

Status CsvRow::next(Text* cell, DataFault* fault) {
  const char* text = reinterpret_cast<const char*>(row_.data);
  cell_at_ = at_;
  ++column_;
  std::size_t begin = at_, end;
  if (at_ < row_.size && row_[at_] == '"') {
    begin = ++at_;
    while (at_ < row_.size && (row_[at_] != '"' || (at_ + 1 < row_.size && row_[at_ + 1] == '"')))
      at_ += row_[at_] == '"' ? 2 : 1;
    if (at_ >= row_.size)
      return refuse_cell(fault, Status::bad_data, "a closing quote", "the end of the row");
    end = at_++;
    if (at_ < row_.size && row_[at_] != ',')
      return refuse_cell(fault, Status::bad_data, "a comma after the closing quote",
                         Text(text + at_, 1));
  } else {
    for (; at_ < row_.size && row_[at_] != ','; ++at_)
      if (row_[at_] == '"')
        return refuse_cell(fault, Status::bad_data, "quotes around the whole cell or none",
                           "a quote inside it");
    end = at_;
  }
  done_ = at_ == row_.size;
  if (!done_) ++at_;
  *cell = Text(text + begin, end - begin);
  return Status::ok;
}

Status CsvRow::next_number(double* value, DataFault* fault) {
  Text cell;
  Status s = next(&cell, fault);
  if (s != Status::ok) return s;
  while (cell.size && (cell[0] == ' ' || cell[0] == '\t')) ++cell.data, --cell.size;
  while (cell.size && (cell[cell.size - 1] == ' ' || cell[cell.size - 1] == '\t')) --cell.size;
  if (cell.size == 0) return refuse_cell(fault, Status::bad_data, "a number", "an empty cell");
  s = parse_number(cell, value);
  if (s == Status::not_finite) return refuse_cell(fault, s, "a finite number", cell);
  if (s != Status::ok) return refuse_cell(fault, s, "a number", cell);
  return Status::ok;
}

}  // namespace hone
