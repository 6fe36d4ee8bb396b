#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "data/dataset_errors.hpp"
#include "data/temporary_folder.hpp"

using dataset_errors::has;
using dataset_errors::options;
using hone::DataOptions;
using hone::Dataset;
using hone::Error;
using hone::Part;

namespace {

/// A 2x1 grey image of two pixels.
std::string pgm(int a, int b) {
  return std::string("P5 2 1 255\n") + static_cast<char>(a) + static_cast<char>(b);
}

void write_images(const TemporaryFolder& folder, const std::string& part, int per_class,
                  const std::vector<std::string>& classes = {"crack", "pit"}) {
  for (std::size_t c = 0; c < classes.size(); ++c)
    for (int i = 0; i < per_class; ++i)
      folder.write(part + classes[c] + "/" + std::to_string(i) + ".pgm",
                   pgm(i, static_cast<int>(c)));
}

std::string idx(int type, const std::vector<std::uint32_t>& dims, const std::string& data) {
  std::string s{'\0', '\0', static_cast<char>(type), static_cast<char>(dims.size())};
  for (const std::uint32_t d : dims)
    for (int shift = 24; shift >= 0; shift -= 8) s += static_cast<char>(d >> shift);
  return s + data;
}

}  // namespace

TEST_CASE("image folders: train, val and test; sorted; values by hand") {
  const TemporaryFolder folder;
  write_images(folder, "train/", 3);
  write_images(folder, "val/", 2);
  write_images(folder, "test/", 1);
  folder.write("labels.txt", "ignored");
  Dataset data;
  Error error;
  REQUIRE(data.open(options(folder.path()), &error));
  REQUIRE(data.set_normalisation("", &error));
  CHECK(data.classes() == std::vector<std::string>{"crack", "pit"});
  CHECK(data.size(Part::train) == 6);
  CHECK(data.size(Part::validation) == 4);
  CHECK(data.size(Part::test) == 2);
  CHECK(data.name(Part::train, 4) == folder.path("train/pit/1.pgm"));
  CHECK(data.label(Part::train, 4) == 1);
  float x[2];
  REQUIRE(data.fill(Part::train, 4, std::nullopt, x, &error));
  CHECK(x[0] == 1.0f / 255.0f);
  CHECK(x[1] == 1.0f / 255.0f);
}

TEST_CASE("image folders: samples sort by path, classes by name") {
  const TemporaryFolder folder;
  // "a-b/" sorts before "a/", because '-' comes before '/'.
  write_images(folder, "", 1, {"a", "a-b"});
  DataOptions o = options(folder.path());
  o.validation = 0.0;
  Dataset data;
  Error error;
  REQUIRE(data.open(o, &error));
  CHECK(data.classes() == std::vector<std::string>{"a", "a-b"});
  CHECK(data.name(Part::train, 0) == folder.path("a-b/0.pgm"));
  CHECK(data.label(Part::train, 0) == 1);
}

TEST_CASE("image folders: without val, a seeded part of each class validates") {
  const TemporaryFolder folder;
  write_images(folder, "", 10);
  DataOptions o = options(folder.path());
  o.validation = 0.2;
  const auto names = [&](Part part) {
    Dataset data;
    Error error;
    REQUIRE(data.open(o, &error));
    std::vector<std::string> out;
    for (std::size_t i = 0; i < data.size(part); ++i) out.push_back(data.name(part, i));
    return out;
  };
  CHECK(names(Part::train).size() == 16);
  CHECK(names(Part::validation).size() == 4);
  CHECK(names(Part::test).empty());
  const auto first = names(Part::validation);
  CHECK(names(Part::validation) == first);
  o.seed = 2;
  CHECK(names(Part::validation) != first);
  o.per_class = 5;
  CHECK(names(Part::train).size() == 8);
  CHECK(names(Part::validation).size() == 2);
  o.evaluation = true;
  CHECK(names(Part::train).empty());
  CHECK(names(Part::test).size() == 20);
}

TEST_CASE("image folders: test images do not influence the estimated normalisation") {
  const TemporaryFolder folder;
  write_images(folder, "train/", 4);
  write_images(folder, "test/", 4);
  const auto text = [&] {
    Dataset data;
    Error error;
    REQUIRE(data.open(options(folder.path()), &error));
    REQUIRE(data.set_normalisation("set", &error));
    return data.normalisation_text();
  };
  const std::string before = text();
  folder.write("test/pit/9.pgm", pgm(255, 255));
  CHECK(text() == before);
}

