#include <doctest/doctest.h>

#include "layer_cases.hpp"
#include "ports/dispatch.hpp"
#include "winners.hpp"

using namespace hone_test;
using hone::IntegerOutput;
using hone::Kernels;
using hone::Window;

namespace {

struct Forward {
  const Window& s;
  const Window* pool;
  std::size_t n;
  IntegerOutput end;
};

void check_forward(Forward f, std::size_t turn) {
  const Window& s = f.s;
  const std::uint32_t seed = static_cast<std::uint32_t>(turn);
  const Codes x = codes(f.n * s.in_size(), kCodeFills[turn / 3 % 5], seed);
  const Weights w = weights(weights_of(s), turn);
  const Words bias = numbers<std::int32_t>(s.out_c, turn % 2 ? 31 : 20, seed + 2);
  const Words* const b = turn % 3 ? &bias : nullptr;
  const int bias_shift = std::vector<int>{-50, -12, -2, 0, 3, 11, 31, 70}[turn % 8];
  const std::int32_t* const bias_at = b ? b->data() : nullptr;
  const ExactForward want = exact_forward(x, w, b, bias_shift, s, f.n, f.end);
  if (!f.pool) {
    for (const Kernels* port : hone::available_kernels()) {
      CAPTURE(port->name);
      Codes y(want.y.size());
      const Codes untouched = y;
      Longs sums(want.sums.size());
      if (turn % 7 == 3) f.end.sums = sums;
      CHECK(port->integer->conv_forward(y, x, w, bias_at, bias_shift, s, nullptr, f.n, f.end,
                                        nullptr) == want.seen);
      CHECK(y == (f.end.sums ? untouched : want.y));
      if (f.end.sums) CHECK(sums == want.sums);
    }
    return;
  }
  const Winners pooled(want.y, *f.pool, f.n);
  const Bytes want_routes = pooled.routes(*f.pool);
  for (const Kernels* port : hone::available_kernels()) {
    CAPTURE(port->name);
    Codes y(pooled.y.size());
    Bytes routes(want_routes.size());
    const Bytes no_routes = routes;
    std::vector<std::int8_t> scratch(
        static_cast<std::size_t>(hone::integer_conv_scratch(s, f.pool, false)));
    const hone::Pooled pool{*f.pool, turn % 5 ? routes.data() : nullptr};
    CHECK(port->integer->conv_forward(y, x, w, bias_at, bias_shift, s, &pool, f.n, f.end,
                                      scratch.data()) == want.seen);
    CHECK(y == pooled.y);
    CHECK(routes == (pool.routes ? want_routes : no_routes));
  }
}

}  // namespace

TEST_CASE("integer conv_forward: exact sums, every end and pool on every port") {
  const std::vector<IntegerOutput> ends = integer_outputs();
  std::vector<Window> room;
  std::size_t turn = 0;
  for (const Window& s : integer_conv_cases())
    for (const Window* pool : pools_of(s, room))
      for (int i = 0; i < 9; ++i, ++turn) {
        CAPTURE(text_of(s));
        CAPTURE(std::string(pool ? text_of(*pool) : "no pool"));
        CAPTURE(turn);
        check_forward({s, pool, 1 + turn % 3, ends[turn % ends.size()]}, turn);
      }
}
