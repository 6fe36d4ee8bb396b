#include <doctest/doctest.h>

#include "safetensors_file.hpp"

using hone::Status;
using storage_test::bytes_of;
using storage_test::make_file;
using storage_test::Parsed;
using storage_test::plain;

namespace {

const std::string kHeader =
    R"({"__metadata__":{"format":"pt","k\u00e9\"y":"a\nb\ud83d\ude00"},)"
    R"("a.weight":{"dtype":"F32","shape":[2,1],"data_offsets":[0,8]},)"
    R"( "b" : { "data_offsets" : [ 8 , 11 ] , "shape" : [ 3 ] , "dtype" : "U8" } }   )";
const std::string kData = "0123456789A";

std::string tensor(const std::string& name, const std::string& dtype, const std::string& shape,
                   const std::string& offsets) {
  return "\"" + name + "\":{\"dtype\":\"" + dtype + "\",\"shape\":" + shape +
         ",\"data_offsets\":" + offsets + "}";
}

Status status_of(const std::string& header, std::size_t data_bytes) {
  return Parsed(make_file(header, std::string(data_bytes, 'x'))).status;
}

}  // namespace

TEST_CASE("safetensors: a hand-made file gives its tensors in header order") {
  Parsed p(make_file(kHeader, kData));
  REQUIRE(p.status == Status::ok);
  CHECK(p.header.tensors() == 2);
  CHECK(p.header.data_begin() == 8 + kHeader.size());
  std::size_t at = 0;
  hone::TensorInfo t;
  REQUIRE(p.header.next(at, t));
  CHECK(plain(t.name) == "a.weight");
  CHECK(t.dtype == hone::Dtype::f32);
  CHECK(t.shape == hone::TensorShape{2, {2, 1}});
  CHECK(t.begin == p.header.data_begin());
  CHECK(t.elements() == 2);
  REQUIRE(p.header.next(at, t));
  CHECK(t.name == "b");
  CHECK(std::string(p.file.begin() + static_cast<long>(t.begin),
                    p.file.begin() + static_cast<long>(t.end)) == "89A");
  CHECK_FALSE(p.header.next(at, t));
  CHECK(p.header.find("b", t));
  CHECK(p.header.find({"a", ".", "weight"}, t));
  CHECK_FALSE(p.header.find("a.weigh", t));
  CHECK_FALSE(p.header.find("__metadata__", t));
}

TEST_CASE("safetensors: metadata is read without its escapes") {
  Parsed p(make_file(kHeader, kData));
  REQUIRE(p.status == Status::ok);
  CHECK(p.header.metadata_entries() == 2);
  hone::EscapedText value;
  REQUIRE(p.header.find_metadata("k\xC3\xA9\"y", value));
  CHECK(plain(value) == "a\nb\xF0\x9F\x98\x80");
  CHECK(value.size() == 7);
  char small[6];
  hone::Text text("untouched");
  CHECK(value.unescape({small, sizeof small}, text) == Status::too_large);
  CHECK(text == "untouched");
  CHECK_FALSE(p.header.find_metadata("absent", value));
}

TEST_CASE("safetensors: legal spellings") {
  CHECK(status_of("{}", 0) == Status::ok);
  CHECK(status_of("{ }     ", 0) == Status::ok);
  CHECK(status_of(R"({"__metadata__":{}})", 0) == Status::ok);
  CHECK(status_of("{" + tensor("s", "F64", "[]", "[0,8]") + "}", 8) == Status::ok);
  // Empty tensors at every boundary, and data out of header order.
  CHECK(status_of("{" + tensor("e", "F32", "[0,7]", "[8,8]") + "," +
                      tensor("b", "F32", "[2]", "[4,12]") + "," +
                      tensor("f", "F32", "[0]", "[4,4]") + "," +
                      tensor("a", "F32", "[1]", "[0,4]") + "," +
                      tensor("g", "F32", "[0]", "[12,12]") + "}",
                  12) == Status::bad_data);  // e stands inside b
  CHECK(status_of("{" + tensor("e", "F32", "[0,7]", "[0,0]") + "," +
                      tensor("b", "F32", "[2]", "[4,12]") + "," +
                      tensor("f", "F32", "[0]", "[4,4]") + "," +
                      tensor("a", "F32", "[1]", "[0,4]") + "," +
                      tensor("g", "F32", "[0]", "[12,12]") + "}",
                  12) == Status::ok);
  Parsed escaped(make_file(R"({"\u0061\/\t":{"dty\u0070e":"\u00463\u0032","shape":[1],)"
                           R"("data_offsets":[0,4]}})",
                           "1234"));
  REQUIRE(escaped.status == Status::ok);
  hone::TensorInfo t;
  CHECK(escaped.header.find("a/\t", t));
  CHECK(t.dtype == hone::Dtype::f32);
}

