#include "hone/schedule.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <initializer_list>

using namespace hone;

namespace {
double rate(const Schedule& s, std::uint64_t step) {
  return static_cast<double>(learning_rate(s, step));
}
}  // namespace

TEST_CASE("schedule: constant, with a warm-up that starts at 0 and ends at the rate") {
  Schedule s;
  s.lr = 0.1;
  CHECK(learning_rate(s, 0) == 0.1f);
  CHECK(learning_rate(s, 1'000'000'000'000) == 0.1f);
  s.warmup = 4;
  CHECK(learning_rate(s, 0) == 0.0f);
  CHECK(rate(s, 1) == doctest::Approx(0.025));
  CHECK(rate(s, 3) == doctest::Approx(0.075));
  CHECK(learning_rate(s, 4) == 0.1f);
}

TEST_CASE("schedule: step counts its periods from the end of the warm-up") {
  Schedule s;
  s.kind = Schedule::Kind::step;
  s.lr = 0.8, s.period = 10, s.factor = 0.5, s.warmup = 5;
  for (std::uint64_t k = 5; k < 60; ++k)
    CHECK(rate(s, k) == doctest::Approx(0.8 * std::pow(0.5, static_cast<double>((k - 5) / 10))));
}

TEST_CASE("schedule: step falls to 0 below the store floor, and soon even after many periods") {
  Schedule s;
  s.kind = Schedule::Kind::step;
  s.lr = 1, s.period = 1, s.factor = 0.5;
  CHECK(learning_rate(s, 40) == 0x1p-40f);
  CHECK(learning_rate(s, 41) == 0.0f);
  CHECK(learning_rate(s, ~std::uint64_t{0}) == 0.0f);
}

TEST_CASE(
    "schedule: cosine goes from the rate to the lowest, counted from the end of the warm-up") {
  Schedule s;
  s.kind = Schedule::Kind::cosine;
  s.lr = 0.3, s.period = 50, s.lowest = 0.01, s.warmup = 7;
  CHECK(learning_rate(s, 7) == 0.3f);
  for (std::uint64_t k = 7; k <= 57; ++k) {
    const double turn = std::acos(-1.0) * static_cast<double>(k - 7) / 50;
    CHECK(rate(s, k) == doctest::Approx(0.01 + 0.29 * (1 + std::cos(turn)) / 2).epsilon(1e-6));
  }
  CHECK(learning_rate(s, 57) == 0.01f);
  CHECK(learning_rate(s, 1000) == 0.01f);
}

TEST_CASE("schedule: what cannot be a schedule is refused, and harms nobody who did not ask") {
  Schedule s;
  s.lr = 0.1;
  CHECK(check(s) == Status::ok);
  for (const Schedule::Kind kind : {Schedule::Kind::step, Schedule::Kind::cosine}) {
    s.kind = kind;
    s.period = 0;
    CHECK(check(s) == Status::bad_argument);
    CHECK(learning_rate(s, 7) >= 0.0f);
    s.period = 1;
  }
  s.factor = 1.0;
  CHECK(check(s) == Status::bad_argument);
  s.factor = 0.5;
  s.lowest = 0.2;
  CHECK(check(s) == Status::bad_argument);
}
