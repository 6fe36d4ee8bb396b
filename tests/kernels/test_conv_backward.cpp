#include <doctest/doctest.h>

#include "conv_cases.hpp"
#include "hone/conv_scratch.hpp"
#include "naive_conv.hpp"
#include "float_ports.hpp"

using namespace hone_test;
using hone::GradientEnd;
using hone::Kernels;
using hone::Window;

namespace {

struct Backward {
  const Window* s;
  const Window* pool;
  std::size_t n;
  UpdateWay way;
  GradientEnd end;
  bool has_dx, has_bias, frozen, fast;
};

struct Tensors {
  Tensor w, sum, bias, bias_sum, dx;
};

// dy with zeros among it, as a mask leaves them.
Tensor gradient_of(const Backward& b, Fill fill) {
  const Window& s = b.pool ? *b.pool : *b.s;
  Tensor dy(b.n * s.out_size(), fill, 8);
  for (std::size_t i = 0; i < dy.size(); i += 3) dy[i] = 0.0f;
  return dy;
}

std::uint32_t run_backward(const Kernels& port, const Backward& b, Tensors& t, const Tensor& x,
                           const Tensor& dy, std::uint8_t* routes, const Tensor& y) {
  hone::ConvWeights weights;
  weights.w = t.w;
  hone::Update bias_update = b.way.update;
  bias_update.shrink = bias_update.pull = 0;
  if (!b.frozen) {
    weights.sum = b.way.has_sum ? t.sum.data() : nullptr;
    weights.update = &b.way.update;
    weights.bias = b.has_bias ? t.bias.data() : nullptr;
    weights.bias_sum = b.way.has_sum && b.has_bias ? t.bias_sum.data() : nullptr;
    weights.bias_update = b.has_bias ? &bias_update : nullptr;
  }
  GradientEnd end = b.end;
  end.y = end.act == hone::Activation::none ? nullptr : y.data();
  const hone::Pooled pooled{b.pool ? *b.pool : *b.s, routes};
  std::vector<float> scratch =
      scratch_of(hone::conv_backward_floats(*b.s, b.pool, b.has_dx, b.fast));
  return port.conv_backward(weights, b.has_dx ? t.dx.data() : nullptr, x, dy, *b.s,
                            b.pool ? &pooled : nullptr, b.n, end, scratch.data(), b.fast);
}

void naive_backward(const Backward& b, Tensors& t, const Tensor& x, const Tensor& d,
                    const Tensor& y) {
  if (b.has_dx) {
    if (!b.end.resumes) t.dx = Tensor(t.dx.size());
    naive_input_gradient(t.dx, d, t.w, *b.s, b.n);
    naive_gradient_end(t.dx, y, b.end);
  }
  if (b.frozen) return;
  naive_weight_update(t.w, b.way.has_sum ? &t.sum : nullptr, x, d, *b.s, b.n, b.way.update);
  hone::Update bias_update = b.way.update;
  bias_update.shrink = bias_update.pull = 0;
  if (b.has_bias) naive_bias_update(t.bias, b.way.has_sum ? &t.bias_sum : nullptr, d, bias_update);
}

void check_backward(const Backward& b, Fill fill) {
  const Window& s = *b.s;
  const Tensor x(b.n * s.in_size(), fill, 7), dy = gradient_of(b, fill), y(x.size(), fill, 11);
  Tensor d = dy;
  std::vector<std::uint8_t> routes;
  if (b.pool) {
    const NaivePool p =
        naive_max_pool(Tensor(b.n * s.out_size(), Fill::ordinary, 12), *b.pool, b.n);
    routes = p.routes(*b.pool);
    d = Tensor(b.n * s.out_size());
    for (std::size_t i = 0; i < dy.size(); ++i) d[p.from[i]] = dy[i];
  }
  const Tensors start{Tensor(weights_of(s), fill, 9), Tensor(weights_of(s), fill, 10),
                      Tensor(s.out_c, fill, 13), Tensor(s.out_c, fill, 14),
                      Tensor(x.size(), fill, 15)};
  Tensors want = start;
  naive_backward(b, want, x, d, y);
  const Tensor untouched = dy;
  for (const Kernels* port : float_ports()) {
    CAPTURE(port->name);
    Tensors got = start;
    CHECK(run_backward(*port, b, got, x, dy, routes.data(), y) == 0);
    CHECK(dy == untouched);
    CHECK(got.dx == want.dx);
    CHECK(got.w == want.w);
    CHECK(got.bias == want.bias);
    if (b.way.update.last && !b.way.update.momentum) continue;  // nobody reads the sums again
    CHECK(got.sum == want.sum);
    CHECK(got.bias_sum == want.bias_sum);
  }
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

TEST_CASE("conv_backward: chains, ends and updates of the contract bit for bit on every port") {
  const std::vector<UpdateWay> ways = update_ways();
  const std::vector<GradientEnd> ends = gradient_ends();
  std::vector<Window> room;
  std::size_t turn = 0;
  for (const Window& s : conv_cases())
    for (const Window* pool : pools_of(s, room))
      for (const UpdateWay& way : ways)
        for (const bool fast : {false, true}) {
          const GradientEnd& end = ends[turn % ends.size()];
          const Backward b{
              &s, pool, 1 + turn % 3, way, end, turn % 8 != 0, turn % 5 != 0, turn % 11 == 3, fast};
          CAPTURE(way.name);
          CAPTURE(text_of(s));
          CAPTURE(std::string(pool ? text_of(*pool) : "no pool"));
          CAPTURE(turn);
          check_backward(b, (turn / 2) % 2 ? Fill::extreme : Fill::ordinary);
          ++turn;
        }
}

TEST_CASE("conv_backward: a batch split over calls gives the bits of one call") {
  const Window s = window(7, 9, 5, 12, 3, 3, 1, {1, 1, 1, 1}, 1);
  const Window pool = window(7, 9, 12, 12, 2, 2, 2, {}, 12);
  for (const Kernels* port : float_ports())
    for (const Window* p : {static_cast<const Window*>(nullptr), &pool})
      for (const bool fast : {false, true}) {
        Backward b{&s, p, 4, update_ways()[2], {}, true, true, false, fast};
        const Tensor x(4 * s.in_size(), Fill::ordinary, 1), dy = gradient_of(b, Fill::ordinary);
        std::vector<std::uint8_t> routes(p ? hone::route_bytes(4, dy.size()) : 0, 0x1B);
        Tensors whole{Tensor(weights_of(s), Fill::ordinary, 2), Tensor(weights_of(s)),
                      Tensor(s.out_c, Fill::ordinary, 3), Tensor(s.out_c), Tensor(x.size())};
        Tensors split = whole;
        run_backward(*port, b, whole, x, dy, routes.data(), x);
        b.n = 1;
        const std::size_t outputs = dy.size() / 4;
        for (std::size_t i = 0; i < 4; ++i) {
          b.way.update.first = i == 0;
          b.way.update.last = i == 3;
          Tensor xi(s.in_size()), di(outputs);
          for (std::size_t k = 0; k < xi.size(); ++k) xi[k] = x[i * xi.size() + k];
          for (std::size_t k = 0; k < di.size(); ++k) di[k] = dy[i * di.size() + k];
          split.dx = Tensor(xi.size());
          run_backward(*port, b, split, xi, di, routes.data(), xi);
          bool same = true;
          for (std::size_t k = 0; k < xi.size(); ++k)
            same = same && split.dx[k] == whole.dx[i * xi.size() + k];
          CHECK(same);
        }
        CHECK(split.w == whole.w);
        CHECK(split.bias == whole.bias);
      }
}

TEST_CASE("conv_backward: reports weights that become NaN or infinite") {
  const Window s = window(4, 6, 3, 19, 3, 3, 1, {1, 1, 1, 1}, 1);
  const Window pool = window(4, 6, 19, 19, 2, 2, 2, {}, 19);
  for (const Kernels* port : float_ports())
    for (const Window* p : {static_cast<const Window*>(nullptr), &pool})
      for (const bool fast : {false, true})
        for (const bool sums : {false, true})
          for (std::size_t i = 0; i < weights_of(s) + s.out_c; i += 7) {
            Backward b{&s, p, 1, update_ways()[sums ? 2 : 1], {}, false, true, false, fast};
            const Tensor x(s.in_size(), Fill::ordinary, 1), dy = gradient_of(b, Fill::ordinary);
            std::vector<std::uint8_t> routes(hone::route_bytes(4, dy.size()), 0);
            Tensors t{Tensor(weights_of(s), Fill::ordinary, 2), Tensor(weights_of(s)),
                      Tensor(s.out_c, Fill::ordinary, 3), Tensor(s.out_c), Tensor(x.size())};
            float& v = i < weights_of(s) ? t.w[i] : t.bias[i - weights_of(s)];
            v = i % 2 ? __builtin_nanf("") : __builtin_huge_valf();
            CHECK(run_backward(*port, b, t, x, dy, routes.data(), x) != 0);
          }
}

TEST_CASE("conv_backward: reports a NaN among the gradients") {
  const Window s = window(8, 8, 8, 19, 3, 3, 1, {1, 1, 1, 1}, 1);
  const Window pool = window(8, 8, 19, 19, 2, 2, 2, {}, 19);
  for (const Kernels* port : float_ports())
    for (const Window* p : {static_cast<const Window*>(nullptr), &pool})
      for (const bool fast : {false, true}) {
        Backward b{&s, p, 1, update_ways()[1], {}, false, true, false, fast};
        const Tensor x(s.in_size(), Fill::ordinary, 1);
        Tensor dy = gradient_of(b, Fill::ordinary);
        dy[dy.size() / 2] = __builtin_nanf("");
        std::vector<std::uint8_t> routes(hone::route_bytes(4, dy.size()), 0);
        Tensors t{Tensor(weights_of(s), Fill::ordinary, 2), Tensor(weights_of(s)),
                  Tensor(s.out_c, Fill::ordinary, 3), Tensor(s.out_c), Tensor(x.size())};
        CHECK(run_backward(*port, b, t, x, dy, routes.data(), x) != 0);
      }
}

TEST_CASE("conv_backward: finite differences of the forward formula") {
  for (const Window& s : conv_cases()) {
    if (s.in_size() > 200) continue;
    CAPTURE(text_of(s));
    const Tensor w(weights_of(s), Fill::ordinary, 7), dy(s.out_size(), Fill::ordinary, 8);
    const Tensor at(s.in_size(), Fill::ordinary, 9);
    std::vector<double> x = doubles(at), want;
    for (double& xi : x) {
      const double kept = xi;
      xi = kept + 0.5;
      const double above = loss(x, w, dy, s, 1);
      xi = kept - 0.5;
      want.push_back(above - loss(x, w, dy, s, 1));
      xi = kept;
    }
    for (const Kernels* port : float_ports())
      for (const bool fast : {false, true}) {
        const Backward b{&s, nullptr, 1, update_ways()[0], {}, true, false, true, fast};
        Tensors t{w, Tensor(w.size()), Tensor(), Tensor(), Tensor(s.in_size())};
        run_backward(*port, b, t, at, dy, nullptr, at);
        CHECK(all_near(t.dx, want, 1e-5));
      }
  }
}