TEST_CASE("safetensors: a file cut short at any byte is refused") {
  const std::string file = make_file(kHeader, kData);
  for (std::size_t n = 0; n < file.size(); ++n) {
    CAPTURE(n);
    CHECK(Parsed(file.substr(0, n)).status == Status::bad_data);
  }
  CHECK(Parsed(file + "x").status == Status::bad_data);
}

TEST_CASE("safetensors: a header cut short at any byte with a length to match is refused") {
  const std::size_t json = kHeader.find_last_of('}') + 1;
  for (std::size_t n = 0; n < json; ++n) {
    CAPTURE(n);
    CHECK(Parsed(make_file(kHeader.substr(0, n), kData)).status == Status::bad_data);
  }
}

TEST_CASE("safetensors: the header length") {
  std::size_t bytes = 0;
  hone::SafetensorsError error;
  const std::string huge = std::string(8, '\xFF') + "{}";
  CHECK(Parsed(huge).status == Status::bad_data);
  // 1 MiB + 1 of a file said to be large enough.
  const std::string large("\x01\x00\x10\x00\x00\x00\x00\x00", 8);
  CHECK(hone::SafetensorsHeader::measure(bytes_of(large), 1 << 22, bytes, error) ==
        Status::too_large);
  const std::string good("\x02\x00\x00\x00\x00\x00\x00\x00", 8);
  CHECK(hone::SafetensorsHeader::measure(bytes_of(good), 10, bytes, error) == Status::ok);
  CHECK(bytes == 10);
  hone::SafetensorsHeader header;
  CHECK(header.parse(bytes_of(good + "{"), 10, error) == Status::bad_argument);
}

TEST_CASE("safetensors: data that does not cover the file exactly once is refused") {
  const auto two = [](const char* a, const char* b) {
    return status_of("{" + tensor("a", "U8", "[4]", a) + "," + tensor("b", "U8", "[4]", b) + "}",
                     8);
  };
  CHECK(two("[0,4]", "[4,8]") == Status::ok);
  CHECK(two("[4,8]", "[0,4]") == Status::ok);
  CHECK(two("[0,4]", "[0,4]") == Status::bad_data);
  CHECK(two("[0,4]", "[2,6]") == Status::bad_data);
  CHECK(two("[0,4]", "[3,7]") == Status::bad_data);
  CHECK(two("[1,5]", "[5,9]") == Status::bad_data);
  CHECK(two("[0,4]", "[5,9]") == Status::bad_data);
  CHECK(two("[0,4]", "[8,4]") == Status::bad_data);
  CHECK(two("[0,4]", "[18446744073709551612,18446744073709551616]") == Status::bad_data);
  CHECK(two("[0,4]", "[18446744073709551611,18446744073709551615]") == Status::bad_data);
  // A hole at the begin, in the middle, at the end; the sum of sizes alone would not see an
  // overlap that makes up for a hole.
  CHECK(status_of("{" + tensor("a", "U8", "[4]", "[1,5]") + "}", 5) == Status::bad_data);
  CHECK(status_of("{" + tensor("a", "U8", "[4]", "[0,4]") + "}", 5) == Status::bad_data);
  CHECK(status_of("{" + tensor("a", "U8", "[3]", "[0,3]") + "," +
                      tensor("b", "U8", "[3]", "[2,5]") + "," + tensor("c", "U8", "[2]", "[6,8]") +
                      "}",
                  8) == Status::bad_data);
  CHECK(status_of("{}", 1) == Status::bad_data);
}

