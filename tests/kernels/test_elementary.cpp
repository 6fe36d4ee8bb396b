#include <doctest/doctest.h>

#include <cmath>
#include <initializer_list>

#include "hone/elementary.hpp"
#include "hone/random.hpp"
#include "kernels/elementary.hpp"

namespace {

constexpr double kNaN = __builtin_nan("");
constexpr double kInfinity = __builtin_huge_val();

double uniform(hone::Stream& stream, double low, double high) {
  return low + (high - low) * (stream.next32() * 0x1p-32);
}

double relative_error(double got, long double want) {
  return static_cast<double>(std::fabs((static_cast<long double>(got) - want) / want));
}

// Distance in units of the last place of the right result, rounded to float.
double error_in_ulp(float got, long double want) {
  const float near = static_cast<float>(want);
  const float ulp = std::nextafter(std::fabs(near), __builtin_huge_valf()) - std::fabs(near);
  return static_cast<double>(std::fabs(static_cast<long double>(got) - want) /
                             static_cast<long double>(ulp));
}

static_assert(hone::exp(0.0) == 1.0 && hone::log(1.0) == 0.0 && hone::cos(0.0) == 1.0,
              "usable at build time");

}  // namespace

TEST_CASE("exp in double: relative error below 1e-15") {
  hone::Stream stream(1);
  double worst = 0;
  for (int i = 0; i < 20000; ++i) {
    const double x = i % 2 ? uniform(stream, -708, 709.7) : uniform(stream, -2, 2);
    worst = std::fmax(worst, relative_error(hone::exp(x), std::exp(static_cast<long double>(x))));
  }
  CHECK(worst < 1e-15);
  CHECK(hone::exp(-1000.0) == 0.0);
  CHECK(hone::exp(710.0) == kInfinity);
  CHECK(hone::exp(kInfinity) == kInfinity);
  CHECK(hone::exp(-kInfinity) == 0.0);
  CHECK(std::isnan(hone::exp(kNaN)));
}

TEST_CASE("log in double: relative error below 1e-15") {
  hone::Stream stream(2);
  double worst = 0;
  for (int i = 0; i < 20000; ++i) {
    const double x = i % 2 ? std::exp(uniform(stream, -700, 700)) : uniform(stream, 0.4, 2.5);
    if (x == 1.0) continue;
    worst = std::fmax(worst, relative_error(hone::log(x), std::log(static_cast<long double>(x))));
  }
  for (int i = 1; i < 1000; ++i)
    for (const double x : {1.0 + i * 0x1p-52, 1.0 - i * 0x1p-53})
      worst = std::fmax(worst, relative_error(hone::log(x), std::log(static_cast<long double>(x))));
  CHECK(worst < 1e-15);
  CHECK(relative_error(hone::log(0x1p-1074), std::log(0x1p-1074L)) < 1e-15);
  CHECK(hone::log(kInfinity) == kInfinity);
  CHECK(hone::log(0.0) == -kInfinity);
  CHECK(std::isnan(hone::log(-1.0)));
  CHECK(std::isnan(hone::log(kNaN)));
}

TEST_CASE("cos in double: absolute error below 4e-16 up to a million") {
  hone::Stream stream(3);
  long double worst = 0;
  for (int i = 0; i < 30000; ++i) {
    const double limit = i % 3 == 0 ? 1e6 : i % 3 == 1 ? 6284.0 : 4.0;
    const double x = uniform(stream, -limit, limit);
    worst = std::fmax(worst, std::fabs(static_cast<long double>(hone::cos(x)) -
                                       std::cos(static_cast<long double>(x))));
  }
  CHECK(static_cast<double>(worst) < 4e-16);
  CHECK(hone::cos(3.141592653589793) == -1.0);
  CHECK(std::fabs(hone::cos(1.5707963267948966)) < 1e-16);
  CHECK(std::isnan(hone::cos(1.1e6)));
  CHECK(std::isnan(hone::cos(kInfinity)));
  CHECK(std::isnan(hone::cos(kNaN)));
}

TEST_CASE("exp of the leaves: within 1.1 ulp, then the store floor") {
  double worst = 0;
  for (std::uint32_t i = 0; i < 200000; ++i) {
    const float x = -27.7f + static_cast<float>(i) * (116.4f / 200000.0f);
    worst =
        std::fmax(worst, error_in_ulp(hone::exp_floored(x), std::exp(static_cast<long double>(x))));
  }
  CHECK(worst <= 1.1);
  CHECK(hone::exp_floored(0.0f) == 1.0f);
  for (float x = -60.0f; x < -27.0f; x += 0.0078125f) {
    const float y = hone::exp_floored(x);
    CHECK((y == 0.0f || y >= 0x1p-40f));
    if (x < -27.75f) CHECK(y == 0.0f);
  }
  const float infinity = __builtin_huge_valf();
  CHECK(hone::exp_floored(-infinity) == 0.0f);
  CHECK(hone::exp_floored(infinity) == infinity);
  CHECK(hone::exp_floored(88.73f) == infinity);
  CHECK(hone::exp_floored(88.722f) < infinity);
  CHECK(std::isnan(hone::exp_floored(__builtin_nanf(""))));
}

TEST_CASE("log of the leaves: within 2 ulp") {
  hone::Stream stream(4);
  double worst = 0;
  for (int i = 0; i < 200000; ++i) {
    const std::uint32_t u = 0x00800000u + stream.below(0x7F000000u);
    float x = i % 2 ? hone::float_of_bits(u) : 0.5f + static_cast<float>(i) * 1e-5f;
    if (x == 1.0f) continue;
    worst = std::fmax(worst,
                      error_in_ulp(hone::log_positive(x), std::log(static_cast<long double>(x))));
  }
  CHECK(worst <= 2.0);
  CHECK(hone::log_positive(1.0f) == 0.0f);
  CHECK(hone::log_positive(__builtin_huge_valf()) == __builtin_huge_valf());
  CHECK(std::isnan(hone::log_positive(__builtin_nanf(""))));
}
