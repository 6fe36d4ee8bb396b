#include <doctest/doctest.h>

#include "naive_conv.hpp"
#include "float_ports.hpp"

using namespace hone_test;
using hone::Activation;
using hone::Kernels;

namespace {

constexpr std::size_t kSizes[] = {0, 1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 32, 33};

struct Shape {
  std::size_t n, in, out;
};
std::vector<Shape> shapes() {
  std::vector<Shape> all;
  for (const std::size_t n : Sizes{0, 1, 2, 3, 4, 5, 7, 8, 9, 13})
    for (const std::size_t out : kSizes) all.push_back({n, 5, out});
  for (const std::size_t in : kSizes) all.push_back({3, in, 19});
  for (const std::size_t in : Sizes{47, 48, 49, 63, 64, 65}) all.push_back({4, in, 7});
  for (const std::size_t in : kSizes) all.push_back({1, in, 37});
  all.push_back({1, 131, 67});
  all.push_back({17, 131, 67});
  return all;
}

// y = bias + x W by the formula, products added by `multiply_add` in the contract's order.
template <class T, class MultiplyAdd>
std::vector<T> naive_forward(const Tensor& x, const Tensor& w, const Tensor* bias, const Shape& s,
                             MultiplyAdd multiply_add) {
  std::vector<T> y(s.n * s.out);
  for (std::size_t i = 0; i < s.n; ++i)
    for (std::size_t o = 0; o < s.out; ++o) {
      T c = bias ? T((*bias)[o]) : T(0);
      for (std::size_t k = 0; k < s.in; ++k)
        c = multiply_add(T(x[i * s.in + k]), T(w[k * s.out + o]), c);
      y[i * s.out + o] = c;
    }
  return y;
}

double plain(double a, double b, double c) { return a * b + c; }

struct Backward {
  bool resumes, finishes;
  Activation act;
  bool in_place;  // dx and y are the memory of x
  bool updates, momentum;
};

hone::Update update_of(const Backward& b) {
  hone::Update u;
  u.lr = 0.05f;
  u.shrink = 0.001f;
  u.momentum = b.momentum;
  u.mu = 0.9f;
  return u;
}

struct Tensors {
  Tensor w, sum, x, dx, y;
};

std::uint32_t run_backward(const Kernels& port, Tensors& t, const Tensor& dy, const Shape& s,
                           const Backward& b) {
  Tensor panel(hone::kPanelRows * s.out);
  const Tensor guards = panel;
  hone::GradientEnd end;
  end.resumes = b.resumes;
  end.finishes = b.finishes;
  end.act = b.act;
  end.slope = 0.25f;
  if (b.act != Activation::none) end.y = b.in_place ? t.x.data() : t.y.data();
  const hone::Update update = update_of(b);
  const std::uint32_t bad = port.dense_backward(
      t.w, b.momentum ? t.sum.data() : nullptr, b.in_place ? t.x.data() : t.dx.data(), t.x, dy,
      panel, s.n, s.in, s.out, b.updates ? &update : nullptr, end);
  for (std::size_t i = 0; i < panel.size(); ++i) panel[i] = 0.0f;
  CHECK(panel == guards);
  return bad;
}

void naive_backward(Tensors& t, const Tensor& dy, const Shape& s, const Backward& b) {
  Tensor& target = b.in_place ? t.x : t.dx;
  const Tensor start = target, x = t.x, y = b.in_place ? t.x : t.y;
  for (std::size_t i = 0; i < s.n; ++i)
    for (std::size_t k = 0; k < s.in; ++k) {
      const std::size_t at = i * s.in + k;
      float c = b.resumes ? start[at] : 0.0f;
      for (std::size_t o = 0; o < s.out; ++o)
        c = hone::fma(dy[i * s.out + o], t.w[k * s.out + o], c);
      target[at] = b.finishes ? masked(hone::store_floor(c), y[at], b.act, 0.25f) : c;
    }
  const hone::Update u = update_of(b);
  for (std::size_t k = 0; b.updates && k < s.in; ++k)
    for (std::size_t o = 0; o < s.out; ++o) {
      float& w = t.w[k * s.out + o];
      float c = b.momentum ? u.mu * t.sum[k * s.out + o] : 0.0f;
      if (b.momentum) c = hone::fma(u.pull, w, c);
      for (std::size_t i = 0; i < s.n; ++i) c = hone::fma(x[i * s.in + k], dy[i * s.out + o], c);
      if (b.momentum) c = t.sum[k * s.out + o] = hone::store_floor(c);
      w = hone::store_floor(hone::fma(-u.lr, c, hone::fma(-u.shrink, w, w)));
    }
}

Tensors tensors(const Shape& s, Fill fill) {
  return {Tensor(s.in * s.out, fill, 4), Tensor(s.in * s.out, fill, 5), Tensor(s.n * s.in, fill, 6),
          Tensor(s.n * s.in, fill, 7), Tensor(s.n * s.in, fill, 8)};
}

}  // namespace

TEST_CASE("dense_forward: by hand") {
  const float x[] = {1, 2, 3, 4}, w[] = {1, 10, 100, 1000}, bias[] = {0.5f, -0.5f};
  for (const Kernels* port : float_ports()) {
    CAPTURE(port->name);
    float y[4];
    port->dense_forward(y, x, w, bias, 2, 2, 2, {});
    CHECK(y[0] == 201.5f);
    CHECK(y[1] == 2009.5f);
    CHECK(y[2] == 403.5f);
    CHECK(y[3] == 4029.5f);
    const float tiny[] = {0x1p-30f, 0, 0, 0};
    const float small[] = {0x1p-11f, 0x1p-10f, 1, 1};
    port->dense_forward(y, tiny, small, nullptr, 2, 2, 2, {});
    CHECK(y[0] == 0.0f);  // 2^-41 is below the store floor
    CHECK(y[1] == 0x1p-40f);
  }
}