TEST_CASE("safetensors: shape, type and offsets must agree") {
  const auto one = [](const char* dtype, const char* shape) {
    return status_of("{" + tensor("a", dtype, shape, "[0,8]") + "}", 8);
  };
  CHECK(one("F32", "[2]") == Status::ok);
  CHECK(one("BOOL", "[2,4]") == Status::ok);
  CHECK(one("I16", "[1,1,1,1,1,1,1,4]") == Status::ok);
  CHECK(one("F32", "[3]") == Status::bad_data);
  CHECK(one("F64", "[2]") == Status::bad_data);
  CHECK(one("F32", "[0]") == Status::bad_data);
  CHECK(one("U8", "[4294967296,4294967296,8]") == Status::bad_data);  // 8 * 2^64
  CHECK(one("U64", "[2305843009213693953]") == Status::bad_data);     // 8 + 2^64 bytes
  CHECK(one("U8", "[18446744073709551624]") == Status::bad_data);     // 8 + 2^64
  CHECK(one("F32", "[2.0]") == Status::bad_data);
  CHECK(one("F32", "[2e0]") == Status::bad_data);
  CHECK(one("F32", "[-2]") == Status::bad_data);
  CHECK(one("F32", "[+2]") == Status::bad_data);
  CHECK(one("F32", "[02]") == Status::bad_data);
  CHECK(one("F32", "[2,]") == Status::bad_data);
  CHECK(one("F32", "[[2]]") == Status::bad_data);
  CHECK(one("F32", "{}") == Status::bad_data);
  CHECK(one("F32", "\"2\"") == Status::bad_data);
  CHECK(one("F32", "null") == Status::bad_data);
  CHECK(one("F8_E4M3", "[8]") == Status::not_supported);
  CHECK(one("f32", "[2]") == Status::not_supported);
  CHECK(one("F32", "[1,1,1,1,1,1,1,1,2]") == Status::not_supported);
}

TEST_CASE("safetensors: keys come once, and only those of the format") {
  const std::string a = tensor("a", "U8", "[0]", "[0,0]");
  CHECK(status_of("{" + a + "," + tensor("b", "U8", "[0]", "[0,0]") + "}", 0) == Status::ok);
  CHECK(status_of("{" + a + "," + a + "}", 0) == Status::bad_data);
  CHECK(status_of("{" + a + "," + tensor("\\u0061", "U8", "[0]", "[0,0]") + "}", 0) ==
        Status::bad_data);
  CHECK(status_of(R"({"__metadata__":{},"__metadata__":{}})", 0) == Status::bad_data);
  CHECK(status_of(R"({"__metadata__":{"a":"1","\u0061":"2"}})", 0) == Status::bad_data);
  for (const char* body : {R"({"dtype":"U8","shape":[0],"data_offsets":[0,0],"shape":[0]})",
                           R"({"dtype":"U8","shape":[0],"data_offsets":[0,0],"extra":1})",
                           R"({"dtype":"U8","shape":[0]})", R"({"shape":[0],"data_offsets":[0,0]})",
                           R"({"dtype":"U8","data_offsets":[0,0]})", "{}", "[]", "1", "\"x\"",
                           "null", R"({"dtype":8,"shape":[0],"data_offsets":[0,0]})",
                           R"({"dtype":"U8","shape":[0],"data_offsets":[0]})",
                           R"({"dtype":"U8","shape":[0],"data_offsets":[0,0,0]})",
                           R"({"dtype":"U8","shape":[0],"data_offsets":[0,0],})"}) {
    CAPTURE(body);
    CHECK(status_of("{\"a\":" + std::string(body) + "}", 0) == Status::bad_data);
  }
}

