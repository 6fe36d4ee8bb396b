#include <doctest/doctest.h>

#include "float_ports.hpp"
#include "random_tensor.hpp"

using namespace hone_test;
using hone::Activation;
using hone::Kernels;

namespace {

constexpr Activation kAll[] = {Activation::none, Activation::relu, Activation::relu6,
                               Activation::leaky_relu};
constexpr float kSlope = 0.0625f;

float forward(float x, Activation act) {
  switch (act) {
    case Activation::none:
      break;
    case Activation::relu:
      return x > 0 ? x : 0.0f;
    case Activation::relu6:
      return x > 6 ? 6.0f : x > 0 ? x : 0.0f;
    case Activation::leaky_relu:
      return x > 0 ? x : hone::store_floor(kSlope * x);
  }
  return x;
}
bool kept(float y, Activation act) {
  return act == Activation::none || (y > 0 && (act != Activation::relu6 || y < 6));
}
float backward(float d, float y, Activation act) {
  d = hone::store_floor(d);
  if (kept(y, act)) return d;
  return act == Activation::leaky_relu ? hone::store_floor(kSlope * d) : 0.0f;
}

// Values that include 0, 6, and what the slope takes below the store floor.
Tensor inputs(std::size_t n, std::uint32_t seed) {
  Tensor t(n, Fill::extreme, seed);
  for (std::size_t i = 0; i < n; ++i)
    if (i % 5 == 1) t[i] = i % 2 ? 6.0f : -0x1.8p-39f;
  return t;
}

constexpr std::size_t kSizes[] = {0, 1, 2, 7, 8, 9, 15, 16, 17, 31, 33, 131};

}  // namespace

TEST_CASE("activate: the formula on every port, in place too") {
  for (const Kernels* port : float_ports())
    for (const Activation act : kAll)
      for (const std::size_t n : kSizes) {
        CAPTURE(port->name);
        CAPTURE(n);
        const Tensor x = inputs(n, 1);
        Tensor y(n), in_place = x, want(n);
        for (std::size_t i = 0; i < n; ++i) want[i] = forward(x[i], act);
        port->activate(y, x, n, act, kSlope);
        port->activate(in_place, in_place, n, act, kSlope);
        CHECK(y == want);
        CHECK(in_place == want);
      }
}

TEST_CASE("finish_gradient: floor, then the derivative at y, with y or with its mask") {
  for (const Kernels* port : float_ports())
    for (const Activation act : kAll)
      for (const std::size_t n : kSizes) {
        CAPTURE(port->name);
        CAPTURE(n);
        const Tensor x = inputs(n, 2);
        Tensor d(n, Fill::extreme, 3), y(n), want(n);
        for (std::size_t i = 0; i < n; ++i) {
          y[i] = forward(x[i], act);
          if (i % 7 == 3) d[i] = 0x1p-41f;
          want[i] = backward(d[i], y[i], act);
        }
        Tensor masked = d;
        std::vector<std::uint8_t> bits((n + 7) / 8 + 1, 0xA5);
        port->keep_mask(bits.data(), y, n, act);
        for (std::size_t i = 0; i < (n + 7) / 8 * 8; ++i)
          CHECK(((bits[i / 8] >> (i % 8)) & 1) == (i < n && kept(y[i], act) ? 1 : 0));
        CHECK(bits.back() == 0xA5);
        port->finish_gradient(d, act == Activation::none ? nullptr : y.data(), n, act, kSlope);
        port->finish_gradient_masked(masked, bits.data(), n, act, kSlope);
        CHECK(d == want);
        CHECK(masked == want);
      }
}

TEST_CASE("activations: finite differences away from the corners") {
  for (const Kernels* port : float_ports())
    for (const Activation act : kAll)
      for (const float x : {-3.5f, -0.75f, 0.5f, 3.0f, 5.5f, 7.0f}) {
        const float around[] = {x - 0.125f, x + 0.125f, x};
        float y[3];
        port->activate(y, around, 3, act, kSlope);
        float d = 1.0f;
        port->finish_gradient(&d, y + 2, 1, act, kSlope);
        CHECK(d == (y[1] - y[0]) * 4.0f);
      }
}
