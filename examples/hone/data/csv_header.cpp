#include "examples/hone/data/csv_header.hpp"

#include <algorithm>

#include "examples/hone/data/fault_text.hpp"

namespace hone {
namespace {

bool has_lone_cr(Bytes text) {
  for (std::size_t i = 0; i + 1 < text.size; ++i)
    if (text[i] == '\r' && text[i + 1] != '\n') return true;
  return false;
}

bool refuse_cr(const std::string& file, Error* error) {
  return error->fail(kExitData, file +
                                    ": expected line ends LF or CRLF, found a CR alone; convert "
                                    "them with: tr '\\r' '\\n'");
}

/// " 'a', 'b'", at most 8 of them.
std::string quoted_names(const std::vector<std::string>& names) {
  std::string out;
  for (std::size_t i = 0; i < names.size() && i < 8; ++i)
    out += (i ? ", '" : " '") + printable({names[i].data(), names[i].size()}) + "'";
  return names.size() > 8 ? out + ", ..." : out;
}

}  // namespace

std::string cell_text(Text cell) {
  std::string out;
  for (std::size_t i = 0; i < cell.size; ++i) {
    out += cell[i];
    if (cell[i] == '"') ++i;
  }
  return out;
}

bool refuse_open_row(Bytes row, const std::string& file, std::size_t line, Error* error) {
  if (has_lone_cr(row)) return refuse_cr(file, error);
  return error->fail(kExitData, file + ": line " + std::to_string(line) +
                                    ": expected a closing quote in this row, found none; close "
                                    "the quote");
}

bool CsvHeader::read(Bytes row, const std::string& file, Error* error) {
  file_ = file;
  names_.clear();
  if (has_lone_cr(row)) return refuse_cr(file, error);
  for (CsvRow cells(row, 0, 1); !cells.done();) {
    Text cell;
    DataFault fault;
    if (cells.next(&cell, &fault) != Status::ok)
      return error->fail(kExitData, file + ": " + fault_text(fault) + "; correct the header");
    names_.push_back(cell_text(cell));
  }
  return true;
}

std::size_t CsvHeader::find(const std::string& name) const {
  const auto found = std::find(names_.begin(), names_.end(), name);
  return found == names_.end() ? kNone : static_cast<std::size_t>(found - names_.begin());
}

std::size_t CsvHeader::find_number(const std::string& number) const {
  std::size_t n = 0;
  for (const char c : number) {
    if (c < '0' || c > '9' || n > columns()) return kNone;
    n = 10 * n + static_cast<std::size_t>(c - '0');
  }
  return n >= 1 && n <= columns() ? n - 1 : kNone;
}

bool CsvHeader::match(std::size_t label, std::vector<std::string>* features, Error* error) {
  if (features->empty())
    for (std::size_t i = 0; i < columns(); ++i)
      if (i != label) features->push_back(names_[i]);
  feature_of_.assign(columns(), kNone);
  std::vector<std::string> missing, surplus;
  for (std::size_t f = 0; f < features->size(); ++f) {
    // The first free column of the name, so that columns of one name keep their order.
    std::size_t i = 0;
    while (i < columns() && (i == label || feature_of_[i] != kNone || names_[i] != (*features)[f]))
      ++i;
    if (i < columns())
      feature_of_[i] = f;
    else
      missing.push_back((*features)[f]);
  }
  for (std::size_t i = 0; i < columns(); ++i)
    if (i != label && feature_of_[i] == kNone) surplus.push_back(names_[i]);
  if (missing.empty() && surplus.empty()) return true;
  std::string found;
  if (!missing.empty()) found = " no" + quoted_names(missing);
  if (!surplus.empty())
    found += (found.empty() ? "" : ", but") + std::string(" also") + quoted_names(surplus);
  return error->fail(kExitData, file_ +
                                    ": line 1: expected the columns that the model was trained "
                                    "on, found" +
                                    found + "; give the file the same columns");
}

}  // namespace hone
