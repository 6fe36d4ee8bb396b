#include <doctest/doctest.h>

#include "conv_cases.hpp"
#include "hone/conv_scratch.hpp"
#include "naive_conv.hpp"
#include "float_ports.hpp"

using namespace hone_test;
using hone::Kernels;
using hone::OutputEnd;
using hone::Window;

namespace {

// Where an activation lets no gradient through, any pixel of the window may be the winner.
bool routes_agree(const std::vector<std::uint8_t>& routes, const NaivePool& want,
                  const Window& pool, hone::Activation act) {
  const std::uint32_t window = pool.kernel_h * pool.kernel_w, bits = hone::route_bits(window);
  for (std::size_t i = 0; i < want.places.size(); ++i) {
    const std::size_t bit = i * bits;
    const std::uint32_t got = (routes[bit / 8] >> (bit % 8)) & ((1u << bits) - 1u);
    const bool closed = masked(1.0f, want.y[i], act, 0.5f) == 0.0f;
    if (closed ? got >= window : got != want.places[i]) return false;
  }
  return true;
}

void check_forward(const Window& s, const Window* pool, std::size_t n, Fill fill,
                   const OutputEnd& end, bool with_bias, bool fast) {
  const Tensor x(n * s.in_size(), fill, 1), w(weights_of(s), fill, 2), b(s.out_c, fill, 3);
  const float* const bias = with_bias ? b.data() : nullptr;
  const Tensor map = naive_conv(x, w, bias, s, n, end);
  const NaivePool want = pool ? naive_max_pool(map, *pool, n) : NaivePool();
  for (const Kernels* port : float_ports()) {
    CAPTURE(port->name);
    std::vector<float> scratch = scratch_of(hone::conv_forward_floats(s, pool, fast));
    if (!pool) {
      Tensor y(map.size());
      port->conv_forward(y, x, w, bias, s, nullptr, n, end, scratch.data(), fast);
      CHECK(y == map);
      continue;
    }
    hone::Pooled pooled{*pool, nullptr};
    Tensor y(want.y.size());
    port->conv_forward(y, x, w, bias, s, &pooled, n, end, scratch.data(), fast);
    CHECK(y == want.y);
    std::vector<std::uint8_t> routes(want.routes(*pool).size() + 1, 0x5A);
    pooled.routes = routes.data();
    Tensor again(want.y.size());
    port->conv_forward(again, x, w, bias, s, &pooled, n, end, scratch.data(), fast);
    CHECK(again == want.y);
    CHECK(routes.back() == 0x5A);
    routes.pop_back();
    CHECK(routes_agree(routes, want, *pool, end.act));
  }
}

}  // namespace

TEST_CASE("conv_forward: chain, activation and pool of the contract bit for bit on every port") {
  std::vector<Window> room;
  std::size_t turn = 0;
  for (const Window& s : conv_cases())
    for (const Window* pool : pools_of(s, room))
      for (const OutputEnd& end : output_ends())
        for (const bool fast : {false, true}) {
          CAPTURE(text_of(s));
          CAPTURE(std::string(pool ? text_of(*pool) : "no pool"));
          CAPTURE(fast);
          const Fill fill = turn % 2 ? Fill::extreme : Fill::ordinary;
          check_forward(s, pool, turn % 7 == 0 ? 0 : 1 + turn % 3, fill, end, turn % 5 != 0, fast);
          ++turn;
        }
}

TEST_CASE("conv_forward: near the formula in double") {
  for (const Kernels* port : float_ports())
    for (const Window& s : conv_cases())
      for (const bool fast : {false, true}) {
        CAPTURE(text_of(s));
        const Tensor x(2 * s.in_size(), Fill::ordinary, 1), w(weights_of(s), Fill::ordinary, 2);
        std::vector<double> want(2 * s.out_size());
        for_each_term(s, 2, [&](std::size_t xi, std::size_t wi, std::size_t yi) {
          want[yi] += static_cast<double>(x[xi]) * static_cast<double>(w[wi]);
        });
        Tensor y(2 * s.out_size());
        std::vector<float> scratch = scratch_of(hone::conv_forward_floats(s, nullptr, fast));
        port->conv_forward(y, x, w, nullptr, s, nullptr, 2, {}, scratch.data(), fast);
        CHECK(all_near(y, want, 1e-5));
      }
}
