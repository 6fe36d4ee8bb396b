#include <doctest/doctest.h>

#include <cmath>
#include <string>
#include <vector>

#include "hone/normalise.hpp"
#include "hone/random.hpp"

using hone::DataFault;
using hone::Normalisation;
using hone::NormaliseRule;
using hone::Status;

namespace {

Status parse(const std::string& text, std::vector<double>* room, Normalisation* rule,
             DataFault* fault) {
  return hone::parse_normalisation({text.data(), text.size()}, {room->data(), room->size()}, rule,
                                   fault);
}

Normalisation rule_of(const std::string& text) {
  std::vector<double> none;
  Normalisation rule;
  REQUIRE(parse(text, &none, &rule, nullptr) == Status::ok);
  return rule;
}

std::vector<float> pixels_by(const Normalisation& rule, const std::vector<std::uint8_t>& p) {
  std::vector<float> x(p.size());
  REQUIRE(hone::normalise_pixels(rule, {p.data(), p.size()}, {x.data(), x.size()}) == Status::ok);
  return x;
}

using Mantissas = std::vector<int>;

Mantissas mantissas_by(const Normalisation& rule, const std::vector<std::uint8_t>& p) {
  std::vector<std::int8_t> x(p.size());
  REQUIRE(hone::normalise_pixels(rule, {p.data(), p.size()}, {x.data(), x.size()}) == Status::ok);
  return Mantissas(x.begin(), x.end());
}

}  // namespace

TEST_CASE("normalise_pixels: none, fixed and set by hand") {
  CHECK(pixels_by(rule_of("none"), {0, 51, 255}) == std::vector<float>{0.0f, 51.0f / 255.0f, 1.0f});
  CHECK(pixels_by(rule_of("fixed 0.5 2"), {0, 255}) == std::vector<float>{-1.0f, 1.0f});
  CHECK(pixels_by(rule_of("set 100 50"), {0, 100, 125}) == std::vector<float>{-2.0f, 0.0f, 0.5f});
}

TEST_CASE("normalise_pixels: the store floor leaves no tiny values and no minus zero") {
  for (const float x : pixels_by(rule_of("fixed 0 -1e-13"), {1, 200, 255})) {
    CHECK(x == 0.0f);
    CHECK(!std::signbit(x));
  }
}

TEST_CASE("normalise_pixels: image by the integer formula") {
  // n = 2, s = 4, q = 10, D = 4: r = 2; (1*2 - 4)/2 and (3*2 - 4)/2.
  CHECK(pixels_by(rule_of("image"), {1, 3}) == std::vector<float>{-1.0f, 1.0f});
  // A constant image: D = 0, r = n.
  CHECK(pixels_by(rule_of("image"), {9, 9, 9}) == std::vector<float>(3, 0.0f));
  hone::Stream random(4, hone::Purpose::synth, 0, 0, 0);
  std::vector<std::uint8_t> p(997);
  for (std::uint8_t& v : p) v = static_cast<std::uint8_t>(random.next16());
  double mean = 0.0, squares = 0.0;
  for (const std::uint8_t v : p) mean += v / 997.0;
  for (const std::uint8_t v : p) squares += (v - mean) * (v - mean) / 997.0;
  const std::vector<float> x = pixels_by(rule_of("image"), p);
  for (std::size_t i = 0; i < p.size(); ++i)
    CHECK(static_cast<double>(x[i]) ==
          doctest::Approx((p[i] - mean) / std::sqrt(squares)).epsilon(1e-5));
}

TEST_CASE("normalise_features: columns repeat along the values") {
  Normalisation rule;
  std::vector<double> room(4);
  REQUIRE(parse("columns 1 2 10 5", &room, &rule, nullptr) == Status::ok);
  const double values[] = {3.0, 0.0, 1.0, 20.0};
  float x[4];
  REQUIRE(hone::normalise_features(rule, {values, 4}, {x, 4}) == Status::ok);
  CHECK(x[0] == 1.0f);
  CHECK(x[1] == -2.0f);
  CHECK(x[2] == 0.0f);
  CHECK(x[3] == 2.0f);
  CHECK(hone::normalise_features(rule, {values, 3}, {x, 3}) == Status::bad_shape);
  const double large[] = {1e300, 0.0};
  CHECK(hone::normalise_features(rule, {large, 2}, {x, 2}) == Status::not_finite);
}