TEST_CASE("safetensors: broken JSON is refused") {
  for (const char* header :
       {" {}", "[]", "{,}", "{}}", "{}x", "{}\n", "{\"a\"}", "{\"a\":}", "{a:{}}", "{'a':{}}",
        R"({"__metadata__":[]})", R"({"__metadata__":"x"})", R"({"__metadata__":{"a":1}})",
        R"({"__metadata__":{"a":{}}})", R"({"__metadata__":{"a":null}})",
        R"({"__metadata__":{"a":"b",}})", R"({"__metadata__":{"a" "b"}})", "\"\"", "{\""}) {
    CAPTURE(header);
    CHECK(status_of(header, 0) == Status::bad_data);
  }
}

TEST_CASE("safetensors: malformed escapes and UTF-8 are refused") {
  const auto value = [](const std::string& s) {
    return status_of("{\"__metadata__\":{\"k\":\"" + s + "\"}}", 0);
  };
  for (const char* good :
       {"", "\\\"\\\\\\/\\b\\f\\n\\r\\t", "\\u0000", "\\uD83D\\uDE00", "\xC2\x80", "\xE0\xA0\x80",
        "\xEF\xBF\xBF", "\xF4\x8F\xBF\xBF", "\x7F"}) {
    CAPTURE(good);
    CHECK(value(good) == Status::ok);
  }
  for (const char* bad : {"\\x",
                          "\\",
                          "\\u",
                          "\\u12",
                          "\\u12g4",
                          "\\u 123",
                          "\\uD800",
                          "\\uD800x",
                          "\\uD800\\n",
                          "\\uD800\\u0041",
                          "\\uD800\\uD800",
                          "\\uDC00",
                          "\\uDC00\\uD800",
                          "\n",
                          "\x01",
                          "\x80",
                          "\xC0\x80",
                          "\xC1\xBF",
                          "\xC2",
                          "\xC2x",
                          "\xE0\x9F\xBF",
                          "\xED\xA0\x80",
                          "\xE1\x80",
                          "\xF0\x8F\xBF\xBF",
                          "\xF4\x90\x80\x80",
                          "\xF5\x80\x80\x80",
                          "\xFF"}) {
    CAPTURE(bad);
    CHECK(value(bad) == Status::bad_data);
  }
}

TEST_CASE("safetensors: deep nesting and many entries end in an error, not in a crash") {
  CHECK(status_of("{\"a\":" + std::string(500000, '[') + "}", 0) == Status::bad_data);
  CHECK(status_of(std::string(500000, '{'), 0) == Status::bad_data);
  const auto many = [](std::size_t tensors, std::size_t metadata) {
    std::string header = "{\"__metadata__\":{";
    for (std::size_t i = 0; i < metadata; ++i) {
      header += (i ? ",\"" : "\"") + std::to_string(i) + "\":\"\"";
    }
    header += "}";
    // Stored in reverse, the slowest order to check.
    for (std::size_t i = tensors; i-- > 0;) {
      header += "," + tensor(std::to_string(i), "U8", "[1]",
                             "[" + std::to_string(i) + "," + std::to_string(i + 1) + "]");
    }
    return status_of(header + "}", tensors);
  };
  CHECK(many(hone::kMaxTensors + 1, 1) == Status::too_large);
  CHECK(many(1, hone::kMaxMetadata + 1) == Status::too_large);
  CHECK(many(200, hone::kMaxMetadata) == Status::ok);
}

TEST_CASE("safetensors: an error tells the byte in the file and what was expected") {
  const std::string header = R"({"a":{"dtype":"U8","shape":[x],"data_offsets":[0,0]}})";
  Parsed p(make_file(header, ""));
  CHECK(p.error.byte == 8 + header.find('x'));
  CHECK(std::string(p.error.expected) == "a dimension: an integer >= 0");
  CHECK(p.header.tensors() == 0);
  Parsed hole(make_file(
      "{" + tensor("a", "U8", "[1]", "[0,1]") + "," + tensor("b", "U8", "[1]", "[2,3]") + "}",
      "xyz"));
  CHECK(hole.error.byte == 8 + 1 + tensor("a", "U8", "[1]", "[0,1]").size() + 1);
}