TEST_CASE("dense_forward: chain and activation of the contract bit for bit on every port") {
  for (const Kernels* port : float_ports())
    for (const Fill fill : {Fill::ordinary, Fill::extreme})
      for (const Shape& s : shapes())
        for (const bool with_bias : {false, true}) {
          CAPTURE(port->name);
          CAPTURE(s.n);
          CAPTURE(s.in);
          CAPTURE(s.out);
          const Tensor x(s.n * s.in, fill, 1), w(s.in * s.out, fill, 2), bias(s.out, fill, 3);
          const Tensor* const b = with_bias ? &bias : nullptr;
          Tensor y(s.n * s.out), want(s.n * s.out);
          const auto chain = naive_forward<float>(x, w, b, s, hone::fma);
          for (const hone::OutputEnd& end : output_ends()) {
            for (std::size_t i = 0; i < chain.size(); ++i)
              want[i] = activated(hone::store_floor(chain[i]), end.act, end.slope);
            port->dense_forward(y, x, w, with_bias ? bias.data() : nullptr, s.n, s.in, s.out, end);
            CHECK(y == want);
            if (fill == Fill::ordinary && end.act == Activation::none)
              CHECK(all_near(y, naive_forward<double>(x, w, b, s, plain), 1e-5));
          }
        }
}

TEST_CASE("dense_backward: chains and update of the contract bit for bit on every port") {
  const Backward ways[] = {{false, true, Activation::none, false, true, false},
                           {false, true, Activation::relu, true, true, false},
                           {false, true, Activation::relu, true, true, true},
                           {true, true, Activation::relu6, false, true, true},
                           {true, true, Activation::leaky_relu, false, false, false},
                           {true, false, Activation::none, false, true, false},
                           {false, false, Activation::relu, false, false, false}};
  for (const Kernels* port : float_ports())
    for (const Fill fill : {Fill::ordinary, Fill::extreme})
      for (const Shape& s : shapes())
        for (const Backward& way : ways) {
          CAPTURE(port->name);
          CAPTURE(s.n);
          CAPTURE(s.in);
          CAPTURE(s.out);
          const Tensor dy(s.n * s.out, fill, 9);
          Tensors got = tensors(s, fill), want = got;
          CHECK(run_backward(*port, got, dy, s, way) == 0);
          naive_backward(want, dy, s, way);
          CHECK(got.w == want.w);
          CHECK(got.sum == want.sum);
          CHECK(got.x == want.x);
          CHECK(got.dx == want.dx);
        }
}

TEST_CASE("dense_backward: without dx it only updates") {
  for (const Kernels* port : float_ports())
    for (const Shape& s : shapes()) {
      const Tensor dy(s.n * s.out, Fill::ordinary, 9);
      const Backward way{false, true, Activation::none, false, true, false};
      Tensors got = tensors(s, Fill::ordinary), want = got;
      const hone::Update update = update_of(way);
      CHECK(port->dense_backward(got.w, nullptr, nullptr, got.x, dy, nullptr, s.n, s.in, s.out,
                                 &update, hone::GradientEnd{}) == 0);
      naive_backward(want, dy, s, way);
      CHECK(got.w == want.w);
    }
}

TEST_CASE("dense_backward: finite differences of the forward formula") {
  const Shape s{3, 21, 10};
  const Tensor dy(s.n * s.out, Fill::ordinary, 9);
  Tensors t = tensors(s, Fill::ordinary);
  const auto slope_of = [&](float& at) {
    const auto loss = [&] {
      const auto y = naive_forward<double>(t.x, t.w, nullptr, s, plain);
      double sum = 0;
      for (std::size_t i = 0; i < y.size(); ++i) sum += y[i] * static_cast<double>(dy[i]);
      return sum;
    };
    const float kept = at;
    at = 1.0f;
    const double above = loss();
    at = 0.0f;
    const double below = loss();
    at = kept;
    return above - below;
  };
  std::vector<double> dx, dw;
  for (std::size_t i = 0; i < t.x.size(); ++i) dx.push_back(slope_of(t.x[i]));
  for (std::size_t i = 0; i < t.w.size(); ++i) dw.push_back(slope_of(t.w[i]));
  for (const Kernels* port : float_ports()) {
    Tensors got = t;
    run_backward(*port, got, dy, s, {false, true, Activation::none, false, false, false});
    CHECK(all_near(got.dx, dx, 1e-5));
    hone::Update update;
    update.lr = 1.0f;
    got.w = Tensor(t.w.size());  // from weights 0 at rate 1 the new weights are -dw
    port->dense_backward(got.w, nullptr, nullptr, t.x, dy, nullptr, s.n, s.in, s.out, &update,
                         hone::GradientEnd{});
    for (std::size_t i = 0; i < got.w.size(); ++i) got.w[i] = -got.w[i];
    CHECK(all_near(got.w, dw, 1e-5));
  }
}

TEST_CASE("dense_backward: reports a weight that is no number") {
  const Shape s{4, 5, 19};
  const Tensor dy(s.n * s.out, Fill::ordinary, 9);
  const Backward way{false, true, Activation::none, false, true, false};
  for (const Kernels* port : float_ports())
    for (std::size_t i = 0; i < s.in * s.out; ++i) {
      Tensors t = tensors(s, Fill::ordinary);
      t.w[i] = i % 2 ? __builtin_nanf("") : __builtin_huge_valf();
      CHECK(run_backward(*port, t, dy, s, way) != 0);
    }
}
