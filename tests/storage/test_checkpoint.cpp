#include <doctest/doctest.h>

#include <cmath>
#include <cstring>
#include <limits>

#include "hone/checkpoint.hpp"
#include "safetensors_file.hpp"

using hone::Checkpoint;
using hone::CheckpointInfo;
using hone::Dtype;
using hone::Status;
using hone::TensorEntry;
using storage_test::bytes_of;
using storage_test::make_file;
using storage_test::plain;
using storage_test::string_sink;

namespace {

const float kWeight[6] = {1, 2, 3, 4, 5, 6};
const float kBias[3] = {-1, 0, 0.5f};
const hone::MetadataEntry kExtra[] = {{"camera", "left"}};

CheckpointInfo sample_info() {
  CheckpointInfo info;
  info.model = "input 2\nlinear 3";
  info.classes = "pit\nscratch\nclean";
  info.normalise = "fixed 0.5 2";
  info.settings = "lr 0.05";
  info.step = 1234;
  info.epoch = 5;
  info.seed = UINT64_MAX;
  info.extra = {kExtra, 1};
  return info;
}

std::vector<TensorEntry> sample_tensors() {
  return {hone::f32_entry(hone::weight_name("linear_0"), {2, {2, 3}}, {kWeight, 6}),
          hone::f32_entry(hone::bias_name("linear_0"), {1, {3}}, {kBias, 3}),
          hone::f32_entry(hone::weight_velocity_name("linear_0"), {2, {2, 3}}, {kWeight, 6})};
}

std::string sample_file(const CheckpointInfo& info = sample_info()) {
  const std::vector<TensorEntry> tensors = sample_tensors();
  const hone::Span<const TensorEntry> list(tensors.data(), tensors.size());
  std::string file;
  std::uint64_t bytes = 0;
  REQUIRE(hone::write_checkpoint(info, list, string_sink(file)) == Status::ok);
  REQUIRE(hone::checkpoint_bytes(info, list, bytes) == Status::ok);
  REQUIRE(file.size() == bytes);
  return file;
}

Status open(const std::string& file, Checkpoint& checkpoint) {
  hone::SafetensorsError error;
  return hone::open_checkpoint(bytes_of(file), file.size(), checkpoint, error);
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  REQUIRE(from.size() == to.size());
  REQUIRE(text.find(from) != std::string::npos);
  return text.replace(text.find(from), from.size(), to);
}

// A file of another writer with one tensor "w" of n elements.
template <class T>
std::string foreign_file(const char* dtype, const std::vector<T>& values) {
  const std::size_t bytes = values.size() * sizeof(T);
  std::string data(bytes, '\0');
  std::memcpy(&data[0], values.data(), bytes);
  return make_file(R"({"__metadata__":{"format":"pt"},"w":{"dtype":")" + std::string(dtype) +
                       R"(","shape":[)" + std::to_string(values.size()) +
                       R"(],"data_offsets":[0,)" + std::to_string(bytes) + "]}}",
                   data);
}

struct Loaded {
  Loaded(const std::string& file, std::size_t n) : values(n, 77.0f) {
    REQUIRE(open(file, checkpoint) == Status::ok);
    const hone::Bytes bytes = bytes_of(file);
    status = hone::load_tensor(checkpoint.header, hone::memory_source(bytes), "w", {1, {n}},
                               {values.data(), n}, error);
  }
  Checkpoint checkpoint;
  std::vector<float> values;
  hone::TensorError error;
  Status status;
};

}  // namespace

TEST_CASE("checkpoint: what is written comes back") {
  const std::string file = sample_file();
  Checkpoint c;
  REQUIRE(open(file, c) == Status::ok);
  CHECK(c.from_hone);
  CHECK(plain(c.model) == "input 2\nlinear 3");
  CHECK(plain(c.classes) == "pit\nscratch\nclean");
  CHECK(plain(c.normalise) == "fixed 0.5 2");
  CHECK(plain(c.settings) == "lr 0.05");
  CHECK(c.step == 1234);
  CHECK(c.epoch == 5);
  CHECK(c.seed == UINT64_MAX);
  hone::EscapedText camera;
  REQUIRE(c.header.find_metadata("camera", camera));
  CHECK(plain(camera) == "left");
  float weight[6];
  hone::TensorError error;
  const hone::Bytes bytes = bytes_of(file);
  CHECK(hone::load_tensor(c.header, hone::memory_source(bytes),
                          hone::weight_velocity_name("linear_0"), {2, {2, 3}}, {weight, 6},
                          error) == Status::ok);
  CHECK(std::memcmp(weight, kWeight, sizeof weight) == 0);
}

TEST_CASE("checkpoint: names of tensors") {
  CHECK(hone::weight_name("a") == "a.weight");
  CHECK(hone::bias_name("a") == "a.bias");
  CHECK(hone::weight_velocity_name("a") == "optimizer.a.weight.velocity");
  CHECK(hone::bias_velocity_name("a") == "optimizer.a.bias.velocity");
}

