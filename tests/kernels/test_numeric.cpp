#include "hone/numeric.hpp"

#include <doctest/doctest.h>

#include <cmath>

#include "random_tensor.hpp"

using namespace hone_test;

namespace {

float from_bits(std::uint32_t u) {
  float x;
  std::memcpy(&x, &u, sizeof x);
  return x;
}
std::uint32_t bits(float x) {
  std::uint32_t u;
  std::memcpy(&u, &x, sizeof u);
  return u;
}

}  // namespace

TEST_CASE("fma: rounds once") {
  // The product lies so near the middle of two floats that 2^-78 decides.
  const float a = from_bits(0x3F800800u);
  CHECK(bits(hone::fma(a, a, 0x1p-78f)) == 0x3F801001u);
  CHECK(bits(hone::fma(a, a, -0x1p-78f)) == 0x3F801000u);
  CHECK(hone::fma(0x1p127f, 2.0f, 1.0f) == __builtin_huge_valf());
  CHECK(std::isnan(hone::fma(__builtin_nanf(""), 2.0f, 1.0f)));
  CHECK(bits(hone::fma(1.0f, 1.0f, -1.0f)) == 0u);
}

// newlib's fmaf, where it is no instruction, rounds twice.
#if HONE_HAS_FMA || !defined(__NEWLIB__)
TEST_CASE("fma, soft_fma: equal the C library's on random and nearly cancelling triples") {
  hone::Stream stream(7);
  std::uint32_t wrong = 0, soft_wrong = 0;
  for (int i = 0; i < 200000; ++i) {
    const float a = random_value(stream, Fill::extreme), b = random_value(stream, Fill::extreme);
    const float near = from_bits(bits(a * b) + stream.below(5) - 2u);
    const float c = i % 2 && a * b != 0.0f ? -near : random_value(stream, Fill::extreme);
    if (bits(hone::fma(a, b, c)) != bits(std::fma(a, b, c))) ++wrong;
    if (bits(hone::soft_fma(a, b, c)) != bits(std::fma(a, b, c))) ++soft_wrong;
  }
  CHECK(wrong == 0);
  CHECK(soft_wrong == 0);
}

TEST_CASE("soft_fma: equals the C library's on any bits, subnormal, infinite and NaN too") {
  hone::Stream stream(8);
  // Few exponents, so that terms meet: all of them, or those about the ends of the range.
  const auto draw = [&](int kind) {
    const std::uint32_t u = stream.next32();
    if (kind == 0) return from_bits(u);
    const std::uint32_t exponent = kind == 1 ? u % 3u : kind == 2 ? 252u + u % 4u : 110u + u % 40u;
    const std::uint32_t fraction = stream.below(4) ? stream.next32() & 0x7FFFFFu : 0u;
    return from_bits((u & 0x80000000u) | (exponent << 23) | fraction);
  };
  std::uint32_t wrong = 0;
  for (int i = 0; i < 200000; ++i) {
    const float a = draw(i & 3), b = draw((i >> 2) & 3);
    float c = draw((i >> 4) & 3);
    if (i & 64) c = from_bits(bits(-(a * b)) + stream.below(3));
    const float want = std::fma(a, b, c), got = hone::soft_fma(a, b, c);
    if (std::isnan(want) ? !std::isnan(got) : bits(want) != bits(got)) ++wrong;
  }
  CHECK(wrong == 0);
}
#endif

TEST_CASE("store_floor: what lies below 2^-40 becomes +0") {
  const float below = from_bits(bits(0x1p-40f) - 1u);
  CHECK(bits(hone::store_floor(below)) == 0u);
  CHECK(bits(hone::store_floor(-below)) == 0u);
  CHECK(bits(hone::store_floor(-0.0f)) == 0u);
  CHECK(bits(hone::store_floor(from_bits(1u))) == 0u);
  CHECK(hone::store_floor(0x1p-40f) == 0x1p-40f);
  CHECK(hone::store_floor(-0x1p-40f) == -0x1p-40f);
  CHECK(hone::store_floor(-__builtin_huge_valf()) == -__builtin_huge_valf());
  CHECK(std::isnan(hone::store_floor(__builtin_nanf(""))));
}

TEST_CASE("is_not_finite: NaN and both infinities only") {
  CHECK(hone::is_not_finite(__builtin_nanf("")));
  CHECK(hone::is_not_finite(__builtin_huge_valf()));
  CHECK(hone::is_not_finite(-__builtin_huge_valf()));
  CHECK_FALSE(hone::is_not_finite(0x1.fffffep127f));
  CHECK_FALSE(hone::is_not_finite(-0.0f));
}

TEST_CASE("sum_lanes: the tree 16, 8, 4, 2, 1") {
  float lane[32] = {};
  lane[0] = 0x1p24f;
  lane[16] = 1.0f;  // lost: meets 2^24 first
  lane[1] = 1.0f;   // meets lane 17 first, then lane 0 last
  lane[17] = 1.0f;
  CHECK(hone::sum_lanes(lane) == 0x1p24f + 2.0f);
}
