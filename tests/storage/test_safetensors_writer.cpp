#include <doctest/doctest.h>

#include <cstring>
#include <initializer_list>

#include "safetensors_file.hpp"

using hone::Dtype;
using hone::MetadataEntry;
using hone::Span;
using hone::Status;
using hone::TensorEntry;
using storage_test::bytes_of;
using storage_test::Parsed;
using storage_test::plain;
using storage_test::string_sink;

namespace {

using Metadata = std::vector<MetadataEntry>;
using Tensors = std::vector<TensorEntry>;

template <class T>
Span<const T> span_of(const std::vector<T>& v) {
  return {v.data(), v.size()};
}

Status write(const Metadata& metadata, const Tensors& tensors, std::string& file) {
  return hone::write_safetensors(span_of(metadata), span_of(tensors), string_sink(file));
}

const float kWeights[6] = {1, -2.5f, 0x1p-30f, 0, 3e38f, 0x1.234568p-3f};
const std::string kLabels = "\x01\x02\x03";

Tensors two_tensors() {
  return {hone::f32_entry({"conv2d_0", ".weight"}, {2, {2, 3}}, {kWeights, 6}),
          {"labels", Dtype::u8, {1, {3}}, bytes_of(kLabels)}};
}

}  // namespace

TEST_CASE("write_safetensors: the reader gets back what was written, at an aligned place") {
  const Metadata metadata = {{"model", "input 1x1x1\nlinear \"2\" \\ \x01\t\x1F"},
                             {"k\xC3\xA9y", "\xF0\x9F\x98\x80"}};
  std::string file;
  REQUIRE(write(metadata, two_tensors(), file) == Status::ok);
  Parsed p(file);
  REQUIRE(p.status == Status::ok);
  CHECK(p.header.data_begin() == hone::kHeaderAlignment);
  hone::TensorInfo t;
  REQUIRE(p.header.find("conv2d_0.weight", t));
  CHECK(t.begin == p.header.data_begin());
  CHECK(t.shape == hone::TensorShape{2, {2, 3}});
  CHECK(std::memcmp(file.data() + t.begin, kWeights, sizeof kWeights) == 0);
  REQUIRE(p.header.find("labels", t));
  CHECK(file.substr(static_cast<std::size_t>(t.begin)) == kLabels);
  for (const MetadataEntry& entry : metadata) {
    hone::EscapedText value;
    REQUIRE(p.header.find_metadata(entry.key, value));
    CHECK(value == hone::TensorName(entry.value));
  }
}

TEST_CASE("safetensors_bytes: the exact size, around every page border") {
  for (const std::size_t length :
       std::initializer_list<std::size_t>{0, 1, 3900, 3901, 4060, 4061, 4062, 4063, 4064, 4065,
                                          4066, 4067, 4068, 4069, 4070, 4071, 8150, 8166}) {
    CAPTURE(length);
    const std::string value(length, 'v');
    const Metadata metadata = {{"k", hone::Text(value.data(), value.size())}};
    std::uint64_t bytes = 0;
    std::string file;
    CHECK(hone::safetensors_bytes(span_of(metadata), span_of(Tensors()), bytes) == Status::ok);
    CHECK(write(metadata, {}, file) == Status::ok);
    CHECK(file.size() == bytes);
    CHECK(bytes % hone::kHeaderAlignment == 0);
    // {"__metadata__":{"k":"..."}} is 25 bytes and the value; nothing is padded further than
    // needed.
    CHECK(bytes - (8 + 25 + length) < hone::kHeaderAlignment);
    CHECK(Parsed(file).status == Status::ok);
  }
}

TEST_CASE("safetensors_bytes: looks at sizes only") {
  Tensors tensors = two_tensors();
  for (TensorEntry& t : tensors) t.data = {nullptr, t.data.size};
  std::uint64_t bytes = 0;
  REQUIRE(hone::safetensors_bytes({}, span_of(tensors), bytes) == Status::ok);
  CHECK(bytes == hone::kHeaderAlignment + sizeof kWeights + kLabels.size());
}

TEST_CASE("write_safetensors: nothing, scalars and empty tensors are legal files") {
  std::string file;
  CHECK(write({}, {}, file) == Status::ok);
  CHECK(Parsed(file).status == Status::ok);
  file.clear();
  const Tensors tensors = {hone::f32_entry("scalar", {}, {kWeights, 1}),
                           hone::f32_entry("empty", {2, {0, 5}}, {nullptr, 0}),
                           hone::f32_entry("vector", {1, {2}}, {kWeights, 2})};
  CHECK(write({}, tensors, file) == Status::ok);
  CHECK(Parsed(file).status == Status::ok);
}

TEST_CASE("write_safetensors: wrong input is refused before the first byte") {
  std::string file;
  const Tensors good = two_tensors();
  CHECK(write({{"a", "1"}, {"a", "2"}}, good, file) == Status::bad_argument);
  CHECK(write({{"a", "\xFF"}}, good, file) == Status::bad_argument);
  CHECK(write({{"\xC3", "1"}}, good, file) == Status::bad_argument);
  CHECK(write({}, {good[0], good[0]}, file) == Status::bad_argument);
  Tensors bad = good;
  bad[1].name = {"conv2d_", "0", ".weight"};  // other pieces, the same name
  CHECK(write({}, bad, file) == Status::bad_argument);
  bad[1].name = "__metadata__";
  CHECK(write({}, bad, file) == Status::bad_argument);
  bad[1].name = "\xED\xA0\x80";
  CHECK(write({}, bad, file) == Status::bad_argument);
  bad = good;
  bad[1].shape = {1, {4}};
  CHECK(write({}, bad, file) == Status::bad_shape);
  bad[1].shape = {3, {UINT64_MAX, 2, 3}};
  CHECK(write({}, bad, file) == Status::bad_shape);
  bad[1].shape.rank = hone::kMaxDims + 1;
  CHECK(write({}, bad, file) == Status::bad_argument);
  bad[1].shape.rank = -1;
  CHECK(write({}, bad, file) == Status::bad_argument);
  const std::string huge(hone::kMaxHeaderBytes, 'x');
  CHECK(write({{"a", {huge.data(), huge.size()}}}, good, file) == Status::too_large);
  std::uint64_t bytes = 77;
  CHECK(hone::safetensors_bytes({}, span_of(bad), bytes) == Status::bad_argument);
  CHECK(bytes == 77);
  CHECK(file.empty());
}

TEST_CASE("write_safetensors: an error of the sink ends the writing and comes back") {
  std::string whole;
  const Tensors tensors = two_tensors();
  REQUIRE(write({}, tensors, whole) == Status::ok);
  struct Failing {
    int calls_left, calls_after_error;
  };
  for (int good_calls = 0; good_calls < 18; ++good_calls) {  // 16 of header, 2 tensors
    Failing state = {good_calls, 0};
    const hone::Sink sink = {&state, [](void* context, hone::Bytes) {
                               Failing& s = *static_cast<Failing*>(context);
                               if (s.calls_left-- > 0) return Status::ok;
                               ++s.calls_after_error;
                               return Status::io_error;
                             }};
    CHECK(hone::write_safetensors({}, span_of(tensors), sink) == Status::io_error);
    CHECK(state.calls_after_error == 1);
  }
}

TEST_CASE("is_utf8") {
  CHECK(hone::is_utf8("plain \\ \n \xC3\xA9 \xF0\x9F\x98\x80"));
  CHECK(hone::is_utf8(""));
  CHECK_FALSE(hone::is_utf8("cut \xC3"));
  CHECK_FALSE(hone::is_utf8("latin1 \xE9 text"));
}
