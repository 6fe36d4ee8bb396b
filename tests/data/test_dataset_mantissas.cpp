#include <doctest/doctest.h>

#include <cmath>
#include <string>
#include <vector>

#include "data/dataset_errors.hpp"
#include "data/temporary_folder.hpp"

using dataset_errors::options;
using hone::Dataset;
using hone::Error;
using hone::Part;

namespace {

constexpr std::size_t kValues = 2;

/// Every training sample of an epoch as mantissas is the nearest to its floats.
void check_nearest(Dataset* data, std::optional<std::uint64_t> epoch) {
  Error error;
  const double unit = std::ldexp(1.0, data->input_exponent());
  for (std::size_t i = 0; i < data->size(Part::train); ++i) {
    float x[kValues];
    std::int8_t m[kValues];
    REQUIRE(data->fill(Part::train, i, epoch, x, &error));
    REQUIRE(data->fill(Part::train, i, epoch, m, &error));
    for (std::size_t k = 0; k < kValues; ++k)
      CHECK(m[k] == static_cast<int>(std::floor(static_cast<double>(x[k]) / unit + 0.5)));
  }
}

}  // namespace

TEST_CASE("dataset: mantissas of images, augmented as the floats are") {
  const TemporaryFolder folder;
  for (int i = 0; i < 9; ++i)
    for (const char* name : {"a/", "b/"})
      folder.write(name + std::to_string(i) + ".pgm",
                   std::string("P5 2 1 255\n") + static_cast<char>(20 * i) + "M");
  Dataset data;
  Error error;
  REQUIRE(data.open(options(folder.path()), &error));
  REQUIRE(data.set_augmentation("hflip,brightness 9", &error));
  for (const char* rule : {"image", "set", "fixed 0.5 4"}) {
    CAPTURE(rule);
    REQUIRE(data.set_normalisation(rule, &error));
    CHECK(data.input_exponent() == -5);
    check_nearest(&data, std::nullopt);
    check_nearest(&data, 3);
  }
  REQUIRE(data.set_normalisation("none", &error));
  CHECK(data.input_exponent() == -7);
}

TEST_CASE("dataset: mantissas of features under any rule have one exponent") {
  const TemporaryFolder folder;
  folder.write("t.csv", "x,y,kind\n1,0.5,low\n2,0.25,low\n-1,0,high\n0.125,1,high\n");
  hone::DataOptions o = options(folder.path("t.csv"));
  o.shape = {1, 1, kValues};
  o.label = "kind";
  o.validation = 0.0;
  Dataset data;
  Error error;
  REQUIRE(data.open(o, &error));
  for (const char* rule : {"none", "columns", "set"}) {
    CAPTURE(rule);
    REQUIRE(data.set_normalisation(rule, &error));
    CHECK(data.input_exponent() == hone::kFeatureExponent);
    check_nearest(&data, std::nullopt);
  }
}
