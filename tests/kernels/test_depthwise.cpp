#include <doctest/doctest.h>

#include "naive_update.hpp"
#include "ports/dispatch.hpp"
#include "window_terms.hpp"

using namespace hone_test;
using hone::Kernels;
using hone::Window;

namespace {

std::vector<Window> depthwise_cases() {
  const Pad none, one{1, 1, 1, 1};
  std::vector<Window> all;
  for (const std::uint32_t c : Counts{1, 2, 7, 8, 9, 16, 31, 32, 33, 67}) {
    all.push_back(window(5, 11, c, c, 3, 3, 1, one, c));
    all.push_back(window(7, 6, c, c, 3, 3, 2, {0, 0, 1, 1}, c));
  }
  for (const std::uint32_t c : Counts{3, 8}) {
    all.push_back(window(1, 1, c, c, 3, 3, 1, one, c));
    all.push_back(window(6, 5, c, c, 5, 2, 1, {4, 1, 3, 3}, c));
    all.push_back(window(11, 12, c, c, 2, 2, 5, none, c));
    all.push_back(window(10, 9, c, c, 3, 3, 3, none, c));
    all.push_back(window(2, 3, c, c, 7, 7, 1, {3, 3, 3, 3}, c));
  }
  return all;
}

}  // namespace

TEST_CASE("depthwise_forward: the chain of the contract bit for bit on every port") {
  for (const Kernels* port : hone::available_kernels())
    for (const Fill fill : {Fill::ordinary, Fill::extreme})
      for (const Window& s : depthwise_cases())
        for (const bool with_bias : {false, true}) {
          CAPTURE(port->name);
          CAPTURE(text_of(s));
          const Tensor x(2 * s.in_size(), fill, 1), w(weights_of(s), fill, 2),
              bias(s.out_c, fill, 3);
          Tensor y(2 * s.out_size()), want = y;
          for (std::size_t i = 0; with_bias && i < y.size(); ++i) want[i] = bias[i % s.out_c];
          std::vector<double> near = doubles(want);
          for_each_term(s, 2, [&](std::size_t xi, std::size_t wi, std::size_t yi) {
            want[yi] = hone::fma(x[xi], w[wi], want[yi]);
            near[yi] += static_cast<double>(x[xi]) * static_cast<double>(w[wi]);
          });
          for (std::size_t i = 0; i < y.size(); ++i) want[i] = hone::store_floor(want[i]);
          port->depthwise_forward(y, x, w, with_bias ? bias.data() : nullptr, s, 2);
          CHECK(y == want);
          if (fill == Fill::ordinary) CHECK(all_near(y, near, 1e-5));
        }
}

TEST_CASE("depthwise_input_gradient: continues the chains bit for bit on every port") {
  for (const Kernels* port : hone::available_kernels())
    for (const Fill fill : {Fill::ordinary, Fill::extreme})
      for (const Window& s : depthwise_cases()) {
        CAPTURE(port->name);
        CAPTURE(text_of(s));
        const Tensor dy(2 * s.out_size(), fill, 4), w(weights_of(s), fill, 5);
        Tensor dx(2 * s.in_size(), fill, 6), want = dx;
        std::vector<double> near = doubles(dx);
        for_each_term(s, 2, [&](std::size_t xi, std::size_t wi, std::size_t yi) {
          want[xi] = hone::fma(dy[yi], w[wi], want[xi]);
          near[xi] += static_cast<double>(dy[yi]) * static_cast<double>(w[wi]);
        });
        port->depthwise_input_gradient(dx, dy, w, s, 2);
        CHECK(dx == want);
        if (fill == Fill::ordinary) CHECK(all_near(dx, near, 1e-5));
      }
}

TEST_CASE("depthwise_update: chains and update of the contract bit for bit on every port") {
  for (const Kernels* port : hone::available_kernels())
    for (const Fill fill : {Fill::ordinary, Fill::extreme})
      for (const Window& s : depthwise_cases())
        for (const UpdateWay& way : update_ways()) {
          CAPTURE(port->name);
          CAPTURE(way.name);
          CAPTURE(text_of(s));
          const Tensor x(2 * s.in_size(), fill, 7), dy(2 * s.out_size(), fill, 8);
          Tensor w(weights_of(s), fill, 9), sum(w.size(), fill, 10), want_w = w, want_sum = sum;
          Tensor chain(w.size());
          for (std::size_t i = 0; i < w.size(); ++i)
            chain[i] = start_of_chain(w[i], sum[i], way.update);
          for_each_term(s, 2, [&](std::size_t xi, std::size_t wi, std::size_t yi) {
            chain[wi] = hone::fma(x[xi], dy[yi], chain[wi]);
          });
          for (std::size_t i = 0; i < w.size(); ++i)
            end_chain(chain[i], want_w[i], way.has_sum ? &want_sum[i] : nullptr, way.update);
          CHECK(port->depthwise_update(w, way.has_sum ? sum.data() : nullptr, x, dy, s, 2,
                                       way.update) == 0);
          CHECK(w == want_w);
          CHECK(sum == want_sum);
        }
}

TEST_CASE("depthwise_update: reports weights that become NaN or infinite") {
  const Window s = window(4, 4, 35, 35, 3, 3, 1, {1, 1, 1, 1}, 35);
  for (const Kernels* port : hone::available_kernels())
    for (std::size_t c = 0; c < 35; ++c) {
      const Tensor x(s.in_size(), Fill::ordinary, 1), dy(s.out_size(), Fill::ordinary, 2);
      Tensor w(weights_of(s), Fill::ordinary, 3);
      w[c] = c % 2 ? __builtin_nanf("") : __builtin_huge_valf();
      CHECK(port->depthwise_update(w, nullptr, x, dy, s, 1, update_ways()[1].update) != 0);
    }
}

TEST_CASE("depthwise backward: finite differences of the forward formula") {
  const Window s = window(5, 6, 3, 3, 3, 3, 2, {1, 1, 1, 1}, 3);
  const Tensor dy(s.out_size(), Fill::ordinary, 11);
  Tensor x(s.in_size(), Fill::ordinary, 12), w(weights_of(s), Fill::ordinary, 13);
  const auto loss = [&] {
    double sum = 0;
    for_each_term(s, 1, [&](std::size_t xi, std::size_t wi, std::size_t yi) {
      sum += static_cast<double>(x[xi]) * static_cast<double>(w[wi]) * static_cast<double>(dy[yi]);
    });
    return sum;
  };
  const auto differences = [&](Tensor& t) {
    std::vector<double> all;
    for (std::size_t i = 0; i < t.size(); ++i) {
      const float kept = t[i];
      t[i] = 1.0f;
      const double above = loss();
      t[i] = 0.0f;
      all.push_back(above - loss());
      t[i] = kept;
    }
    return all;
  };
  const auto want_dx = differences(x), want_dw = differences(w);
  for (const Kernels* port : hone::available_kernels()) {
    Tensor dx(x.size()), dw(w.size());
    port->depthwise_input_gradient(dx, dy, w, s, 1);
    CHECK(all_near(dx, want_dx, 1e-5));
    hone::Update update;  // at rate 1 the weights 0 become -dw
    update.lr = 1.0f;
    port->depthwise_update(dw, nullptr, x, dy, s, 1, update);
    for (std::size_t i = 0; i < dw.size(); ++i) dw[i] = -dw[i];
    CHECK(all_near(dw, want_dw, 1e-5));
  }
}