TEST_CASE("augmentation: by epoch and place, the same with and without cache") {
  const TemporaryFolder folder;
  write_images(folder, "", 30);
  std::vector<float> values[2];
  for (const bool cache : {false, true}) {
    DataOptions o = options(folder.path(), {4, 4, 3});
    o.cache = cache;
    Dataset data;
    Error error;
    REQUIRE(data.open(o, &error));
    REQUIRE(data.set_normalisation("image", &error));
    REQUIRE(data.set_augmentation("hflip,brightness 9,shift 1", &error));
    for (const std::uint64_t epoch : {0u, 1u})
      for (std::size_t i = 0; i < data.size(Part::train); ++i) {
        float x[48];
        REQUIRE(data.fill(Part::train, i, epoch, x, &error));
        values[cache].insert(values[cache].end(), x, x + 48);
      }
  }
  CHECK(values[0] == values[1]);
  const auto half = static_cast<std::ptrdiff_t>(values[0].size() / 2);
  CHECK(!std::equal(values[0].begin(), values[0].begin() + half, values[0].begin() + half));
}

TEST_CASE("imposed classes: order theirs, unknown ones refused, missing ones fine") {
  const TemporaryFolder folder;
  write_images(folder, "test/", 2, {"pit"});
  DataOptions o = options(folder.path());
  o.evaluation = true;
  o.classes = {"stain", "pit", "crack"};
  Dataset data;
  Error error;
  REQUIRE(data.open(o, &error));
  CHECK(data.label(Part::test, 0) == 1);
  o.classes = {"stain", "crack"};
  CHECK_ERROR(o, 3, "label outside the classes");
}

TEST_CASE("image folders: errors") {
  const TemporaryFolder folder;
  CHECK_ERROR(options(folder.path("none")), 3, "none: expected");
  CHECK_ERROR(options(folder.path()), 3, "an empty folder");
  folder.make_folder("train");
  CHECK_ERROR(options(folder.path()), 3, "one folder of images per class");
  folder.make_folder("train/pit");
  CHECK_ERROR(options(folder.path()), 3, "train/pit: expected at least one image");
  folder.write("train/pit/a.pgm", pgm(1, 2));
  CHECK_ERROR(options(folder.path()), 3, "at least 2 classes");
  folder.write("train/crack/a.pgm", pgm(1, 2));
  CHECK_ERROR(options(folder.path()), 3, "expected at least 2 samples");
  folder.write("train/crack/b.pgm", pgm(1, 2));
  CHECK_ERROR(options(folder.path()), 0, "");
  CHECK_ERROR(options(folder.path(), {1, 2, 2}), 4, "1 or 3 channels");
  folder.write("train/crack/b.pgm", "P5 2 1 255\nx");
  CHECK_ERROR(options(folder.path()), 3,
              "train/crack/b.pgm: byte 12: expected 2 bytes of pixels after the header, found 1");
  folder.write("train/crack/b.pgm", "P5 70000 1 255\nx");
  CHECK_ERROR(options(folder.path()), 3, "expected a width from 1 to 65535, found 70000");
  folder.write("train/crack/b.pgm", "\x89PNG....");
  CHECK_ERROR(options(folder.path()), 3, "found a PNG file; convert");
  folder.write("train/crack/b.pgm", pgm(0, 0));
  folder.write("train/crack/b.png", "x");
  CHECK_ERROR(options(folder.path()), 3, "train/crack/b.png: expected a .pgm");
  unlink(folder.path("train/crack/b.png").c_str());
  folder.write("train/crack/b.pgm.gz", "x");
  CHECK_ERROR(options(folder.path()), 3, "gunzip -k " + folder.path("train/crack/b.pgm.gz"));
  unlink(folder.path("train/crack/b.pgm.gz").c_str());
  folder.write("test/dent/a.pgm", pgm(0, 0));
  CHECK_ERROR(options(folder.path()), 3, "dent/a.pgm: label outside the classes");
}

TEST_CASE("options that do not fit the data") {
  const TemporaryFolder folder;
  write_images(folder, "", 4);
  Dataset data;
  Error error;
  REQUIRE(data.open(options(folder.path()), &error));
  CHECK(!data.set_normalisation("sett", &error));
  CHECK(error.exit_code == 2);
  CHECK(has(error.text, "did you mean set?"));
  CHECK(!data.set_normalisation("columns", &error));
  CHECK(!data.set_normalisation("fixed 1", &error));
  CHECK(!data.set_augmentation("hflipp", &error));
  CHECK(error.exit_code == 2);
  CHECK(has(error.text, "did you mean hflip?"));
  DataOptions o = options(folder.path());
  o.validation = 1.0;
  CHECK_ERROR(o, 2, "--validation");
}

