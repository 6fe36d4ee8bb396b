#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "hone/csv.hpp"

using hone::Bytes;
using hone::CsvRow;
using hone::DataFault;
using hone::Status;
using hone::Text;

namespace {

Bytes bytes_of(const std::string& s) {
  return {reinterpret_cast<const std::uint8_t*>(s.data()), s.size()};
}

std::vector<std::string> cells_of(const std::string& text) {
  std::vector<std::string> cells;
  CsvRow row(bytes_of(text), 0, 1);
  while (!row.done()) {
    Text cell;
    REQUIRE(row.next(&cell, nullptr) == Status::ok);
    cells.emplace_back(cell.data, cell.size);
  }
  return cells;
}

}  // namespace

TEST_CASE("csv_row_bytes: LF, CRLF, none at the end, line ends in quotes") {
  std::size_t n = 99;
  CHECK(hone::csv_row_bytes(bytes_of("a,b\nc"), true, &n, nullptr) == Status::ok);
  CHECK(n == 4);
  CHECK(hone::csv_row_bytes(bytes_of("a,b\r\nc"), true, &n, nullptr) == Status::ok);
  CHECK(n == 5);
  CHECK(hone::csv_row_bytes(bytes_of("a,b"), true, &n, nullptr) == Status::ok);
  CHECK(n == 3);
  CHECK(hone::csv_row_bytes(bytes_of("a,b"), false, &n, nullptr) == Status::ok);
  CHECK(n == 0);
  const std::string quoted = "\"a\n\"\"b\",c\nd";
  CHECK(hone::csv_row_bytes(bytes_of(quoted), true, &n, nullptr) == Status::ok);
  CHECK(n == 10);
  DataFault fault;
  CHECK(hone::csv_row_bytes(bytes_of("a,\"b\n"), true, &n, &fault) == Status::bad_data);
  CHECK(fault.offset == 2);
}

TEST_CASE("CsvRow: cells") {
  using V = std::vector<std::string>;
  CHECK(cells_of("a,b,c\r\n") == V{"a", "b", "c"});
  CHECK(cells_of(",,\n") == V{"", "", ""});
  CHECK(cells_of("a") == V{"a"});
  CHECK(cells_of("\"a,b\",\"c\n d\",\"\"\n") == V{"a,b", "c\n d", ""});
  CHECK(cells_of("\"say \"\"hi\"\"\",x\n") == V{"say \"\"hi\"\"", "x"});
  const std::string blank = "\r\n", empty_cells = ",\n";
  CHECK(CsvRow(bytes_of(blank), 0, 1).blank());
  CHECK(!CsvRow(bytes_of(empty_cells), 0, 1).blank());
}

TEST_CASE("CsvRow: numbers with line and column of what is wrong") {
  const std::string text = "1.5, -2e3 ,,abc,nan,1e999\n";
  CsvRow row(bytes_of(text), 100, 7);
  double v = 0.0;
  DataFault fault;
  CHECK(row.next_number(&v, &fault) == Status::ok);
  CHECK(v == 1.5);
  CHECK(row.next_number(&v, &fault) == Status::ok);
  CHECK(v == -2000.0);
  CHECK(row.next_number(&v, &fault) == Status::bad_data);
  CHECK(fault.line == 7);
  CHECK(fault.column == 3);
  CHECK(fault.offset == 100 + 11);
  CHECK(row.next_number(&v, &fault) == Status::bad_data);
  CHECK(fault.column == 4);
  CHECK(fault.found == Text("abc"));
  CHECK(row.next_number(&v, &fault) == Status::not_finite);
  CHECK(fault.column == 5);
  CHECK(row.next_number(&v, &fault) == Status::not_finite);
  CHECK(fault.column == 6);
  CHECK(row.done());
}

TEST_CASE("CsvRow: quotes in the wrong place") {
  for (const char* text : {"a\"b,c\n", "\"a\"b,c\n", "\"abc"}) {
    CAPTURE(text);
    const std::string s = text;
    CsvRow row(bytes_of(s), 0, 1);
    Text cell;
    DataFault fault;
    CHECK(row.next(&cell, &fault) == Status::bad_data);
    CHECK(fault.column == 1);
  }
}
