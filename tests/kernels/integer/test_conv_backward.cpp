#include <doctest/doctest.h>

#include "layer_cases.hpp"
#include "ports/dispatch.hpp"
#include "winners.hpp"

using namespace hone_test;
using hone::IntegerGradient;
using hone::Kernels;
using hone::Window;

namespace {

struct Backward {
  const Window& s;
  const Window* pool;
  std::size_t n;
  const IntegerWay* way;
  IntegerGradient end;
  bool has_dx, has_bias;
};

// The gradient of the map between convolution and pool.
Codes unpooled(const Codes& dy, const Winners& winners, std::size_t map) {
  Codes d = codes(map, CodeFill::zero, 0);
  for (std::size_t i = 0; i < dy.size(); ++i) d[winners.from[i]] = dy[i];
  return d;
}

void check_backward(const Backward& b, std::size_t turn) {
  const Window& s = b.s;
  const std::size_t map = b.n * s.out_size(), outputs = b.pool ? b.n * b.pool->out_size() : map;
  const std::uint32_t seed = static_cast<std::uint32_t>(turn);
  const Codes x = codes(b.n * s.in_size(), kCodeFills[turn / 2 % 5], seed),
              dy = codes(outputs, kCodeFills[turn / 7 % 5], seed + 1);
  Codes y = codes(x.size(), CodeFill::random, seed + 2);
  const Codes start_dx = codes(x.size(), CodeFill::random, seed + 3);
  const ExactParameters start = parameters(s, seed);
  Codes d = dy;
  Bytes routes;
  if (b.pool) {
    const Winners winners(codes(map, CodeFill::few, seed + 4), *b.pool, b.n);
    routes = winners.routes(*b.pool);
    d = unpooled(dy, winners, map);
  }

  IntegerGradient end = b.end;
  if (end.act != hone::Activation::none) end.y = y;
  const hone::Pooled pool{b.pool ? *b.pool : Window{}, routes};
  std::vector<std::int8_t> scratch(
      static_cast<std::size_t>(b.has_dx ? hone::integer_conv_scratch(s, b.pool, true) : 0));
  Codes want_dx = start_dx;
  ExactParameters want = start;
  const std::uint64_t seen = b.has_dx ? exact_gradient(want_dx, d, want.w, y, s, b.n, end) : 0;
  exact_way(want, x, d, dy, s, b.n, b.way, b.has_bias);

  for (const Kernels* port : hone::available_kernels()) {
    CAPTURE(port->name);
    Codes dx = start_dx;
    ExactParameters got = start;
    const hone::IntegerReport report = port->integer->conv_backward(
        parameters_of(got, b.way, b.has_bias), b.has_dx ? dx.data() : nullptr, x, dy, s,
        b.pool ? &pool : nullptr, b.n, end, scratch.data());
    CHECK(report.gradient == seen);
    CHECK(dx == want_dx);
    CHECK(got == want);
    CHECK(tells(report, want, b.way && b.way->weights.last));
  }
}

}  // namespace

TEST_CASE("integer conv_backward: gradients and updates of the contract on every port") {
  const std::vector<IntegerWay> ways = integer_ways();
  const std::vector<IntegerGradient> ends = integer_gradients();
  std::vector<Window> room;
  std::size_t turn = 0;
  for (const Window& s : integer_conv_cases())
    for (const Window* pool : pools_of(s, room))
      for (int i = 0; i < 11; ++i, ++turn) {
        const IntegerWay* const way = turn % 13 == 5 ? nullptr : &ways[turn % ways.size()];
        CAPTURE(std::string(way ? way->name : "frozen"));
        CAPTURE(text_of(s));
        CAPTURE(std::string(pool ? text_of(*pool) : "no pool"));
        CAPTURE(turn);
        check_backward(
            {s, pool, 1 + turn % 3, way, ends[turn % ends.size()], turn % 9 != 4, turn % 4 != 1},
            turn);
      }
}

TEST_CASE("integer conv_backward: sums beyond 32 bits are limited to 31") {
  const IntegerWay way = integer_ways()[0];
  const Window s = window(300, 300, 1, 2, 1, 1, 1, {}, 1);
  const Window every = window(300, 300, 2, 2, 1, 1, 1, {}, 2);  // a pool that changes nothing
  for (const Kernels* port : hone::available_kernels())
    for (const bool pooled : {false, true}) {
      const Codes x = codes(2 * s.in_size(), CodeFill::least, 1);
      Codes dy = codes(2 * s.out_size(), CodeFill::least, 1);
      for (std::size_t i = 0; i < dy.size(); i += 2) dy[i] = 127;
      ExactParameters got = parameters(s, 1), want = got;
      Bytes routes = Bytes(hone::route_bytes(1, dy.size()));
      std::fill_n(routes.data(), routes.size(), std::uint8_t{0});
      const hone::Pooled pool{every, routes};
      port->integer->conv_backward(parameters_of(got, &way, true), nullptr, x, dy, s,
                                   pooled ? &pool : nullptr, 2, {}, nullptr);
      exact_way(want, x, dy, dy, s, 2, &way, true);
      CHECK(got == want);
    }
}

TEST_CASE("integer conv_backward: a batch split over calls gives the weights of one call") {
  const Window s = window(7, 9, 5, 12, 3, 3, 1, {1, 1, 1, 1}, 1);
  const Window pool = window(7, 9, 12, 12, 2, 2, 2, {}, 12);
  for (const Kernels* port : hone::available_kernels())
    for (const Window* p : {static_cast<const Window*>(nullptr), &pool})
      for (IntegerWay way : integer_ways()) {
        const std::size_t n = 4, outputs = p ? p->out_size() : s.out_size();
        const Codes x = codes(n * s.in_size(), CodeFill::random, 1),
                    dy = codes(n * outputs, CodeFill::random, 2);
        // A sample's routes are whole bytes here.
        std::vector<std::uint8_t> routes(p ? hone::route_bytes(4, dy.size()) : 0, 0x1B);
        ExactParameters whole = parameters(s, 9), split = whole;
        const auto run = [&](ExactParameters& t, std::size_t first, std::size_t count) {
          way.weights.first = way.bias.first = first == 0;
          way.weights.last = way.bias.last = first + count == n;
          way.has_sum = count < n;
          const hone::Pooled part{pool,
                                  routes.data() + (p ? hone::route_bytes(4, outputs) : 0) * first};
          port->integer->conv_backward(parameters_of(t, &way, true), nullptr,
                                       x.data() + first * s.in_size(), dy.data() + first * outputs,
                                       s, p ? &part : nullptr, count, {}, nullptr);
        };
        run(whole, 0, n);
        run(split, 0, 1);
        run(split, 1, 2);
        run(split, 3, 1);
        CAPTURE(way.name);
        CHECK(split.w == whole.w);
        CHECK(split.velocity == whole.velocity);
        CHECK(split.bias == whole.bias);
      }
}
