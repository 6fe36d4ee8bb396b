#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "data/dataset_errors.hpp"
#include "data/temporary_folder.hpp"

using dataset_errors::options;
using hone::DataOptions;
using hone::Dataset;
using hone::Error;
using hone::Part;

TEST_CASE("CSV: quotes, CRLF, blank lines, columns standardised; a label by name or number") {
  const TemporaryFolder folder;
  folder.write("d.csv",
               "\xEF\xBB\xBF"
               "a,\"the \"\"class\"\"\",b\r\n1,x,5\r\n\r\n3,\"y,\n\",5\r\n1,x,5\r\n3,x,5");
  for (const char* label : {"the \"class\"", "2"}) {
    DataOptions o = options(folder.path("d.csv"));
    o.label = label;
    o.validation = 0.0;
    Dataset data;
    Error error;
    REQUIRE(data.open(o, &error));
    REQUIRE(data.set_normalisation("", &error));
    CHECK(data.size(Part::train) == 4);
    CHECK(data.classes() == std::vector<std::string>{"x", "y,\n"});
    CHECK(data.name(Part::train, 2) == folder.path("d.csv") + ", line 6");
    float x[2];
    REQUIRE(data.fill(Part::train, 1, std::nullopt, x, &error));
    CHECK(x[0] == 1.0f);
    CHECK(x[1] == 0.0f);  // a constant column
    CHECK(data.label(Part::train, 1) == 1);
    const std::string rule = data.normalisation_text();
    REQUIRE(data.set_normalisation(rule, &error));
    CHECK(data.normalisation_text() == rule);
  }
}

TEST_CASE("CSV: a large file through the window, rows longer than a block") {
  const TemporaryFolder folder;
  std::string text = "a,b,class\n";
  for (std::size_t i = 0; i < 3000; ++i)
    text += std::to_string(i) + "," + std::string(i == 1500 ? 200000 : i % 50, ' ') + "7,c" +
            std::to_string(i % 2) + "\n";
  folder.write("train.csv", text);
  folder.write("test.csv", "a,b,class\n8,9,c1\n");
  DataOptions o = options(folder.path());
  o.label = "class";
  Dataset data;
  Error error;
  REQUIRE(data.open(o, &error));
  CHECK(data.size(Part::train) + data.size(Part::validation) == 3000);
  for (std::size_t i = 0; i < data.size(Part::train); i += 100) {
    double v[2];
    REQUIRE(data.read(Part::train, i, {nullptr, v}, &error));
    CHECK(static_cast<std::uint32_t>(v[0]) % 2 == data.label(Part::train, i));
    CHECK(data.name(Part::train, i) ==
          folder.path("train.csv") + ", line " + std::to_string(static_cast<int>(v[0]) + 2));
  }
}

TEST_CASE("CSV: errors name line and column") {
  const TemporaryFolder folder;
  DataOptions o = options(folder.path("d.csv"), {1, 1, 2});
  o.label = "class";
  const auto with = [&](const std::string& text) {
    folder.write("d.csv", text);
    return o;
  };
  const std::string head = "a,b,class\n1,2,x\n";
  CHECK_ERROR(with(""), 3, "an empty file");
  CHECK_ERROR(with("a,b,class\n"), 3, "expected rows");
  CHECK_ERROR(with("abc\n1\n"), 3, "at least 2 columns");
  CHECK_ERROR(with(head + "3,,y\n"), 3, "line 3, column 2: expected a number, found an empty cell");
  CHECK_ERROR(with(head + "3,four,y\n"), 3, "line 3, column 2: expected a number, found four");
  CHECK_ERROR(with(head + "3,NaN,y\n"), 3, "line 3, column 2: expected a finite number, found NaN");
  CHECK_ERROR(with(head + "inf,1,y\n"), 3, "line 3, column 1: expected a finite number");
  CHECK_ERROR(with(head + "3,4\n"), 3, "line 3: expected 3 cells as the header has, found 2");
  CHECK_ERROR(with(head + "3,4,y,5\n"), 3,
              "line 3: expected 3 cells as the header has, found more");
  CHECK_ERROR(with(head + "3,4,\n"), 3, "line 3, column 3: expected a label");
  CHECK_ERROR(with(head + "3,\"4,y\n"), 3, "line 3: expected a closing quote");
  CHECK_ERROR(with("a,class\n1,x\n2,y\n"), 4, "expected 2 values");
  CHECK_ERROR(with("a,b,clas\n1,2,x\n"), 2, "did you mean clas?");
  o.label = "";
  CHECK_ERROR(with(head), 2, "--label");
  o.label = "4";
  CHECK_ERROR(with(head), 2, "from 1 to 3");

  o.label = "class";
  o.path = folder.path();
  folder.write("train.csv", head + "1,2,x\n3,4,y\n3,5,y\n");
  folder.write("test.csv", "a,c,class\n1,2,x\n");
  CHECK_ERROR(o, 3,
              "test.csv: line 1: expected the columns that the model was trained on, found "
              "no 'b', but also 'c'");
  folder.write("test.csv", "a,b,class\n1,2,z\n");
  CHECK_ERROR(o, 3, "test.csv, line 2: label outside the classes");
}

