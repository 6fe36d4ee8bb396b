#include <doctest/doctest.h>

#include "naive_update.hpp"
#include "float_ports.hpp"

using namespace hone_test;
using hone::Kernels;
using hone::Walk;

namespace {

struct Case {
  std::size_t rows, cols, stride;
  Walk walk;
};

// Positions of an image [n, h, w, c] read with gaps, and their gradients.
Walk walk_over(std::size_t n, std::size_t h, std::size_t w, std::size_t rows, std::size_t cols) {
  Walk walk;
  walk.n = n;
  walk.h = h;
  walk.w = w;
  walk.x_w = 2 * rows + 1;
  walk.x_h = walk.x_w * w + 3;
  walk.x_n = walk.x_h * h + 1;
  walk.dy_w = cols;
  walk.dy_h = walk.dy_w * w + 2;
  walk.dy_n = walk.dy_h * h;
  return walk;
}

std::vector<Case> cases() {
  std::vector<Case> all;
  for (const std::size_t rows : Sizes{1, 2, 3, 4, 5, 7, 8, 9, 13})
    for (const std::size_t cols : Sizes{1, 2, 3, 4, 7, 8, 9, 15, 16, 17, 31, 33})
      for (const std::size_t n : Sizes{1, 2, 5})
        all.push_back(
            {rows, cols, cols + n, walk_over(n, n == 5 ? 3 : 1, n == 2 ? 1 : n, rows, cols)});
  all.push_back({3, 130, 131, walk_over(1, 1, 1, 3, 130)});
  all.push_back({3, 18, 18, walk_over(0, 1, 1, 3, 18)});
  all.push_back({3, 18, 18, walk_over(2, 0, 3, 3, 18)});
  all.push_back({3, 18, 18, walk_over(2, 3, 0, 3, 18)});
  all.push_back({3, 18, 18, walk_over(1, 7, 1, 3, 18)});
  all.push_back({0, 18, 18, walk_over(2, 2, 2, 1, 18)});
  return all;
}

template <class Term>
void for_each_position(const Walk& walk, Term term) {
  for (std::size_t n = 0; n < walk.n; ++n)
    for (std::size_t h = 0; h < walk.h; ++h)
      for (std::size_t w = 0; w < walk.w; ++w)
        term(n * walk.x_n + h * walk.x_h + w * walk.x_w,
             n * walk.dy_n + h * walk.dy_h + w * walk.dy_w);
}

struct Operands {
  Tensor w, sum, x, dy;
};
Operands operands(const Case& c, Fill fill) {
  const std::size_t reach_x = c.walk.n * c.walk.x_n + c.rows + 1;
  const std::size_t reach_dy = c.walk.n * c.walk.dy_n + c.cols + 1;
  return {Tensor(c.rows * c.stride, fill, 1), Tensor(c.rows * c.stride, fill, 2),
          Tensor(reach_x, fill, 3), Tensor(reach_dy, fill, 4)};
}

}  // namespace

TEST_CASE("outer_update: chains and update of the contract bit for bit on every port") {
  for (const Kernels* port : float_ports())
    for (const Fill fill : {Fill::ordinary, Fill::extreme})
      for (const Case& c : cases())
        for (const UpdateWay& way : update_ways()) {
          CAPTURE(port->name);
          CAPTURE(way.name);
          CAPTURE(c.rows);
          CAPTURE(c.cols);
          CAPTURE(c.walk.n);
          Operands got = operands(c, fill), want = got;
          const std::uint32_t bad =
              port->outer_update(got.w, way.has_sum ? got.sum.data() : nullptr, c.stride, c.rows,
                                 c.cols, got.x, got.dy, c.walk, way.update);
          for (std::size_t r = 0; r < c.rows; ++r)
            for (std::size_t o = 0; o < c.cols; ++o) {
              const std::size_t at = r * c.stride + o;
              float chain = start_of_chain(want.w[at], want.sum[at], way.update);
              for_each_position(c.walk, [&](std::size_t x, std::size_t dy) {
                chain = hone::fma(want.x[x + r], want.dy[dy + o], chain);
              });
              end_chain(chain, want.w[at], way.has_sum ? &want.sum[at] : nullptr, way.update);
            }
          CHECK(bad == 0);
          CHECK(got.w == want.w);
          CHECK(got.sum == want.sum);
        }
}

TEST_CASE("outer_update: near the sum of products in double") {
  for (const Kernels* port : float_ports())
    for (const Case& c : cases()) {
      Operands t = operands(c, Fill::ordinary);
      std::vector<double> want = doubles(t.w);
      for (std::size_t r = 0; r < c.rows; ++r)
        for (std::size_t o = 0; o < c.cols; ++o)
          for_each_position(c.walk, [&](std::size_t x, std::size_t dy) {
            want[r * c.stride + o] -=
                0.125 * static_cast<double>(t.x[x + r]) * static_cast<double>(t.dy[dy + o]);
          });
      port->outer_update(t.w, nullptr, c.stride, c.rows, c.cols, t.x, t.dy, c.walk,
                         update_ways()[0].update);
      CHECK(all_near(t.w, want, 1e-5));
    }
}

TEST_CASE("outer_update: a batch in pieces gives the bits of the whole batch") {
  const std::size_t rows = 5, cols = 19, n = 7;
  const Case c{rows, cols, cols, walk_over(n, 2, 3, rows, cols)};
  for (const Kernels* port : float_ports())
    for (const bool momentum : {false, true}) {
      Operands whole = operands(c, Fill::ordinary), pieces = whole;
      hone::Update u = update_ways()[momentum ? 5 : 1].update;
      port->outer_update(whole.w, whole.sum, cols, rows, cols, whole.x, whole.dy, c.walk, u);
      Walk part = c.walk;
      const std::size_t ends[] = {3, 6, 7};
      for (std::size_t i = 0, from = 0; i < 3; from = ends[i++]) {
        part.n = ends[i] - from;
        u.first = i == 0;
        u.last = i == 2;
        port->outer_update(pieces.w, pieces.sum, cols, rows, cols,
                           pieces.x.data() + from * part.x_n, pieces.dy.data() + from * part.dy_n,
                           part, u);
      }
      CHECK(whole.w == pieces.w);
      if (momentum) CHECK(whole.sum == pieces.sum);
    }
}

TEST_CASE("outer_update: reports weights that become NaN or infinite") {
  const Case one{3, 21, 21, walk_over(1, 1, 1, 3, 21)}, many{3, 21, 21, walk_over(4, 1, 1, 3, 21)};
  for (const Kernels* port : float_ports())
    for (const Case& c : {one, many})
      for (std::size_t i = 0; i < 21; ++i)
        for (const float bad : {__builtin_nanf(""), -__builtin_huge_valf()}) {
          Operands t = operands(c, Fill::ordinary);
          t.x[0] = t.x[1] = t.x[2] = 1.0f;
          t.dy[i] = bad;
          hone::Update u = update_ways()[0].update;
          CHECK(port->outer_update(t.w, nullptr, 21, 3, 21, t.x, t.dy, c.walk, u) != 0);
          u.last = false;
          Operands early = operands(c, Fill::ordinary);
          early.dy[i] = bad;
          CHECK(port->outer_update(early.w, early.sum, 21, 3, 21, early.x, early.dy, c.walk, u) ==
                0);
        }
}
