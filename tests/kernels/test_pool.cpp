#include <doctest/doctest.h>

#include <cmath>

#include "naive_conv.hpp"
#include "pool_cases.hpp"
#include "float_ports.hpp"

using namespace hone_test;
using hone::Activation;
using hone::GradientEnd;
using hone::Kernels;
using hone::Window;

namespace {

// Few different values, so that ties are common.
Tensor with_ties(std::size_t n, std::uint32_t seed) {
  Tensor x(n, Fill::ordinary, seed);
  for (std::size_t i = 0; i < n; ++i) x[i] = std::round(x[i] * 2.0f) * 0.5f + 0.0f;
  return x;
}

}  // namespace

TEST_CASE("max_pool_forward: maximum, first winner and packed routes on every port") {
  for (const Kernels* port : float_ports())
    for (const Window& s : pool_cases())
      for (const bool ties : {false, true})
        for (const std::size_t n : Sizes{0, 1, 3}) {
          CAPTURE(port->name);
          CAPTURE(text_of(s));
          const Tensor x =
              ties ? with_ties(n * s.in_size(), 1) : Tensor(n * s.in_size(), Fill::extreme, 1);
          const NaivePool want = naive_max_pool(x, s, n);
          std::vector<std::uint8_t> packed = want.routes(s);
          packed.push_back(0x5A);
          std::vector<std::uint8_t> routes(packed.size(), 0x5A);
          Tensor y(n * s.out_size());
          port->max_pool_forward(y, routes.data(), x, s, n);
          CHECK(y == want.y);
          CHECK(routes == packed);
          Tensor without(n * s.out_size());
          port->max_pool_forward(without, nullptr, x, s, n);
          CHECK(without == want.y);
        }
}

TEST_CASE("max_pool_backward: every gradient goes to its winner, in raster order") {
  const Activation acts[] = {Activation::none, Activation::relu, Activation::relu6,
                             Activation::leaky_relu};
  for (const Kernels* port : float_ports())
    for (const Window& s : pool_cases())
      for (const Activation act : acts) {
        CAPTURE(port->name);
        CAPTURE(text_of(s));
        const Tensor x = with_ties(2 * s.in_size(), 2);
        const Tensor dy(2 * s.out_size(), Fill::extreme, 3);
        const NaivePool pooled = naive_max_pool(x, s, 2);
        std::vector<std::uint8_t> routes(
            hone::route_bytes(s.kernel_h * s.kernel_w, 2 * s.out_size()));
        Tensor y(2 * s.out_size()), dx(x.size(), Fill::extreme, 4), want = dx;
        port->max_pool_forward(y, routes.data(), x, s, 2);
        for (std::size_t i = 0; i < y.size(); ++i)
          want[pooled.from[i]] += masked(dy[i], y[i], act, 0.25f);
        port->max_pool_backward(dx, dy, routes.data(), act == Activation::none ? nullptr : y.data(),
                                act, 0.25f, s, 2);
        CHECK(dx == want);
      }
}

TEST_CASE("avg_pool: plain sums in raster order over the real pixels, on every port") {
  for (const Kernels* port : float_ports())
    for (const Fill fill : {Fill::ordinary, Fill::extreme})
      for (const Window& s : pool_cases()) {
        CAPTURE(port->name);
        CAPTURE(text_of(s));
        const Tensor x(2 * s.in_size(), fill, 5);
        Tensor y(2 * s.out_size()), want_y = y;
        std::vector<float> count(y.size());
        std::vector<double> near(y.size());
        for_each_pixel(s, 2, [&](std::size_t yi, std::size_t xi, std::uint32_t) {
          want_y[yi] += x[xi];
          near[yi] += static_cast<double>(x[xi]);
          count[yi] += 1.0f;
        });
        for (std::size_t i = 0; i < y.size(); ++i) {
          want_y[i] = hone::store_floor(want_y[i] / count[i]);
          near[i] /= static_cast<double>(count[i]);
        }
        port->avg_pool_forward(y, x, s, 2);
        CHECK(y == want_y);
        if (fill == Fill::ordinary) CHECK(all_near(y, near, 1e-5));
      }
}

TEST_CASE("avg_pool_backward: one division, additions in raster order, then the end") {
  for (const Kernels* port : float_ports())
    for (const Fill fill : {Fill::ordinary, Fill::extreme})
      for (const Window& s : pool_cases())
        for (GradientEnd end : gradient_ends()) {
          CAPTURE(port->name);
          CAPTURE(text_of(s));
          const Tensor y(2 * s.in_size(), fill, 5), dy(2 * s.out_size(), fill, 6);
          Tensor dx(y.size(), fill, 7), want = end.resumes ? dx : Tensor(y.size());
          std::vector<float> count(dy.size());
          for_each_pixel(s, 2, [&](std::size_t yi, std::size_t, std::uint32_t) { count[yi] += 1; });
          for_each_pixel(s, 2, [&](std::size_t yi, std::size_t xi, std::uint32_t) {
            want[xi] += dy[yi] / count[yi];
          });
          naive_gradient_end(want, y, end);
          end.y = y;
          port->avg_pool_backward(dx, dy, s, 2, end);
          CHECK(dx == want);
          const bool apart =
              (s.stride >= s.kernel_h || s.out_h == 1) && (s.stride >= s.kernel_w || s.out_w == 1);
          if (!apart || end.resumes) continue;
          Tensor over = y;  // dx in the memory of y
          end.y = over;
          port->avg_pool_backward(over, dy, s, 2, end);
          CHECK(over == want);
        }
}

TEST_CASE("pools: finite differences") {
  const Window s = pool(7, 5, 9, 3, 3, 2, {1, 1, 1, 1});
  const Tensor dy(s.out_size(), Fill::ordinary, 8);
  for (const Kernels* port : float_ports())
    for (const bool max : {false, true}) {
      Tensor x(s.in_size(), Fill::ordinary, 9), y(s.out_size()), dx(s.in_size());
      // Values far apart, so that a small step changes no winner.
      for (std::size_t i = 0; i < x.size(); ++i) x[i] = static_cast<float>((i * 197) % 331);
      std::vector<std::uint8_t> routes(hone::route_bytes(9, s.out_size()));
      const auto loss = [&] {
        if (max) {
          port->max_pool_forward(y, routes.data(), x, s, 1);
        } else {
          port->avg_pool_forward(y, x, s, 1);
        }
        double sum = 0;
        for (std::size_t i = 0; i < y.size(); ++i)
          sum += static_cast<double>(y[i]) * static_cast<double>(dy[i]);
        return sum;
      };
      loss();
      if (max) {
        port->max_pool_backward(dx, dy, routes.data(), nullptr, Activation::none, 0, s, 1);
      } else {
        port->avg_pool_backward(dx, dy, s, 1, {});
      }
      std::vector<double> want;
      for (std::size_t i = 0; i < x.size(); ++i) {
        const float kept = x[i];
        x[i] = kept + 0.25f;
        const double above = loss();
        x[i] = kept - 0.25f;
        want.push_back((above - loss()) * 2.0);
        x[i] = kept;
      }
      CHECK(all_near(dx, want, 1e-3));
    }
}