TEST_CASE("CSV: columns are taken by name, in the order of the training file or the checkpoint") {
  const TemporaryFolder folder;
  folder.write("train.csv", "a,class,b\n1,x,2\n3,y,4\n");
  folder.write("test.csv", "class,b,a\nx,20,10\n");
  DataOptions o = options(folder.path());
  o.label = "class";
  o.validation = 0.0;
  Dataset data;
  Error error;
  double v[2];
  REQUIRE(data.open(o, &error));
  CHECK(data.columns() == std::vector<std::string>{"a", "b"});
  REQUIRE(data.read(Part::test, 0, {nullptr, v}, &error));
  CHECK(v[0] == 10.0);
  CHECK(v[1] == 20.0);

  o.columns = {"b", "a"};
  Dataset turned;
  REQUIRE(turned.open(o, &error));
  REQUIRE(turned.read(Part::train, 1, {nullptr, v}, &error));
  CHECK(v[0] == 4.0);
  CHECK(v[1] == 3.0);
  o.columns = {"b", "c"};
  CHECK_ERROR(o, 3, "found no 'c', but also 'a'");
  o.columns = {"b"};
  CHECK_ERROR(o, 3, "found also 'a'");
}

TEST_CASE("CSV: columns of one name keep their order, and none has to have a name") {
  const TemporaryFolder folder;
  folder.write("d.csv", ",a,a,class\n1,2,3,x\n4,5,6,y\n");
  DataOptions o = options(folder.path("d.csv"), {1, 1, 3});
  o.label = "class";
  o.validation = 0.0;
  o.columns = {"a", "a", ""};
  Dataset data;
  Error error;
  double v[3];
  REQUIRE(data.open(o, &error));
  REQUIRE(data.read(Part::train, 0, {nullptr, v}, &error));
  CHECK(v[0] == 2.0);
  CHECK(v[1] == 3.0);
  CHECK(v[2] == 1.0);
}

TEST_CASE("CSV: line ends of a lone CR are named, in short and in long files") {
  const TemporaryFolder folder;
  DataOptions o = options(folder.path("d.csv"));
  o.label = "class";
  for (const int rows : {2, 100000}) {
    std::string text = "a,b,class\r";
    for (int i = 0; i < rows; ++i) text += "1,2,x\r";
    folder.write("d.csv", text);
    CHECK_ERROR(o, 3, "expected line ends LF or CRLF, found a CR alone");
  }
}

TEST_CASE("CSV: a default label column is for tables only") {
  const TemporaryFolder folder;
  folder.write("d.csv", "a,b,class\n1,2,x\n3,4,y\n");
  DataOptions o = options(folder.path("d.csv"));
  o.default_label = "class";
  o.validation = 0.0;
  CHECK_ERROR(o, 0, "");
  o.label = "b";
  CHECK_ERROR(o, 3, "line 2, column 3: expected a number");
}

TEST_CASE("data sets: an option that does not fit the data is named") {
  const TemporaryFolder folder;
  for (const char* name : {"x/1.pgm", "x/2.pgm", "y/1.pgm", "y/2.pgm"})
    folder.write(name, "P5 2 1 255\nab");
  DataOptions o = options(folder.path());
  o.per_class = 1;
  CHECK_ERROR(o, 2, "--per-class: expected at least 2");
  o.validation = 0.0;
  CHECK_ERROR(o, 0, "");
  o.default_label = "kind";
  CHECK_ERROR(o, 0, "");
  o.label = "kind";
  CHECK_ERROR(o, 2, "--label: expected a CSV file");
  CHECK_ERROR(options("a,"), 3, "no name behind the comma");
  CHECK_ERROR(options(",a"), 3, "no name before the comma");
  folder.write("a b.csv.gz", "x");
  CHECK_ERROR(options(folder.path("a b.csv.gz")), 3,
              "gunzip -k '" + folder.path("a b.csv.gz") + "'");
}