TEST_CASE("IDX folder: MNIST names, resized images, numeric classes") {
  const TemporaryFolder folder;
  folder.write("train-images-idx3-ubyte",
               idx(8, {4, 1, 2}, std::string("\x00\x02\x04\x06\x08\x0A\x0C\x0E", 8)));
  folder.write("train-labels-idx1-ubyte", idx(8, {4}, "\x0A\x02\x0A\x02"));
  folder.write("t10k-images-idx3-ubyte", idx(8, {1, 1, 2}, "\x10\x20"));
  folder.write("t10k-labels-idx1-ubyte", idx(8, {1}, "\x02"));
  Dataset data;
  Error error;
  REQUIRE(data.open(options(folder.path(), {1, 1, 1}), &error));
  REQUIRE(data.set_normalisation("", &error));
  CHECK(data.classes() == std::vector<std::string>{"2", "10"});
  CHECK(data.size(Part::train) == 2);
  CHECK(data.size(Part::validation) == 2);
  float x = 0.0f;
  REQUIRE(data.fill(Part::test, 0, std::nullopt, &x, &error));
  CHECK(x == 24.0f / 255.0f);
  CHECK(data.label(Part::test, 0) == 0);
}

TEST_CASE("IDX pair: 16-bit signals, set normalisation from exact sums") {
  const TemporaryFolder folder;
  folder.write("s", idx(0xB, {2, 2}, std::string("\xFF\xFE\x00\x02\x00\x04\xFF\xFC", 8)));
  folder.write("l", idx(8, {2}, std::string("\x00\x01", 2)));
  DataOptions o = options(folder.path("s") + "," + folder.path("l"), {1, 1, 2});
  o.validation = 0.0;
  Dataset data;
  Error error;
  REQUIRE(data.open(o, &error));
  REQUIRE(data.set_normalisation("", &error));
  float x[2];
  REQUIRE(data.fill(Part::train, 1, std::nullopt, x, &error));
  CHECK(x[0] == doctest::Approx(4.0 / 3.1622776601683795));  // values -2 2 4 -4
  CHECK(!data.set_augmentation("hflip", &error));
  CHECK(error.exit_code == 2);
}

TEST_CASE("IDX: errors") {
  const TemporaryFolder folder;
  const std::string pair = folder.path("s") + "," + folder.path("l");
  folder.write("s", idx(0xB, {2, 2}, std::string(8, 'x')));
  CHECK_ERROR(options(pair), 3, "/l: No such file");
  folder.write("l", idx(8, {3}, "abc"));
  CHECK_ERROR(options(pair), 3, "expected 2 labels");
  folder.write("l", idx(0xD, {2}, "abcdefgh"));
  CHECK_ERROR(options(pair), 3, "expected integer labels");
  folder.write("l", idx(8, {2}, "ab"));
  CHECK_ERROR(options(pair, {1, 1, 3}), 4, "expected 3 values");
  folder.write("s", idx(0xB, {2, 2}, std::string(7, 'x')));
  CHECK_ERROR(options(pair), 3, "expected 20 bytes, as the dimensions say, found 19 bytes");
  folder.write("s", idx(0xD, {2, 2}, std::string(12, '\0') + "\x7F\xC0" + std::string(2, '\0')));
  DataOptions o = options(pair);
  o.validation = 0.0;
  CHECK_ERROR(o, 3, "/s: byte 24: expected a finite number");

  const TemporaryFolder packed;
  packed.write("train-images-idx3-ubyte.gz", "x");
  packed.write("train-labels-idx1-ubyte.gz", "x");
  CHECK_ERROR(options(packed.path()), 3,
              "gunzip -k " + packed.path("train-images-idx3-ubyte.gz") + " " +
                  packed.path("train-labels-idx1-ubyte.gz"));
  CHECK_ERROR(options(packed.path("train-images-idx3-ubyte.gz")), 3, "gunzip -k ");
  packed.write("train-labels-idx1-ubyte", idx(8, {1}, "a"));
  CHECK_ERROR(options(packed.path()), 3, "gunzip -k " + packed.path("train-images-idx3-ubyte.gz"));
}

TEST_CASE("image folders: files that other systems leave behind are passed over") {
  const TemporaryFolder folder;
  write_images(folder, "", 2);
  folder.write("pit/Thumbs.db", "x");
  folder.write("crack/desktop.ini", "x");
  DataOptions o = options(folder.path());
  o.validation = 0.0;
  Dataset data;
  Error error;
  REQUIRE(data.open(o, &error));
  CHECK(data.size(Part::train) == 4);
  CHECK(data.is_undivided());
  CHECK(data.name(Part::train, 2) == folder.path("pit/0.pgm"));
  folder.write("only/Thumbs.db", "x");
  CHECK_ERROR(o, 3, "only: expected at least one image");
}
