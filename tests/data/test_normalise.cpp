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
