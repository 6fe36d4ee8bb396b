#include <doctest/doctest.h>

#include "float_ports.hpp"
#include "random_tensor.hpp"

using namespace hone_test;
using hone::Kernels;

namespace {
constexpr std::size_t kSizes[] = {0, 1, 2, 7, 8, 9, 15, 16, 17, 31, 33, 131};
}

TEST_CASE("add: one addition and the floor, in place too") {
  for (const Kernels* port : float_ports())
    for (const std::size_t n : kSizes) {
      CAPTURE(port->name);
      const Tensor a(n, Fill::extreme, 1), b(n, Fill::extreme, 2);
      Tensor y(n), over_a = a, over_b = b, want(n);
      for (std::size_t i = 0; i < n; ++i) want[i] = hone::store_floor(a[i] + b[i]);
      port->add(y, a, b, n);
      port->add(over_a, over_a, b, n);
      port->add(over_b, a, over_b, n);
      CHECK(y == want);
      CHECK(over_a == want);
      CHECK(over_b == want);
    }
}

TEST_CASE("accumulate: adds without the floor") {
  for (const Kernels* port : float_ports())
    for (const std::size_t n : kSizes) {
      const Tensor d(n, Fill::extreme, 3);
      Tensor sum(n, Fill::extreme, 4);
      if (n > 0) sum[n - 1] = 0x1p-45f;
      Tensor want = sum;
      for (std::size_t i = 0; i < n; ++i) want[i] += d[i];
      port->accumulate(sum, d, n);
      CHECK(sum == want);
    }
}

TEST_CASE("any_not_finite, floor_all: one bad value anywhere is reported") {
  for (const Kernels* port : float_ports())
    for (const std::size_t n : kSizes) {
      Tensor x(n, Fill::extreme, 5);
      CHECK(port->any_not_finite(x, n) == 0);
      CHECK(port->floor_all(x, n) == 0);
      for (std::size_t i = 0; i < n; ++i)
        for (const float bad :
             {__builtin_nanf(""), __builtin_huge_valf(), -__builtin_huge_valf()}) {
          Tensor with = x;
          with[i] = bad;
          CHECK(port->any_not_finite(with, n) != 0);
          CHECK(port->floor_all(with, n) != 0);
        }
    }
}

TEST_CASE("floor_all: floors every element and nothing beside it") {
  for (const Kernels* port : float_ports())
    for (const std::size_t n : kSizes) {
      Tensor x(n, Fill::extreme, 6);
      for (std::size_t i = 0; i < n; i += 3) x[i] = i % 2 ? -0x1p-41f : -0.0f;
      Tensor want = x;
      for (std::size_t i = 0; i < n; ++i) want[i] = hone::store_floor(want[i]);
      port->floor_all(x, n);
      CHECK(x == want);
    }
}