TEST_CASE("normalise_pixels: mantissas of none, fixed and set") {
  CHECK(mantissas_by(rule_of("none"), {0, 1, 2, 254, 255}) == Mantissas{0, 0, 1, 127, 127});
  CHECK(hone::pixel_exponent(rule_of("none")) == -7);
  // Cut beyond 7 bits; ties go upward.
  CHECK(mantissas_by(rule_of("set 100 1"), {99, 100, 101, 0, 255}) ==
        Mantissas{-32, 0, 32, -127, 127});
  CHECK(mantissas_by(rule_of("set 4 64"), {0, 3, 4, 5, 6, 7}) == Mantissas{-2, 0, 0, 1, 1, 2});
  CHECK(mantissas_by(rule_of("fixed 0.5 2"), {0, 255}) == Mantissas{-32, 32});
  for (const char* text : {"set 1 2", "fixed 0 1", "image"})
    CHECK(hone::pixel_exponent(rule_of(text)) == -5);
}

TEST_CASE("normalise_pixels: mantissas are the nearest to 32 times the float of any rule") {
  hone::Stream random(9, hone::Purpose::synth, 0, 0, 0);
  for (const char* text : {"set 96.25 37.5", "fixed 0.25 -3", "fixed 0.5 1e9"}) {
    std::vector<std::uint8_t> p(512);
    for (std::uint8_t& v : p) v = static_cast<std::uint8_t>(random.next16());
    const std::vector<float> x = pixels_by(rule_of(text), p);
    const Mantissas m = mantissas_by(rule_of(text), p);
    for (std::size_t i = 0; i < p.size(); ++i) {
      const double nearest = std::floor(32.0 * static_cast<double>(x[i]) + 0.5);
      CHECK(m[i] == static_cast<int>(nearest > 127 ? 127 : nearest < -127 ? -127 : nearest));
    }
  }
}

TEST_CASE("normalise_pixels: mantissas of image by exact arithmetic") {
  CHECK(mantissas_by(rule_of("image"), {1, 3}) == Mantissas{-32, 32});
  CHECK(mantissas_by(rule_of("image"), {9, 9, 9}) == Mantissas{0, 0, 0});
  hone::Stream random(5, hone::Purpose::synth, 0, 0, 0);
  for (std::size_t size : {2u, 3u, 64u, 997u, 65536u}) {
    std::vector<std::uint8_t> p(size);
    for (std::uint8_t& v : p) v = static_cast<std::uint8_t>(random.next16() % (1 + size % 250));
    p[0] = 255;
    const long long n = static_cast<long long>(size);
    long long s = 0, q = 0;
    for (const std::uint8_t v : p) s += v, q += v * v;
    long long root = static_cast<long long>(std::sqrt(static_cast<long double>(n * q - s * s)));
    while (root * root > n * q - s * s) --root;
    while ((root + 1) * (root + 1) <= n * q - s * s) ++root;
    const long long r = root > n ? root : n;
    const Mantissas m = mantissas_by(rule_of("image"), p);
    for (std::size_t i = 0; i < size && i < 500; ++i) {
      // The largest whole x with 2r * x <= 64 * (p*n - s) + r, within 7 bits.
      long long x = -127;
      while (x < 127 && 2 * r * (x + 1) <= 64 * (p[i] * n - s) + r) ++x;
      CHECK(m[i] == x);
    }
  }
}

TEST_CASE("normalise_features: mantissas") {
  const double values[] = {0.0, 1.0, -1.0, 1.0 / 64, -1.0 / 64, 1e30, -1e30, 1e-300};
  std::int8_t m[8];
  REQUIRE(hone::normalise_features(rule_of("none"), {values, 8}, {m, 8}) == Status::ok);
  CHECK(Mantissas(m, m + 8) == Mantissas{0, 32, -32, 1, 0, 127, -127, 0});
  Normalisation rule;
  std::vector<double> room(4);
  REQUIRE(parse("columns 1 2 10 5", &room, &rule, nullptr) == Status::ok);
  const double rows[] = {3.0, 0.0, 1.0, 20.0};
  REQUIRE(hone::normalise_features(rule, {rows, 4}, {m, 4}) == Status::ok);
  CHECK(Mantissas(m, m + 4) == Mantissas{32, -64, 0, 64});
  const double large[] = {1e300, 0.0};
  CHECK(hone::normalise_features(rule, {large, 2}, {m, 2}) == Status::not_finite);
}

TEST_CASE("normalise: rules that do not fit the data") {
  const std::uint8_t p[1] = {1};
  const double v[1] = {1.0};
  float x[2];
  std::vector<double> room(2);
  Normalisation columns;
  REQUIRE(parse("columns 0 1", &room, &columns, nullptr) == Status::ok);
  CHECK(hone::normalise_pixels(columns, {p, 1}, {x, 1}) == Status::bad_argument);
  CHECK(hone::normalise_pixels(rule_of("set"), {p, 1}, {x, 1}) == Status::bad_argument);
  CHECK(hone::normalise_pixels(rule_of("none"), {p, 1}, {x, 2}) == Status::bad_shape);
  CHECK(hone::normalise_pixels(rule_of("none"), {p, 0}, {x, 0}) == Status::bad_shape);
  CHECK(hone::normalise_features(rule_of("image"), {v, 1}, {x, 1}) == Status::bad_argument);
  CHECK(hone::normalise_features(rule_of("set"), {v, 1}, {x, 1}) == Status::bad_argument);
}

