#include "hone/short_decimal.hpp"

#include <doctest/doctest.h>

#include <cstdlib>
#include <cstring>
#include <string>

#include "hone/random.hpp"

namespace {

using namespace hone;

constexpr double value_of(Text t) {
  bool ok = false;
  const double v = parse_decimal(t, ok);
  return ok ? v : -12345.0;
}
static_assert(value_of("0.3") == 0.3, "");
static_assert(value_of("5e-4") == 5e-4, "");
static_assert(value_of("0.30000000000000004") == 0.30000000000000004, "");  // the slow way
static_assert(value_of("2.2250738585072014e-308") == 2.2250738585072014e-308, "");

bool refused(Text t) {
  bool ok = true;
  return parse_decimal(t, ok) == 0 && !ok;
}

template <class T>
std::string written(T v) {
  char out[kDecimalChars];
  return {out, write_decimal(v, out)};
}

bool same_bits(double a, double b) { return std::memcmp(&a, &b, sizeof a) == 0; }

}  // namespace

TEST_CASE("parse_decimal: accepted spellings") {
  CHECK(value_of("0") == 0);
  CHECK(same_bits(value_of("-0"), 0.0));
  CHECK(value_of("-1.5") == -1.5);
  CHECK(value_of("+.5") == 0.5);
  CHECK(value_of("5.") == 5);
  CHECK(value_of("1E+2") == 100);
  CHECK(value_of("0.00000000000000000000000000001") == 1e-29);
  CHECK(value_of("100000000000000000000000000000.0") == 1e29);
  CHECK(value_of("0e999999999999999999999") == 0);
  CHECK(value_of("9999999999999999999") == 1e19);
}

TEST_CASE("parse_decimal: refused texts") {
  constexpr const char* kTexts[] = {"",
                                    "-",
                                    ".",
                                    "e5",
                                    "1e",
                                    "1e+",
                                    "1.2.3",
                                    "1 ",
                                    " 1",
                                    "1x",
                                    "nan",
                                    "inf",
                                    "0x1p0",
                                    "1e5.",
                                    "12345678901234567891",
                                    "1.0000000000000000001",
                                    "1e309",
                                    "1.8e308",
                                    "1e-400",
                                    "2e-324",
                                    "1e999999999999999999999"};
  for (const char* t : kTexts) {
    CAPTURE(t);
    CHECK(refused(t));
  }
}

TEST_CASE("parse_decimal: the extremes of double") {
  CHECK(value_of("1.7976931348623157e308") == 1.7976931348623157e308);
  CHECK(value_of("1.797693134862315807e308") == 1.7976931348623157e308);
  CHECK(refused("1.797693134862315808e308"));
  CHECK(value_of("5e-324") == 5e-324);
  CHECK(value_of("2.471e-324") == 5e-324);
  CHECK(refused("2.4703e-324"));
  CHECK(value_of("9007199254740993") == 9007199254740992.0);  // a tie goes to even
  CHECK(value_of("9007199254740995") == 9007199254740996.0);
}

TEST_CASE("parse_decimal: random numbers agree with the C library") {
  Stream random(7);
  for (int i = 0; i < 20000; ++i) {
    std::string s;
    for (std::uint32_t digits = 1 + random.below(19); digits > 0; --digits) {
      s += static_cast<char>('0' + random.below(10));
      if (random.below(20) == 0 && s.find('.') == std::string::npos) s += '.';
    }
    const int exponent = static_cast<int>(random.below(660)) - 340;
    s += "e" + std::to_string(random.below(2) ? exponent : exponent / 16);
    const double want = std::strtod(s.c_str(), nullptr);
    bool ok = false;
    const double got = parse_decimal({s.data(), s.size()}, ok);
    CAPTURE(s);
    if (ok)
      REQUIRE(same_bits(got, want));
    else
      REQUIRE((want == 0 || want > 1e308));
  }
}

TEST_CASE("write_decimal: the shortest text") {
  CHECK(written(0.0) == "0");
  CHECK(written(0.3) == "0.3");
  CHECK(written(0.3f) == "0.3");
  CHECK(written(-0.25) == "-0.25");
  CHECK(written(1.0) == "1");
  CHECK(written(1200.0) == "1200");
  CHECK(written(123.75) == "123.75");
  CHECK(written(0.00005) == "0.00005");
  CHECK(written(5e-7) == "5e-7");
  CHECK(written(1.25e30) == "1.25e30");
  CHECK(written(0.1 + 0.2) == "0.30000000000000004");
  CHECK(written(static_cast<float>(1.0 / 3)) == "0.33333334");
  CHECK(written(1.7976931348623157e308) == "1.7976931348623157e308");
  CHECK(written(5e-324) == "5e-324");
}

TEST_CASE("write_decimal: random doubles and floats come back") {
  Stream random(11);
  for (int i = 0; i < 1500; ++i) {
    const std::uint64_t high = random.next32(), bits = high << 32 | random.next32();
    double d;
    std::memcpy(&d, &bits, sizeof d);
    if (i % 20) d = static_cast<double>(bits >> 11) * 0x1p-53;  // the far ones are slow
    const std::uint32_t low = random.next32();
    float f;
    std::memcpy(&f, &low, sizeof f);
    if (d - d == 0) REQUIRE(value_of(written(d).c_str()) == d);
    if (i % 5 == 0 && f - f == 0) REQUIRE(static_cast<float>(value_of(written(f).c_str())) == f);
  }
}
