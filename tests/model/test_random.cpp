#include "hone/random.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <vector>

#include "train/reference_net.hpp"

using namespace hone;

namespace {

struct Vector {
  std::uint64_t seed;
  std::uint32_t purpose;
  std::uint64_t step;
  std::uint32_t layer, index, u;
  std::uint32_t values[8];  // 0..3 and 16..19
};
// docs/CONTRACT.md, "Random streams".
constexpr Vector kVectors[] = {
    {1, 3, 0, 0, 0, 0xd4c71eb2u, {38289, 57019, 60890, 4070, 25645, 64006, 20889, 35245}},
    {1, 3, 7, 2, 5, 0xbf09a55au, {29473, 1843, 51535, 55366, 48650, 654, 63461, 5135}},
    {0x123456789abcdef0u,
     4,
     std::uint64_t{1} << 33,
     6,
     (1u << 24) + 9,
     0xeded5a72u,
     {41917, 48582, 53928, 2218, 10853, 63511, 4365, 6457}},
};

}  // namespace

TEST_CASE("random: the streams give the contract's test vectors") {
  for (const Vector& v : kVectors) {
    CHECK(stream_seed(v.seed, static_cast<Purpose>(v.purpose), v.step, v.layer, v.index) == v.u);
    Stream s(v.seed, static_cast<Purpose>(v.purpose), v.step, v.layer, v.index);
    for (std::uint32_t i = 0; i < 20; ++i) {
      const std::uint32_t got = s.next16();
      if (i < 4) CHECK(got == v.values[i]);
      if (i >= 16) CHECK(got == v.values[i - 12]);
    }
  }
}

TEST_CASE("random: the reference of the tests gives the contract's test vectors as well") {
  for (const Vector& v : kVectors) {
    const std::uint32_t words[7] = {static_cast<std::uint32_t>(v.seed),
                                    static_cast<std::uint32_t>(v.seed >> 32),
                                    v.purpose,
                                    static_cast<std::uint32_t>(v.step),
                                    static_cast<std::uint32_t>(v.step >> 32),
                                    v.layer,
                                    v.index};
    const std::vector<std::uint32_t> got = hone_test::reference_stream16(words, 20);
    CHECK(std::equal(got.begin(), got.begin() + 4, v.values));
    CHECK(std::equal(got.begin() + 16, got.end(), v.values + 4));
  }
}

TEST_CASE("random: next32 gives the lanes, whose halves are what next16 gives") {
  Stream words(77u), halves(77u);
  std::uint32_t low[8], high[8];
  for (std::uint32_t& v : low) v = halves.next16();
  for (std::uint32_t& v : high) v = halves.next16();
  for (int j = 0; j < 8; ++j) CHECK(words.next32() == (low[j] | high[j] << 16));
}

TEST_CASE("random: below stays below and meets every value") {
  Stream s(5u);
  int count[7] = {};
  for (int i = 0; i < 7000; ++i) ++count[s.below(7)];
  for (const int c : count) CHECK(c > 800);
}

TEST_CASE("random: shuffle is a permutation that depends on the seed alone") {
  std::vector<int> a(100), b(100), c(100);
  for (int i = 0; i < 100; ++i)
    a[static_cast<std::size_t>(i)] = b[static_cast<std::size_t>(i)] =
        c[static_cast<std::size_t>(i)] = i;
  shuffle(a.data(), a.size(), Stream(1, Purpose::shuffle, 0, 0, 0));
  shuffle(b.data(), b.size(), Stream(1, Purpose::shuffle, 0, 0, 0));
  shuffle(c.data(), c.size(), Stream(1, Purpose::shuffle, 1, 0, 0));
  CHECK(a == b);
  CHECK(a != c);
  std::sort(a.begin(), a.end());
  for (int i = 0; i < 100; ++i) CHECK(a[static_cast<std::size_t>(i)] == i);
}
