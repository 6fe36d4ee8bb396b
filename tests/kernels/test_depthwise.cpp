#include <doctest/doctest.h>

#include "naive_conv.hpp"
#include "float_ports.hpp"
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
    all.push_back(window(9, 13, c, c, 5, 5, 1, {2, 2, 2, 2}, c));
    all.push_back(window(8, 12, c, c, 3, 4, 1, one, c));
    all.push_back(window(9, 17, c, c, 7, 7, 2, {3, 3, 3, 3}, c));
  }
  return all;
}

// Rows of several vectors of pixels, and enough of them that a port may prepare its weights.
std::vector<Window> narrow_cases() {
  struct Kernel {
    std::uint32_t h, w;
    Pad pad;
  };
  const Kernel kernels[] = {{3, 3, {1, 1, 1, 1}}, {3, 3, {}},           {5, 5, {2, 2, 2, 2}},
                            {5, 5, {}},           {1, 3, {0, 1, 0, 1}}, {2, 4, {1, 0, 0, 3}},
                            {3, 2, {2, 4, 2, 3}}, {5, 6, {2, 2, 2, 2}}};
  std::vector<Window> all;
  for (const std::uint32_t c : Counts{1, 2, 3, 4, 5, 7, 8, 15, 16, 17})
    for (const Kernel& k : kernels) {
      all.push_back(window(19, c < 3 ? 99 : 23, c, c, k.h, k.w, 1, k.pad, c));
      all.push_back(window(33, 7, c, c, k.h, k.w, 1, k.pad, c));
    }
  return all;
}

// Two samples: every port against the chains of the contract.
void check_ports(const Tensor& x, const Tensor& w, const float* bias, const Window& s,
                 const hone::OutputEnd& end) {
  const Tensor want = naive_conv(x, w, bias, s, 2, end);
  for (const Kernels* port : float_ports()) {
    CAPTURE(port->name);
    Tensor y(2 * s.out_size());
    port->depthwise_forward(y, x, w, bias, s, 2, end);
    CHECK(y == want);
  }
}

}  // namespace

TEST_CASE("depthwise_forward: chain and activation of the contract bit for bit on every port") {
  for (const Fill fill : {Fill::ordinary, Fill::extreme})
    for (const Window& s : depthwise_cases())
      for (const bool with_bias : {false, true})
        for (const hone::OutputEnd& end : output_ends()) {
          CAPTURE(text_of(s));
          const Tensor x(2 * s.in_size(), fill, 1), w(weights_of(s), fill, 2), b(s.out_c, fill, 3);
          const float* const bias = with_bias ? b.data() : nullptr;
          check_ports(x, w, bias, s, end);
        }
}

TEST_CASE("depthwise_forward: few channels, pixels side by side, bit for bit on every port") {
  const std::vector<hone::OutputEnd> ends = output_ends();
  std::size_t turn = 0;  // all ends of each window, one with each fill and bias
  for (const Window& s : narrow_cases()) {
    for (const Fill fill : {Fill::ordinary, Fill::extreme}) {
      CAPTURE(text_of(s));
      const Tensor x(2 * s.in_size(), fill, 1), w(weights_of(s), fill, 2), b(s.out_c, fill, 3);
      for (const float* const bias : {b.data(), static_cast<const float*>(nullptr)}) {
        check_ports(x, w, bias, s, ends[turn++ % ends.size()]);
      }
    }
    ++turn;
  }
}

TEST_CASE("depthwise_forward: a pixel that is not finite reaches only outputs that see it") {
  for (const Window& s : narrow_cases()) {
    const std::size_t spoilt = s.in_size() + s.in_size() / 2;
    Tensor x(2 * s.in_size(), Fill::ordinary, 1);
    const Tensor w(weights_of(s), Fill::ordinary, 2);
    x[spoilt] = __builtin_huge_valf();
    std::vector<bool> sees(2 * s.out_size());
    for_each_term(s, 2, [&](std::size_t xi, std::size_t, std::size_t yi) {
      if (xi == spoilt) sees[yi] = true;
    });
    for (const Kernels* port : float_ports()) {
      CAPTURE(port->name);
      CAPTURE(text_of(s));
      Tensor y(2 * s.out_size());
      port->depthwise_forward(y, x, w, nullptr, s, 2, {});
      bool only_there = true;
      for (std::size_t i = 0; i < y.size(); ++i)
        if (!sees[i] && !(y[i] - y[i] == 0)) only_there = false;
      CHECK(only_there);
    }
  }
}

TEST_CASE("depthwise_forward: near the formula in double") {
  for (const Kernels* port : float_ports())
    for (const Window& s : depthwise_cases()) {
      const Tensor x(2 * s.in_size(), Fill::ordinary, 1), w(weights_of(s), Fill::ordinary, 2);
      Tensor y(2 * s.out_size());
      std::vector<double> near(y.size());
      for_each_term(s, 2, [&](std::size_t xi, std::size_t wi, std::size_t yi) {
        near[yi] += static_cast<double>(x[xi]) * static_cast<double>(w[wi]);
      });
      port->depthwise_forward(y, x, w, nullptr, s, 2, {});
      CHECK(all_near(y, near, 1e-5));
    }
}

