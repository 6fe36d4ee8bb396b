#include <doctest/doctest.h>

#include <cfloat>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

#include "hone/decimal.hpp"
#include "hone/random.hpp"

namespace {

std::uint64_t bits_of(double v) {
  std::uint64_t u;
  std::memcpy(&u, &v, sizeof u);
  return u;
}

hone::Status parse(const std::string& text, double* value) {
  return hone::parse_number({text.data(), text.size()}, value);
}

/// The C library's answer, which glibc and newlib round correctly.
void check_against_strtod(const std::string& text) {
  CAPTURE(text);
  double got = 0.0;
  REQUIRE(parse(text, &got) == hone::Status::ok);
  CHECK(bits_of(got) == bits_of(std::strtod(text.c_str(), nullptr) + 0.0));
}

}  // namespace

TEST_CASE("parse_number: hard decimals round to the nearest double") {
  for (const char* text :
       {"0",
        "1",
        "-1",
        "+2.5",
        ".5",
        "5.",
        "0.1",
        "1e22",
        "1e23",
        "123456789012345678",
        "9007199254740993",
        "9007199254740992.99999999999999999999",
        "2.2250738585072011e-308",
        "2.2250738585072014e-308",
        "4.9e-324",
        "2.4703282292062327e-324",
        "2.4703282292062328e-324",
        "1.7976931348623157e308",
        "1.7976931348623158e308",
        "0.000000000000000000000000000000000000000000000000000000000000000000001e70",
        "100000000000000000000000000000000000000000000e-44",
        "6.02214076e+23",
        "1E5",
        "8.5e-5",
        "179769313486231580793728971405301e276",
        "1e-400",
        "0e999999999999999999"})
    check_against_strtod(text);
}

TEST_CASE("parse_number: ties are decided by the last of hundreds of digits") {
  // Halfway between 1 and its neighbour: 1 + 2^-53, exactly.
  const std::string half = "1.00000000000000011102230246251565404236316680908203125";
  check_against_strtod(half);
  check_against_strtod(half + std::string(700, '0'));
  check_against_strtod(half + std::string(700, '0') + "1");
  check_against_strtod(half + std::string(900, '0') + "1");
  double v = 0.0;
  REQUIRE(parse(half + std::string(900, '0') + "1", &v) == hone::Status::ok);
  CHECK(v == 1.0 + DBL_EPSILON);
}

TEST_CASE("parse_number: random doubles written with 17 digits read back exactly") {
  hone::Stream random(1, hone::Purpose::synth, 0, 0, 0);
  for (int i = 0; i < 5000; ++i) {
    const std::uint64_t u = std::uint64_t{random.next32()} << 32 | random.next32();
    double v;
    std::memcpy(&v, &u, sizeof v);
    if (v - v != 0.0) continue;
    char text[64];
    std::snprintf(text, sizeof text, "%.17g", v);
    double back = 0.0;
    REQUIRE(parse(text, &back) == hone::Status::ok);
    CHECK(bits_of(back) == bits_of(v));
    std::snprintf(text, sizeof text, "%.*e", static_cast<int>(u % 25), v);
    const double expected = std::strtod(text, nullptr);
    if (expected - expected == 0.0) check_against_strtod(text);
  }
}

TEST_CASE("format_hex and parse_number are inverse") {
  hone::Stream random(2, hone::Purpose::synth, 0, 0, 0);
  for (int i = 0; i < 5000; ++i) {
    std::uint64_t u = std::uint64_t{random.next32()} << 32 | random.next32();
    if (i % 4 == 0) u &= ~(std::uint64_t{0x7FF} << 52);  // subnormal
    double v;
    std::memcpy(&v, &u, sizeof v);
    if (v - v != 0.0) continue;
    char text[hone::kHexNumberChars];
    const std::string written(text, hone::format_hex(v, text));
    CHECK(std::strtod(written.c_str(), nullptr) == v);
    double back = 1.0;
    REQUIRE(parse(written, &back) == hone::Status::ok);
    CHECK(bits_of(back) == bits_of(v == 0.0 ? 0.0 : v));
  }
}

TEST_CASE("parse_number: what is no number is bad data and leaves the value") {
  for (const char* text : {"",       "+",
                           "-",      ".",
                           "e5",     "1e",
                           "1e+",    "1.2.3",
                           "1 ",     " 1",
                           "1,5",    "abc",
                           "0x",     "0x1",
                           "0xp1",   "0x1p",
                           "0xg.p1", "1f",
                           "--1",    "+-1",
                           "0x1.8p", "0x12345678901234567p0"}) {
    CAPTURE(text);
    double v = 7.0;
    CHECK(parse(text, &v) == hone::Status::bad_data);
    CHECK(v == 7.0);
  }
}

TEST_CASE("parse_number: nan, inf and what exceeds the range are not finite") {
  for (const char* text : {"nan", "NaN", "-nan", "inf", "-Inf", "+INFINITY", "1e309", "-1e400",
                           "1.7976931348623159e308", "0x1p1024", "1e99999999999999999999"}) {
    CAPTURE(text);
    double v = 7.0;
    CHECK(parse(text, &v) == hone::Status::not_finite);
    CHECK(v == 7.0);
  }
}

TEST_CASE("parse_number: minus zero is zero") {
  double v = 1.0;
  REQUIRE(parse("-0.0", &v) == hone::Status::ok);
  CHECK(bits_of(v) == 0);
}