TEST_CASE("checkpoint: the size does not depend on step, epoch and seed") {
  CheckpointInfo info = sample_info();
  const std::size_t size = sample_file(info).size();
  for (std::size_t length = 0; length < 4096; length += 64) {
    const std::string settings(length, 's');
    info.settings = {settings.data(), settings.size()};
    info.step = info.epoch = info.seed = 0;
    const std::size_t small = sample_file(info).size();
    info.step = info.epoch = info.seed = UINT64_MAX;
    CHECK(sample_file(info).size() == small);
  }
  CHECK(size == 4096 + sizeof kWeight * 2 + sizeof kBias);
}

TEST_CASE("checkpoint: NaN and infinity are never written") {
  for (const float bad :
       {std::numeric_limits<float>::quiet_NaN(), -std::numeric_limits<float>::infinity()}) {
    std::vector<TensorEntry> tensors = sample_tensors();
    const float bias[3] = {0, 0, bad};
    tensors[1] = hone::f32_entry(hone::bias_name("linear_0"), {1, {3}}, {bias, 3});
    std::string file;
    CHECK(hone::write_checkpoint(sample_info(),
                                 hone::Span<const TensorEntry>(tensors.data(), tensors.size()),
                                 string_sink(file)) == Status::not_finite);
    CHECK(file.empty());
  }
}

TEST_CASE("checkpoint: an extra key that hone uses itself is refused") {
  const hone::MetadataEntry extra[] = {{"step", "1"}};
  CheckpointInfo info = sample_info();
  info.extra = {extra, 1};
  std::uint64_t bytes = 0;
  CHECK(hone::checkpoint_bytes(info, {}, bytes) == Status::bad_argument);
}

TEST_CASE("checkpoint: another version, contract, numeric or layout is refused") {
  const std::string file = sample_file();
  Checkpoint c;
  for (const auto& change : std::vector<std::pair<std::string, std::string>>{
           {"\"hone 1\"", "\"hone 2\""},
           {"\"contract\":\"1\"", "\"contract\":\"2\""},
           {"\"f32\"", "\"w16\""},
           {"images NHWC", "images NCHW"}}) {
    CAPTURE(change.second);
    CHECK(open(replaced(file, change.first, change.second), c) == Status::not_supported);
    CHECK_FALSE(c.from_hone);
    CHECK(c.header.tensors() == 0);
  }
}

TEST_CASE("checkpoint: a missing key or a bad number is an error that names the key") {
  const std::string file = sample_file();
  for (const char* key : {"contract", "numeric", "layout", "model", "classes", "normalise",
                          "settings", "step", "epoch", "seed"}) {
    CAPTURE(key);
    std::string other(std::strlen(key), 'x');
    const std::string damaged = replaced(file, "\"" + std::string(key) + "\"", "\"" + other + "\"");
    Checkpoint c;
    hone::SafetensorsError error;
    CHECK(hone::open_checkpoint(bytes_of(damaged), damaged.size(), c, error) == Status::bad_data);
    CHECK(std::string(error.expected).find(key) != std::string::npos);
  }
  Checkpoint c;
  CHECK(open(replaced(file, "00001234", "0000123x"), c) == Status::bad_data);
  CHECK(open(replaced(file, "00001234", "-0001234"), c) == Status::bad_data);
  CHECK(open(replaced(file, "18446744073709551615", "18446744073709551616"), c) ==
        Status::bad_data);
  CHECK(open(replaced(file, "\"00000000000000001234\"", "\"\"                    "), c) ==
        Status::bad_data);
}

TEST_CASE("checkpoint: escapes that another writer adds change nothing") {
  std::string file = replaced(sample_file(), "00000000000000001234", "0000000\\u00312\\u0033");
  file.replace(file.find("hone 1"), 6, "h\\u006fne 1");
  file.erase(file.find("     "), 5);  // as much of the padding as the escape is longer
  Checkpoint c;
  REQUIRE(open(file, c) == Status::ok);
  CHECK(c.step == 123);
}

TEST_CASE("checkpoint: a file of another writer opens without hone's metadata") {
  const Loaded l(foreign_file<float>("F32", {1.5f, -2}), 2);
  CHECK_FALSE(l.checkpoint.from_hone);
  CHECK(l.status == Status::ok);
  CHECK(l.values == std::vector<float>{1.5f, -2});
}

TEST_CASE("load_tensor: every value passes the store floor") {
  const Loaded l(foreign_file<float>("F32", {0x1p-40f, 0x1.fffffep-41f, -0x1.fffffep-41f, -0.0f,
                                             1e-45f, -0x1p-40f}),
                 6);
  REQUIRE(l.status == Status::ok);
  CHECK(l.values == std::vector<float>{0x1p-40f, 0, 0, 0, 0, -0x1p-40f});
  for (const float v : l.values) CHECK((v != 0 || !std::signbit(v)));
}

