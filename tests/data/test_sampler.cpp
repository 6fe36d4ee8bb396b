#include <doctest/doctest.h>

#include <algorithm>
#include <vector>

#include "hone/sampler.hpp"

namespace {

using Order = std::vector<std::uint32_t>;

Order epoch(std::size_t n, std::uint64_t seed, std::uint64_t number) {
  Order order(n, 99);
  hone::epoch_order({order.data(), n}, seed, number);
  return order;
}

}  // namespace

TEST_CASE("epoch_order: a permutation, fixed by seed and epoch alone") {
  for (const std::size_t n : {0u, 1u, 2u, 7u, 100u}) {
    Order sorted = epoch(n, 1, 5);
    CHECK(sorted == epoch(n, 1, 5));
    std::sort(sorted.begin(), sorted.end());
    for (std::size_t i = 0; i < n; ++i) CHECK(sorted[i] == i);
  }
  CHECK(epoch(100, 1, 5) != epoch(100, 1, 6));
  CHECK(epoch(100, 1, 5) != epoch(100, 2, 5));
}

TEST_CASE("epoch_order: Fisher-Yates with 32-bit lane values") {
  Order expected{0, 1, 2, 3, 4};
  hone::Stream stream(7, hone::Purpose::shuffle, 3, 0, 0);
  for (std::size_t i = 4; i >= 1; --i) {
    const std::uint64_t j = std::uint64_t{stream.next32()} * (i + 1) >> 32;
    std::swap(expected[i], expected[static_cast<std::size_t>(j)]);
  }
  CHECK(epoch(5, 7, 3) == expected);
}

TEST_CASE("class_split: rounding and bounds") {
  const struct {
    std::size_t n;
    double fraction;
    std::size_t per_class, training, validation;
  } cases[] = {
      {10, 0.1, 0, 9, 1}, {14, 0.1, 0, 13, 1}, {15, 0.1, 0, 13, 2}, {2, 0.1, 0, 1, 1},
      {1, 0.5, 0, 1, 0},  {0, 0.5, 0, 0, 0},   {3, 0.99, 0, 1, 2},  {10, 0.0, 0, 10, 0},
      {10, 0.2, 5, 4, 1}, {4, 0.25, 9, 3, 1},  {10, 0.0, 3, 3, 0},
  };
  for (const auto& c : cases) {
    CAPTURE(c.n);
    const hone::ClassSplit split = hone::class_split(c.n, c.fraction, c.per_class);
    CHECK(split.training == c.training);
    CHECK(split.validation == c.validation);
  }
}

TEST_CASE("split_class: first ones train, last ones validate, each part ascending") {
  for (const std::size_t n : {1u, 2u, 9u, 50u}) {
    Order members, shuffled;
    for (std::uint32_t i = 0; i < n; ++i) members.push_back(1000 + 3 * i);
    shuffled = members;
    hone::shuffle(shuffled.data(), n, hone::Stream(11, hone::Purpose::split, 0, 0, 4));
    const auto split = hone::split_class({members.data(), n}, 11, 4, 0.3, 0);
    const auto middle = static_cast<std::ptrdiff_t>(split.training);
    std::sort(shuffled.begin(), shuffled.begin() + middle);
    std::sort(shuffled.begin() + middle, shuffled.end());
    CHECK(split.training + split.validation == n);
    CHECK(members == shuffled);
  }
}

TEST_CASE("split_class: fewer per class are the beginning of more per class") {
  const auto used = [](std::size_t per_class) {
    Order members(30);
    for (std::uint32_t i = 0; i < 30; ++i) members[i] = i;
    const auto split = hone::split_class({members.data(), 30}, 5, 0, 0.0, per_class);
    members.resize(split.training);
    return members;
  };
  const Order five = used(5), twelve = used(12);
  CHECK(five.size() == 5);
  CHECK(std::includes(twelve.begin(), twelve.end(), five.begin(), five.end()));
}
