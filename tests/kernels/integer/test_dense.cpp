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

struct Size {
  std::size_t n, in, out;
};

// Around every tile, block, chunk and stream block.
std::vector<Size> sizes() {
  std::vector<Size> all = {{1, 1, 1},    {1, 1, 33},   {2, 7, 10},    {3, 511, 9},  {1, 512, 31},
                           {2, 513, 33}, {5, 1030, 3}, {33, 31, 65},  {31, 2, 64},  {32, 17, 130},
                           {65, 5, 513}, {4, 9, 1025}, {129, 19, 40}, {257, 6, 37}, {130, 11, 24},
                           {100, 9, 8},  {200, 7, 16}, {70, 9, 5},    {300, 5, 3}};
  for (const std::size_t out : Sizes{2, 5, 7, 8, 11, 15, 16, 17, 23, 32, 34, 48})
    all.push_back({1 + out % 6, 13 + out, out});
  return all;
}

CodeFill fill_of(std::size_t turn) { return kCodeFills[turn % 5]; }

// Scratch of exactly the stated size, for the sanitizers.
std::vector<std::int8_t> scratch_of(std::uint64_t bytes) {
  return std::vector<std::int8_t>(static_cast<std::size_t>(bytes), 77);
}

void check_forward(const Size& size, std::size_t turn, IntegerOutput end) {
  const Window s = linear(size.in, size.out);
  const std::uint32_t seed = static_cast<std::uint32_t>(turn);
  const Codes x = codes(size.n * size.in, fill_of(turn / 3), seed);
  const Weights w = weights(weights_of(s), turn);
  const Words bias = numbers<std::int32_t>(size.out, turn % 2 ? 31 : 20, seed + 2);
  const Words* const b = turn % 3 ? &bias : nullptr;
  const int bias_shift = std::vector<int>{-50, -12, -2, 0, 3, 11, 31, 70}[turn % 8];
  const ExactForward want = exact_forward(x, w, b, bias_shift, s, size.n, end);
  for (const Kernels* port : hone::available_kernels()) {
    CAPTURE(port->name);
    Codes y(want.y.size());
    const Codes untouched = y;
    Longs sums(want.sums.size());
    if (turn % 7 == 3) end.sums = sums;
    CHECK(port->integer->dense_forward(y, x, w, b ? b->data() : nullptr, bias_shift, size.n,
                                       size.in, size.out, end) == want.seen);
    CHECK(y == (end.sums ? untouched : want.y));
    if (end.sums) CHECK(sums == want.sums);
  }
}

struct Backward {
  Size size;
  const IntegerWay* way;
  IntegerGradient end;
  bool has_dx, in_place, has_bias;
};

void check_backward(const Backward& b, std::size_t turn) {
  const std::size_t n = b.size.n, in = b.size.in, out = b.size.out;
  const Window s = linear(in, out);
  const std::uint32_t seed = static_cast<std::uint32_t>(turn);
  const Codes x = codes(n * in, fill_of(turn / 2), seed),
              dy = codes(n * out, fill_of(turn / 7), seed + 1);
  const Codes start_dx = b.in_place ? x : codes(n * in, CodeFill::random, seed + 2);
  const ExactParameters start = parameters(s, seed);
  IntegerGradient end = b.end;
  if (b.in_place) end.resumes = false;
  Codes want_dx = start_dx;
  ExactParameters want = start;
  const std::uint64_t seen = b.has_dx ? exact_gradient(want_dx, dy, want.w, x, s, n, end) : 0;
  exact_way(want, x, dy, dy, s, n, b.way, b.has_bias);

  for (const Kernels* port : hone::available_kernels()) {
    CAPTURE(port->name);
    Codes dx = start_dx, own_x = x;
    ExactParameters got = start;
    Codes& read = b.in_place ? dx : own_x;
    if (end.act != hone::Activation::none) end.y = read;
    std::vector<std::int8_t> scratch = scratch_of(b.in_place ? hone::integer_dense_scratch(n) : 0);
    const hone::IntegerReport report = port->integer->dense_backward(
        parameters_of(got, b.way, b.has_bias), b.has_dx ? dx.data() : nullptr, read, dy, n, in, out,
        end, scratch.data());
    CHECK(report.gradient == seen);
    CHECK(dx == want_dx);
    CHECK(own_x == x);
    CHECK(got == want);
    CHECK(tells(report, want, b.way && b.way->weights.last));
  }
}

}  // namespace

