#include <doctest/doctest.h>

#include <cmath>
#include <vector>

#include "hone/fixed.hpp"
#include "hone/random.hpp"
#include "hone/trainer.hpp"

using hone::Scale;
using hone::Span;

namespace {

std::vector<float> floats(const std::vector<std::int16_t>& m, int e) {
  std::vector<float> out(m.size());
  hone::floats_of({m.data(), m.size()}, e, {out.data(), out.size()});
  return out;
}

}  // namespace

TEST_CASE("conversion: mantissas become exactly mantissa * 2^e") {
  std::vector<std::int16_t> m;
  for (int q = -32767; q <= 32767; ++q) m.push_back(static_cast<std::int16_t>(q));
  for (const int e : {-40, -25, -15, 0, 30}) {
    const std::vector<float> x = floats(m, e);
    for (std::size_t i = 0; i < m.size(); ++i)
      REQUIRE(std::ldexp(static_cast<double>(x[i]), -e) == static_cast<double>(m[i]));
  }
  CHECK(floats({1}, -41)[0] == 0.0f);  // the store floor
}

TEST_CASE("conversion: floats that were mantissas come back as the same values") {
  hone::Stream random(1, hone::Purpose::synth, 0, 0, 0);
  for (int round = 0; round < 50; ++round) {
    // One bit to grow, as floats become: then no exponent has to rise.
    const int e = -20 + round % 30;
    std::vector<std::int16_t> m(33), back(33);
    for (std::int16_t& q : m)
      q = static_cast<std::int16_t>(static_cast<int>(random.next16() % 32769) - 16384);
    const std::vector<float> x = floats(m, e);
    Scale scale;
    hone::mantissas_of({x.data(), x.size()}, {back.data(), back.size()}, scale);
    CHECK(floats(back, scale.e) == x);
  }
}

TEST_CASE("conversion: biases are units of 2^-20 both ways") {
  const std::int32_t m[] = {0, 1, -1, 1 << 23, -(1 << 24) + 1, 0x7FFFFFFF};
  float x[6];
  std::int32_t back[6];
  hone::bias_floats_of({m, 6}, {x, 6});
  CHECK(x[1] == 0x1p-20f);
  CHECK(x[3] == 8.0f);
  CHECK(x[5] == 2048.0f);  // to the nearest float
  hone::bias_mantissas_of({x, 6}, {back, 6});
  for (int i = 0; i < 6; ++i) CHECK(back[i] == m[i]);
}