TEST_CASE("ExactMoments: by hand, and beyond 64 bits") {
  hone::ExactMoments m;
  const std::uint8_t p[] = {1, 3};
  m.add({p, 2});
  double mean = 0.0, deviation = 0.0;
  m.finish(&mean, &deviation);
  CHECK(mean == 2.0);
  CHECK(deviation == 1.0);
  hone::ExactMoments same;
  for (int i = 0; i < 5; ++i) same.add(-7);
  same.finish(&mean, &deviation);
  CHECK(mean == -7.0);
  CHECK(deviation == 1.0);
  // n * q = 2^23 * 2^53 = 2^76: half the values -32768, half 32767.
  hone::ExactMoments wide;
  for (int i = 0; i < 1 << 22; ++i) {
    wide.add(-32768);
    wide.add(32767);
  }
  wide.finish(&mean, &deviation);
  CHECK(mean == -0.5);
  CHECK(deviation == 32767.5);
}

TEST_CASE("OrderedMoments: population deviation; a constant gives 1") {
  const auto moments = [](const std::vector<double>& values) {
    hone::OrderedMoments m;
    for (const double v : values) m.add_to_mean(v);
    m.end_mean();
    for (const double v : values) m.add_to_deviation(v);
    return m;
  };
  CHECK(moments({1.0, 3.0}).mean() == 2.0);
  CHECK(moments({1.0, 3.0}).deviation() == 1.0);
  // 0.1 three times: the plain mean is not 0.1, but a constant column must give zeros.
  CHECK(moments({0.1, 0.1, 0.1}).mean() == 0.1);
  CHECK(moments({0.1, 0.1, 0.1}).deviation() == 1.0);
}

TEST_CASE("normalisation text: numbers come back exactly") {
  for (const char* text : {"none", "image", "set", "columns", "set 127.3 41.7", "fixed 0.1 3.3",
                           "fixed -1 0", "columns 0.1 0.2 1e300 5e-324 -7 1"}) {
    CAPTURE(text);
    std::vector<double> room(2 * hone::count_columns({text})), back_room(room.size());
    Normalisation rule, back;
    REQUIRE(parse(text, &room, &rule, nullptr) == Status::ok);
    std::string written(hone::normalisation_text_bytes(rule), ' ');
    std::size_t size = 0;
    REQUIRE(hone::format_normalisation(rule, {&written[0], written.size()}, &size) == Status::ok);
    written.resize(size);
    REQUIRE(parse(written, &back_room, &back, nullptr) == Status::ok);
    CHECK(back.rule == rule.rule);
    CHECK(back.known == rule.known);
    CHECK(back.a == rule.a);
    CHECK(back.b == rule.b);
    CHECK(back_room == room);
    std::size_t unused = 0;
    CHECK(hone::format_normalisation(rule, {&written[0], size - 1}, &unused) == Status::too_large);
  }
}

TEST_CASE("normalisation text: errors") {
  const struct {
    const char* text;
    Status status;
  } cases[] = {
      {"imagee", Status::unknown_name},     {"", Status::unknown_name},
      {"fixed", Status::bad_data},          {"fixed 1", Status::bad_data},
      {"fixed 1 2 3", Status::bad_data},    {"fixed 1 x", Status::bad_data},
      {"fixed nan 1", Status::not_finite},  {"set 1", Status::bad_data},
      {"set 1 0", Status::bad_argument},    {"set 1 -2", Status::bad_argument},
      {"image 1", Status::bad_data},        {"columns 1", Status::too_large},
      {"columns 1 1 1", Status::too_large}, {"none,none", Status::bad_data},
  };
  for (const auto& c : cases) {
    CAPTURE(c.text);
    std::vector<double> room;
    Normalisation rule;
    rule.a = 42.0;
    DataFault fault;
    room.resize(c.status == Status::too_large ? 0 : 8);
    CHECK(parse(c.text, &room, &rule, &fault) == c.status);
    CHECK(rule.a == 42.0);
  }
  std::vector<double> room(8);
  Normalisation rule;
  DataFault fault;
  CHECK(parse("columns 1 1 1", &room, &rule, &fault) == Status::bad_data);
  CHECK(parse("imagee", &room, &rule, &fault) == Status::unknown_name);
  CHECK(fault.expected == hone::Text("image"));
}