TEST_CASE("integer dense_forward: exact sums and every end on every port") {
  std::size_t turn = 0;
  for (const Size& size : sizes())
    for (const IntegerOutput& end : integer_outputs()) {
      CAPTURE(size.n);
      CAPTURE(size.in);
      CAPTURE(size.out);
      CAPTURE(turn);
      check_forward(size, turn++, end);
    }
}

TEST_CASE("integer dense_forward: sums, biases and roundings around 32 bits on every port") {
  for (const Kernels* port : hone::available_kernels())
    for (const std::size_t in : Sizes{127, 129, 258, 512})
      for (const int sign : {-1, 1})
        for (const int bias_bits : {28, 29, 30, 31})
          for (int shift = 26; shift < 34; ++shift) {
            const Window s = linear(in, 9);
            Codes x = codes(in, CodeFill::least, 1);
            Weights w(weights_of(s));
            for (std::size_t i = 0; i < w.size(); ++i)
              w[i] = static_cast<std::int16_t>(-32767 * sign);
            const Words bias = numbers<std::int32_t>(9, bias_bits, 1, 6);
            IntegerOutput end;
            end.shift = shift;
            const ExactForward want = exact_forward(x, w, &bias, 0, s, 1, end);
            Codes y(9);
            CHECK(port->integer->dense_forward(y, x, w, bias, 0, 1, in, 9, end) == want.seen);
            CHECK(y == want.y);
          }
}

TEST_CASE("integer dense_backward: gradients and updates of the contract on every port") {
  const std::vector<IntegerWay> ways = integer_ways();
  const std::vector<IntegerGradient> ends = integer_gradients();
  std::size_t turn = 0;
  for (const Size& size : sizes())
    for (std::size_t i = 0; i < 2 * ways.size(); ++i, ++turn) {
      const IntegerWay* const way = turn % 11 == 5 ? nullptr : &ways[i % ways.size()];
      CAPTURE(std::string(way ? way->name : "frozen"));
      CAPTURE(size.n);
      CAPTURE(size.in);
      CAPTURE(size.out);
      CAPTURE(turn);
      check_backward(
          {size, way, ends[turn % ends.size()], turn % 9 != 4, turn % 9 < 4, turn % 4 != 1}, turn);
    }
}

TEST_CASE("integer dense_backward: sums beyond 32 bits are limited to 31") {
  const std::vector<IntegerWay> ways = integer_ways();
  for (const std::size_t n : Sizes{131071, 131072, 131073, 133145, 262145})
    for (const IntegerWay& way : ways) {
      if (&way > &ways[1] && !way.has_sum) continue;
      CAPTURE(n);
      const Window s = linear(2, 9);
      const Codes x = codes(n * 2, CodeFill::least, 1);
      Codes dy = codes(n * 9, CodeFill::least, 1);
      for (std::size_t i = 0; i < n; ++i) dy[i * 9 + 1] = 127, dy[i * 9 + 2] = 1;
      ExactParameters want = parameters(s, 1);
      exact_way(want, x, dy, dy, s, n, &way, true);
      for (const Kernels* port : hone::available_kernels()) {
        CAPTURE(port->name);
        ExactParameters got = parameters(s, 1);
        port->integer->dense_backward(parameters_of(got, &way, true), nullptr, x, dy, n, 2, 9, {},
                                      nullptr);
        CHECK(got == want);
      }
    }
}

TEST_CASE("integer dense_backward: a batch split over calls gives the weights of one call") {
  const Window s = linear(37, 21);
  const std::vector<IntegerWay> ways = integer_ways();
  for (const Kernels* port : hone::available_kernels())
    for (const IntegerWay& way : ways) {
      const std::size_t n = 7;
      const Codes x = codes(n * 37, CodeFill::random, 1), dy = codes(n * 21, CodeFill::random, 2);
      ExactParameters whole = parameters(s, 9), split = whole;
      IntegerWay w = way;
      w.weights.first = w.weights.last = w.bias.first = w.bias.last = true;
      w.has_sum = false;
      port->integer->dense_backward(parameters_of(whole, &w, true), nullptr, x, dy, n, 37, 21, {},
                                    nullptr);
      w.has_sum = true;
      std::size_t from = 0;
      for (const std::size_t to : Sizes{3, 4, 7}) {
        w.weights.first = w.bias.first = from == 0;
        w.weights.last = w.bias.last = to == n;
        port->integer->dense_backward(parameters_of(split, &w, true), nullptr, x.data() + from * 37,
                                      dy.data() + from * 21, to - from, 37, 21, {}, nullptr);
        from = to;
      }
      CAPTURE(way.name);
      CHECK(split.w == whole.w);
      CHECK(split.velocity == whole.velocity);
      CHECK(split.bias == whole.bias);
    }
}