TEST_CASE("load_tensor: NaN and infinity are refused with the element") {
  const float inf = std::numeric_limits<float>::infinity();
  const Loaded nan(foreign_file<float>("F32", {1, 2, std::nanf("")}), 3);
  CHECK(nan.status == Status::not_finite);
  CHECK(nan.error.element == 2);
  CHECK(Loaded(foreign_file<float>("F32", {-inf}), 1).status == Status::not_finite);
  CHECK(Loaded(foreign_file<double>("F64", {1e39}), 1).status == Status::not_finite);
  CHECK(Loaded(foreign_file<std::uint16_t>("F16", {0x7C00}), 1).status == Status::not_finite);
  CHECK(Loaded(foreign_file<std::uint16_t>("F16", {0xFE00}), 1).status == Status::not_finite);
  CHECK(Loaded(foreign_file<std::uint16_t>("BF16", {0xFF80}), 1).status == Status::not_finite);
}

TEST_CASE("load_tensor: F64 is rounded to nearest even once") {
  const Loaded l(foreign_file<double>("F64", {0x1.000001p0, 0x1.000003p0, 0x1.0000010000001p0,
                                              0x1.fffffefffffffp-41, 0x1.ffffffp-41}),
                 5);
  REQUIRE(l.status == Status::ok);
  CHECK(l.values == std::vector<float>{1, 0x1.000004p0f, 0x1.000002p0f, 0, 0x1p-40f});
}

TEST_CASE("load_tensor: all 63,488 finite halves are exact") {
  std::vector<std::uint16_t> bits;
  for (std::uint32_t u = 0; u < 0x10000; ++u) {
    if ((u & 0x7C00) != 0x7C00) bits.push_back(static_cast<std::uint16_t>(u));
  }
  const Loaded l(foreign_file("F16", bits), bits.size());
  REQUIRE(l.status == Status::ok);
  std::size_t wrong = 0;
  for (std::size_t i = 0; i < bits.size(); ++i) {
    const int exponent = bits[i] >> 10 & 31, mantissa = bits[i] & 1023;
    const double magnitude =
        exponent ? std::ldexp(1024 + mantissa, exponent - 25) : std::ldexp(mantissa, -24);
    const double want = bits[i] & 0x8000 ? -magnitude : magnitude;
    wrong += static_cast<double>(l.values[i]) != want || (want == 0 && std::signbit(l.values[i]));
  }
  CHECK(wrong == 0);
}

TEST_CASE("load_tensor: BF16 is the upper half of a float") {
  const Loaded l(foreign_file<std::uint16_t>("BF16", {0x3F80, 0xC020, 0x0001, 0x8000}), 4);
  REQUIRE(l.status == Status::ok);
  CHECK(l.values == std::vector<float>{1, -2.5f, 0, 0});
}

TEST_CASE("load_tensor: wrong name, type, shape and size leave the values alone") {
  const std::string file = foreign_file<float>("F32", {1, 2, 3, 4});
  const hone::Bytes bytes = bytes_of(file);
  Checkpoint c;
  REQUIRE(open(file, c) == Status::ok);
  float out[5] = {7, 7, 7, 7, 7};
  hone::TensorError error;
  const auto load = [&](const char* name, const hone::TensorShape& shape, std::size_t n) {
    return hone::load_tensor(c.header, hone::memory_source(bytes), name, shape, {out, n}, error);
  };
  CHECK(load("v", {1, {4}}, 4) == Status::unknown_name);
  CHECK(load("w", {2, {2, 2}}, 4) == Status::bad_shape);
  CHECK(load("w", {1, {5}}, 5) == Status::bad_shape);
  CHECK(load("w", {1, {4}}, 3) == Status::bad_shape);
  for (const float x : out) CHECK(x == 7);
  CHECK(load("w", {1, {4}}, 4) == Status::ok);
  CHECK(Loaded(foreign_file<std::int32_t>("I32", {1}), 1).status == Status::not_supported);
}

TEST_CASE("load_tensor: an error of the source comes back") {
  for (const char* dtype : {"F32", "F16"}) {
    const std::string file =
        dtype[1] == '3' ? foreign_file<float>(dtype, {1}) : foreign_file<std::uint16_t>(dtype, {1});
    const hone::Bytes cut = {bytes_of(file).data, file.size() - 1};
    Checkpoint c;
    REQUIRE(open(file, c) == Status::ok);
    float out = 0;
    hone::TensorError error;
    CHECK(hone::load_tensor(c.header, hone::memory_source(cut), "w", {1, {1}}, {&out, 1}, error) ==
          Status::io_error);
  }
}

TEST_CASE("line_of: class names") {
  CHECK(hone::line_count("") == 0);
  CHECK(hone::line_count("a") == 1);
  CHECK(hone::line_count("a\nb\n") == 2);
  CHECK(hone::line_count("a\n\nb") == 3);
  CHECK(hone::line_of("a\nbc\n", 0) == "a");
  CHECK(hone::line_of("a\nbc\n", 1) == "bc");
  CHECK(hone::line_of("a\nbc", 1) == "bc");
  CHECK(hone::line_of("a\nbc", 2) == "");
  CHECK(hone::line_of("a\n\nb", 1) == "");
}
