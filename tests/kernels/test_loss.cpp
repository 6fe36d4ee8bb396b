#include <doctest/doctest.h>

#include <cmath>

#include "kernels/elementary.hpp"
#include "float_ports.hpp"
#include "random_tensor.hpp"

using namespace hone_test;
using hone::Kernels;

namespace {

constexpr std::size_t kClasses[] = {1, 2, 3, 6, 7, 8, 9, 10, 31, 32, 33, 63, 64, 65, 131};

Tensor logits(std::size_t n, std::uint32_t seed, float scale) {
  Tensor z(n, Fill::ordinary, seed);
  for (std::size_t i = 0; i < n; ++i) z[i] *= scale;
  return z;
}

// e and S by the contract, one element after the other.
float naive_exp(const Tensor& z, Tensor& e, float& peak) {
  peak = z[0];
  for (std::size_t i = 0; i < z.size(); ++i) peak = z[i] > peak ? z[i] : peak;
  float lane[32] = {};
  for (std::size_t i = 0; i < z.size(); ++i) {
    e[i] = hone::store_floor(hone::exp_floored(z[i] - peak));
    lane[i % 32] += e[i];
  }
  return hone::sum_lanes(lane);
}

double loss_in_double(const std::vector<double>& z, std::size_t label) {
  double sum = 0;
  for (const double v : z) sum += std::exp(v - z[label]);
  return std::log(sum);
}

}  // namespace

TEST_CASE("softmax and cross_entropy: the contract bit for bit on every port") {
  for (const Kernels* port : float_ports())
    for (const std::size_t n : kClasses)
      for (const float scale : {1.0f, 40.0f, 1e4f}) {
        CAPTURE(port->name);
        CAPTURE(n);
        const Tensor z = logits(n, 1, scale);
        const std::uint32_t label = static_cast<std::uint32_t>(n / 2);
        Tensor e(n), p(n), g(n), got = z;
        float peak;
        const float sum = naive_exp(z, e, peak);
        for (std::size_t i = 0; i < n; ++i) {
          p[i] = hone::store_floor(e[i] / sum);
          g[i] = hone::store_floor((e[i] / sum - (i == label ? 1.0f : 0.0f)) * 0.125f);
        }
        const float want = hone::log_positive(sum) - (z[label] - peak);
        port->softmax(got, z, n);
        CHECK(got == p);
        got = z;
        port->softmax(got, got, n);
        CHECK(got == p);
        got = z;
        CHECK(port->cross_entropy(got, n, label, 0.125f, false) == want);
        CHECK(got == z);
        CHECK(port->cross_entropy(got, n, label, 0.125f, true) == want);
        CHECK(got == g);
      }
}

TEST_CASE("cross_entropy: loss and gradient near the formula and its differences in double") {
  for (const Kernels* port : float_ports())
    for (const std::size_t n : kClasses) {
      const Tensor z = logits(n, 2, 3.0f);
      const std::uint32_t label = static_cast<std::uint32_t>(n - 1);
      Tensor g = z;
      const float loss = port->cross_entropy(g, n, label, 0.5f, true);
      std::vector<double> at = doubles(z), want;
      CHECK(std::fabs(static_cast<double>(loss) - loss_in_double(at, label)) < 1e-5);
      for (double& v : at) {
        const double kept = v;
        v = kept + 1e-4;
        const double above = loss_in_double(at, label);
        v = kept - 1e-4;
        want.push_back((above - loss_in_double(at, label)) / 2e-4 * 0.5);
        v = kept;
      }
      CHECK(all_near(g, want, 1e-5));
    }
}

TEST_CASE("cross_entropy: a NaN anywhere in the logits makes the loss NaN") {
  for (const Kernels* port : float_ports())
    for (const std::size_t n : Sizes{1, 7, 33})
      for (std::size_t i = 0; i < n; ++i)
        for (const float bad : {__builtin_nanf(""), __builtin_huge_valf()}) {
          Tensor z = logits(n, 3, 1.0f);
          z[i] = bad;
          CHECK(std::isnan(port->cross_entropy(z, n, 0, 1.0f, false)));
        }
}

TEST_CASE("squared_error: the contract bit for bit on every port") {
  for (const Kernels* port : float_ports())
    for (const Fill fill : {Fill::ordinary, Fill::extreme})
      for (const std::size_t n : kClasses) {
        CAPTURE(port->name);
        CAPTURE(n);
        const Tensor y(n, fill, 4), t(n, fill, 5);
        Tensor g(n), got = y;
        float lane[32] = {};
        double near = 0;
        for (std::size_t i = 0; i < n; ++i) {
          const float d = y[i] - t[i];
          lane[i % 32] = hone::fma(d, d, lane[i % 32]);
          near += static_cast<double>(d) * static_cast<double>(d);
          g[i] = hone::store_floor(2.0f * d * 0.01f);
        }
        const float want = hone::sum_lanes(lane);
        CHECK(port->squared_error(got, t, n, 0.01f, false) == want);
        CHECK(got == y);
        CHECK(port->squared_error(got, t, n, 0.01f, true) == want);
        CHECK(got == g);
        CHECK(std::fabs(static_cast<double>(want) - near) <= 1e-5 * (near + 1));
      }
}
