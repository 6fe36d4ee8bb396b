#include <doctest/doctest.h>

#include "ports/dispatch.hpp"
#include "random_tensor.hpp"
#include "window_terms.hpp"

using namespace hone_test;
using hone::Kernels;
using hone::Window;

namespace {

std::vector<Window> conv_cases() {
  const Pad none, one{1, 1, 1, 1};
  std::vector<Window> all = {
      window(5, 5, 1, 1, 1, 1, 1, none, 1),
      window(1, 1, 1, 1, 3, 3, 1, one, 1),
      window(7, 11, 1, 8, 3, 3, 1, one, 1),
      window(6, 19, 8, 16, 3, 3, 1, one, 1),
      window(5, 37, 3, 17, 3, 3, 1, one, 1),
      window(5, 9, 16, 32, 3, 3, 1, none, 1),
      window(9, 9, 2, 33, 5, 3, 2, {2, 1, 1, 2}, 1),
      window(8, 8, 4, 6, 2, 2, 2, none, 1),
      window(10, 10, 3, 5, 1, 1, 3, none, 1),  // stride above the kernel
      window(11, 7, 3, 5, 2, 2, 5, none, 1),
      window(4, 4, 2, 4, 3, 3, 1, {2, 2, 4, 5}, 1),  // more padding than the kernel reaches
      window(3, 2, 2, 4, 7, 5, 1, {3, 2, 3, 2}, 1),  // kernel larger than the image
      window(6, 7, 4, 6, 3, 3, 1, one, 2),
      window(6, 9, 34, 34, 3, 3, 2, one, 2),
      window(5, 6, 6, 6, 3, 3, 1, one, 6),
      window(5, 6, 3, 6, 3, 3, 2, {0, 0, 1, 1}, 3),
  };
  for (const std::uint32_t c : Counts{7, 9, 15, 31})
    all.push_back(window(3, 8, c, 2, 3, 3, 1, one, 1));
  for (const std::uint32_t c : Counts{7, 9, 15, 31})
    all.push_back(window(3, 8, 2, c, 3, 3, 1, one, 1));
  return all;
}

Tensor naive_forward(const Tensor& x, const Tensor& w, const Tensor* bias, const Window& s,
                     std::size_t n) {
  Tensor y(n * s.out_size());
  for (std::size_t i = 0; bias && i < y.size(); ++i) y[i] = (*bias)[i % s.out_c];
  for_each_term(s, n, [&](std::size_t xi, std::size_t wi, std::size_t yi) {
    y[yi] = hone::fma(x[xi], w[wi], y[yi]);
  });
  for (std::size_t i = 0; i < y.size(); ++i) y[i] = hone::store_floor(y[i]);
  return y;
}

// The sum of dy * y in double, for finite differences.
double loss(const std::vector<double>& x, const Tensor& w, const Tensor& dy, const Window& s,
            std::size_t n) {
  double sum = 0;
  for_each_term(s, n, [&](std::size_t xi, std::size_t wi, std::size_t yi) {
    sum += x[xi] * static_cast<double>(w[wi]) * static_cast<double>(dy[yi]);
  });
  return sum;
}

}  // namespace

TEST_CASE("conv_forward: the chain of the contract bit for bit on every port") {
  for (const Kernels* port : hone::available_kernels())
    for (const Fill fill : {Fill::ordinary, Fill::extreme})
      for (const Window& s : conv_cases())
        for (const std::size_t n : Sizes{0, 1, 3}) {
          CAPTURE(port->name);
          CAPTURE(text_of(s));
          const Tensor x(n * s.in_size(), fill, 1), w(weights_of(s), fill, 2),
              bias(s.out_c, fill, 3);
          Tensor y(n * s.out_size());
          port->conv_forward(y, x, w, bias, s, n);
          CHECK(y == naive_forward(x, w, &bias, s, n));
          port->conv_forward(y, x, w, nullptr, s, n);
          CHECK(y == naive_forward(x, w, nullptr, s, n));
        }
}

TEST_CASE("conv_forward: near the formula in double") {
  for (const Kernels* port : hone::available_kernels())
    for (const Window& s : conv_cases()) {
      CAPTURE(text_of(s));
      const Tensor x(2 * s.in_size(), Fill::ordinary, 1), w(weights_of(s), Fill::ordinary, 2);
      std::vector<double> want(2 * s.out_size());
      for_each_term(s, 2, [&](std::size_t xi, std::size_t wi, std::size_t yi) {
        want[yi] += static_cast<double>(x[xi]) * static_cast<double>(w[wi]);
      });
      Tensor y(2 * s.out_size());
      port->conv_forward(y, x, w, nullptr, s, 2);
      CHECK(all_near(y, want, 1e-5));
    }
}

TEST_CASE("conv_input_gradient: continues the chains of the contract bit for bit on every port") {
  for (const Kernels* port : hone::available_kernels())
    for (const Fill fill : {Fill::ordinary, Fill::extreme})
      for (const Window& s : conv_cases())
        for (const std::size_t n : Sizes{0, 1, 3}) {
          CAPTURE(port->name);
          CAPTURE(text_of(s));
          const Tensor dy(n * s.out_size(), fill, 4), w(weights_of(s), fill, 5);
          Tensor dx(n * s.in_size(), fill, 6), want = dx;
          Tensor panel((s.in_c / s.groups) * (s.out_c / s.groups)), guards = panel;
          for_each_term(s, n, [&](std::size_t xi, std::size_t wi, std::size_t yi) {
            want[xi] = hone::fma(dy[yi], w[wi], want[xi]);
          });
          port->conv_input_gradient(dx, dy, w, panel, s, n);
          CHECK(dx == want);
          for (std::size_t i = 0; i < panel.size(); ++i) panel[i] = 0.0f;
          CHECK(panel == guards);  // nothing beside the panel was written
        }
}

TEST_CASE("conv_input_gradient: finite differences of the forward formula") {
  for (const Window& s : conv_cases()) {
    if (s.in_size() > 200) continue;
    CAPTURE(text_of(s));
    const Tensor w(weights_of(s), Fill::ordinary, 7), dy(s.out_size(), Fill::ordinary, 8);
    std::vector<double> x = doubles(Tensor(s.in_size(), Fill::ordinary, 9)), want;
    for (double& xi : x) {
      const double kept = xi;
      xi = kept + 0.5;
      const double above = loss(x, w, dy, s, 1);
      xi = kept - 0.5;
      want.push_back(above - loss(x, w, dy, s, 1));
      xi = kept;
    }
    for (const Kernels* port : hone::available_kernels()) {
      Tensor dx(s.in_size()), panel((s.in_c / s.groups) * (s.out_c / s.groups));
      port->conv_input_gradient(dx, dy, w, panel, s, 1);
      CHECK(all_near(dx, want, 1e-5));
    }
  }
}