TEST_CASE("depthwise_backward: chains and ends of the gradient bit for bit on every port") {
  for (const Kernels* port : float_ports())
    for (const Fill fill : {Fill::ordinary, Fill::extreme})
      for (const Window& s : depthwise_cases())
        for (hone::GradientEnd end : gradient_ends()) {
          CAPTURE(port->name);
          CAPTURE(text_of(s));
          const Tensor x(2 * s.in_size(), fill, 3), dy(2 * s.out_size(), fill, 4);
          Tensor w(weights_of(s), fill, 5), dx(x.size(), fill, 6), want = dx;
          if (!end.resumes) want = Tensor(x.size());
          naive_input_gradient(want, dy, w, s, 2);
          naive_gradient_end(want, x, end);
          end.y = x;
          hone::ConvWeights frozen;
          frozen.w = w;
          CHECK(port->depthwise_backward(frozen, dx, x, dy, s, 2, end) == 0);
          CHECK(dx == want);
        }
}

TEST_CASE("depthwise_backward: updates of the contract bit for bit on every port") {
  for (const Fill fill : {Fill::ordinary, Fill::extreme})
    for (const Window& s : depthwise_cases())
      for (const UpdateWay& way : update_ways())
        for (const bool with_dx : {false, true}) {
          CAPTURE(way.name);
          CAPTURE(text_of(s));
          const Tensor x(2 * s.in_size(), fill, 7), dy(2 * s.out_size(), fill, 8);
          const Tensor start_w(weights_of(s), fill, 9), start_sum(start_w.size(), fill, 10),
              start_bias(s.out_c, fill, 11), start_bias_sum(s.out_c, fill, 12);
          Tensor want_w = start_w, want_sum = start_sum, want_bias = start_bias,
                 want_bias_sum = start_bias_sum;
          Tensor want_dx(x.size());
          naive_input_gradient(want_dx, dy, start_w, s, 2);
          naive_gradient_end(want_dx, x, {});
          naive_weight_update(want_w, way.has_sum ? &want_sum : nullptr, x, dy, s, 2, way.update);
          naive_bias_update(want_bias, way.has_sum ? &want_bias_sum : nullptr, dy, way.update);
          for (const Kernels* port : float_ports()) {
            CAPTURE(port->name);
            Tensor w = start_w, sum = start_sum, bias = start_bias, bias_sum = start_bias_sum,
                   dx(x.size());
            hone::ConvWeights weights{w,           way.has_sum ? sum.data() : nullptr,
                                      bias,        way.has_sum ? bias_sum.data() : nullptr,
                                      &way.update, &way.update};
            CHECK(port->depthwise_backward(weights, with_dx ? dx.data() : nullptr, x, dy, s, 2,
                                           {}) == 0);
            if (with_dx) CHECK(dx == want_dx);
            CHECK(w == want_w);
            CHECK(sum == want_sum);
            CHECK(bias == want_bias);
            CHECK(bias_sum == want_bias_sum);
          }
        }
}

TEST_CASE("depthwise_backward: reports weights that become NaN or infinite") {
  const Window s = window(4, 4, 35, 35, 3, 3, 1, {1, 1, 1, 1}, 35);
  const hone::Update update = update_ways()[1].update;
  for (const Kernels* port : float_ports())
    for (std::size_t c = 0; c < 35; ++c) {
      const Tensor x(s.in_size(), Fill::ordinary, 1), dy(s.out_size(), Fill::ordinary, 2);
      Tensor w(weights_of(s), Fill::ordinary, 3);
      w[c] = c % 2 ? __builtin_nanf("") : __builtin_huge_valf();
      hone::ConvWeights weights;
      weights.w = w;
      weights.update = &update;
      CHECK(port->depthwise_backward(weights, nullptr, x, dy, s, 1, {}) != 0);
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
  for (const Kernels* port : float_ports()) {
    Tensor dx(x.size()), dw(w.size());
    hone::ConvWeights weights;
    weights.w = w;
    port->depthwise_backward(weights, dx, x, dy, s, 1, {});
    CHECK(all_near(dx, want_dx, 1e-5));
    hone::Update update;  // at rate 1 the weights 0 become -dw
    update.lr = 1.0f;
    weights.w = dw;
    weights.update = &update;
    port->depthwise_backward(weights, nullptr, x, dy, s, 1, {});
    for (std::size_t i = 0; i < dw.size(); ++i) dw[i] = -dw[i];
    CHECK(all_near(dw, want_dw, 1e-5));
  }
}
