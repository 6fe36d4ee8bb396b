#include <doctest/doctest.h>

#include "kernels/random_tensor.hpp"
#include "layer_cases.hpp"
#include "ports/dispatch.hpp"

using namespace hone_test;
using hone::IntegerGradient;
using hone::IntegerOutput;
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
  for (const std::uint32_t c : Counts{3, 32}) {
    all.push_back(window(1, 1, c, c, 3, 3, 1, one, c));
    all.push_back(window(6, 5, c, c, 5, 2, 1, {4, 1, 3, 3}, c));
    all.push_back(window(11, 12, c, c, 2, 2, 5, none, c));
    all.push_back(window(2, 3, c, c, 7, 7, 1, {3, 3, 3, 3}, c));
    all.push_back(window(24, 26, c, c, 23, 25, 1, none, c));  // more than 512 products
  }
  return all;
}

}  // namespace

TEST_CASE("integer depthwise_forward: exact sums and every end on every port") {
  const std::vector<IntegerOutput> ends = integer_outputs();
  for (const Kernels* port : hone::available_kernels()) {
    std::size_t turn = 0;
    for (const Window& s : depthwise_cases())
      for (int i = 0; i < 13; ++i, ++turn) {
        CAPTURE(port->name);
        CAPTURE(text_of(s));
        CAPTURE(turn);
        const std::uint32_t seed = static_cast<std::uint32_t>(turn);
        IntegerOutput end = ends[turn % ends.size()];
        const Codes x = codes(2 * s.in_size(), kCodeFills[turn / 3 % 5], seed);
        const Weights w = weights(weights_of(s), turn);
        const Words bias = numbers<std::int32_t>(s.out_c, turn % 2 ? 31 : 20, seed + 2);
        const Words* const b = turn % 3 ? &bias : nullptr;
        const int bias_shift = std::vector<int>{-50, -12, -2, 0, 3, 11, 31, 70}[turn % 8];
        const ExactForward want = exact_forward(x, w, b, bias_shift, s, 2, end);
        Codes y(want.y.size());
        const Codes untouched = y;
        Longs sums(want.sums.size());
        if (turn % 7 == 3) end.sums = sums;
        CHECK(port->integer->depthwise_forward(y, x, w, b ? b->data() : nullptr, bias_shift, s, 2,
                                               end) == want.seen);
        CHECK(y == (end.sums ? untouched : want.y));
        if (end.sums) CHECK(sums == want.sums);
      }
  }
}

TEST_CASE("integer depthwise_backward: gradients and updates of the contract on every port") {
  const std::vector<IntegerWay> ways = integer_ways();
  const std::vector<IntegerGradient> ends = integer_gradients();
  std::size_t turn = 0;
  for (const Window& s : depthwise_cases())
    for (int i = 0; i < 23; ++i, ++turn) {
      const IntegerWay* const way = turn % 13 == 5 ? nullptr : &ways[turn % ways.size()];
      CAPTURE(std::string(way ? way->name : "frozen"));
      CAPTURE(text_of(s));
      CAPTURE(turn);
      const std::uint32_t seed = static_cast<std::uint32_t>(turn);
      const bool has_dx = turn % 9 != 4, has_bias = turn % 4 != 1;
      const Codes x = codes(2 * s.in_size(), kCodeFills[turn / 2 % 5], seed),
                  dy = codes(2 * s.out_size(), kCodeFills[turn / 7 % 5], seed + 1);
      Codes y = codes(x.size(), CodeFill::random, seed + 2);
      const Codes start_dx = codes(x.size(), CodeFill::random, seed + 3);
      const ExactParameters start = parameters(s, seed);
      IntegerGradient end = ends[turn % ends.size()];
      if (end.act != hone::Activation::none) end.y = y;
      Codes want_dx = start_dx;
      ExactParameters want = start;
      const std::uint64_t seen = has_dx ? exact_gradient(want_dx, dy, want.w, y, s, 2, end) : 0;
      exact_way(want, x, dy, dy, s, 2, way, has_bias);
      for (const Kernels* port : hone::available_kernels()) {
        CAPTURE(port->name);
        Codes dx = start_dx;
        ExactParameters got = start;
        const hone::IntegerReport report = port->integer->depthwise_backward(
            parameters_of(got, way, has_bias), has_dx ? dx.data() : nullptr, x, dy, s, 2, end);
        CHECK(report.gradient == seen);
        CHECK(dx == want_dx);
        CHECK(got == want);
        CHECK(tells(report, want, way && way->weights.last));
      }
    }
}

TEST_CASE("integer depthwise_backward: sums beyond 32 bits are limited to 31") {
  const IntegerWay way = integer_ways()[0];
  const Window s = window(300, 300, 2, 2, 1, 1, 1, {}, 2);
  for (const Kernels* port : hone::available_kernels()) {
    const Codes x = codes(2 * s.in_size(), CodeFill::least, 1);
    Codes dy = codes(2 * s.out_size(), CodeFill::least, 1);
    for (std::size_t i = 0; i < dy.size(); i += 2) dy[i] = 127;
    ExactParameters got = parameters(s, 1), want = got;
    port->integer->depthwise_backward(parameters_of(got, &way, true), nullptr, x, dy, s, 2, {});
    exact_way(want, x, dy, dy, s, 2, &way, true);
    CHECK(got == want);
  }
}
