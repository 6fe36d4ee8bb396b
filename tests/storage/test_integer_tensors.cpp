#include <doctest/doctest.h>

#include "hone/checkpoint.hpp"
#include "safetensors_file.hpp"

using hone::Checkpoint;
using hone::Dtype;
using hone::IntegerRange;
using hone::Status;
using storage_test::bytes_of;
using storage_test::string_sink;

namespace {

const std::int16_t kWeights[] = {-32767, 0, 5, 32767, 1, -1};
const std::int32_t kBiases[] = {-0x7FFFFFFF, 0, 0x7FFFFFFF};
const std::int8_t kExponents[] = {-60, 60, -7};
const std::uint8_t kQuiet[] = {0, 31, 3};

hone::CheckpointInfo integer_info() {
  hone::CheckpointInfo info;
  info.model = "input 2\nlinear 3";
  info.normalise = "none";
  info.numeric = hone::Numeric::w16a8;
  return info;
}

template <class T, std::size_t N>
std::string file_with(const char* name, const T (&values)[N]) {
  const hone::TensorEntry tensor =
      hone::integer_entry(name, {1, {N}}, hone::Span<const T>(values, N));
  std::string file;
  REQUIRE(hone::write_checkpoint(integer_info(), hone::Span<const hone::TensorEntry>(&tensor, 1),
                                 string_sink(file)) == Status::ok);
  return file;
}

template <class T>
struct Loaded {
  Loaded(const std::string& file, IntegerRange range, std::size_t n) : values(n, T(77)) {
    hone::SafetensorsError why;
    REQUIRE(hone::open_checkpoint(bytes_of(file), file.size(), checkpoint, why) == Status::ok);
    const hone::Bytes bytes = bytes_of(file);
    status = hone::load_integers(checkpoint.header, hone::memory_source(bytes), "t", {1, {n}},
                                 range, hone::Span<T>(values.data(), n), error);
  }
  Checkpoint checkpoint;
  std::vector<T> values;
  hone::TensorError error;
  Status status;
};

template <class T, std::size_t N>
void check_round_trip(const T (&values)[N], IntegerRange range) {
  const Loaded<T> loaded(file_with("t", values), range, N);
  CHECK(loaded.status == Status::ok);
  CHECK(loaded.values == std::vector<T>(values, values + N));
}

// One value too many for a range that holds the others.
template <class T>
void check_refused(T value, IntegerRange range) {
  CAPTURE(static_cast<int>(value));
  const T values[] = {1, value, 2};
  const Loaded<T> loaded(file_with("t", values), range, 3);
  CHECK(loaded.status == Status::bad_data);
  CHECK(loaded.error.element == 1);
}

}  // namespace

TEST_CASE("integer tensors: every type comes back, with the numeric") {
  check_round_trip(kWeights, hone::kWeightRange);
  check_round_trip(kBiases, hone::kWordRange);
  check_round_trip(kExponents, hone::kExponentRange);
  check_round_trip(kQuiet, hone::kQuietRange);
  Checkpoint c;
  hone::SafetensorsError why;
  const std::string file = file_with("t", kWeights);
  REQUIRE(hone::open_checkpoint(bytes_of(file), file.size(), c, why) == Status::ok);
  CHECK(c.numeric == hone::Numeric::w16a8);
}

TEST_CASE("integer tensors: a value that w16a8 does not have is refused with its place") {
  check_refused<std::int16_t>(-32768, hone::kWeightRange);
  check_refused<std::int32_t>(-0x7FFFFFFF - 1, hone::kWordRange);
  for (const int e : {-61, 61, -128, 127})
    check_refused(static_cast<std::int8_t>(e), hone::kExponentRange);
  check_refused<std::uint8_t>(32, hone::kQuietRange);
}

TEST_CASE("integer tensors: another name, type or shape leaves the output untouched") {
  const std::string file = file_with("t", kWeights);
  const Loaded<std::int32_t> wide(file, hone::kWordRange, 6);
  CHECK(wide.status == Status::not_supported);
  CHECK(std::string(wide.error.expected) == "I32");
  CHECK(wide.values[0] == 77);
  const Loaded<std::int16_t> few(file, hone::kWeightRange, 5);
  CHECK(few.status == Status::bad_shape);
  CHECK(few.values[0] == 77);
  const Loaded<std::int16_t> none(file_with("u", kWeights), hone::kWeightRange, 6);
  CHECK(none.status == Status::unknown_name);
  // What is not of floats is not loaded as floats.
  float x[6];
  hone::TensorError error;
  Checkpoint c;
  hone::SafetensorsError why;
  REQUIRE(hone::open_checkpoint(bytes_of(file), file.size(), c, why) == Status::ok);
  const hone::Bytes bytes = bytes_of(file);
  CHECK(hone::load_tensor(c.header, hone::memory_source(bytes), "t", {1, {6}}, {x, 6}, error) ==
        Status::not_supported);
}
