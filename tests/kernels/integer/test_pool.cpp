#include <doctest/doctest.h>

#include "exact.hpp"
#include "ports/dispatch.hpp"
#include "winners.hpp"

using namespace hone_test;
using hone::Activation;
using hone::IntegerGradient;
using hone::Kernels;
using hone::Window;

namespace {

constexpr int kShifts[] = {-64, -3, 0, 1, 9, 23, 24, 30, 62, 63, 100};

std::vector<Wide> counts_of(const Window& s, std::size_t n) {
  std::vector<Wide> count(n * s.out_size());
  for_each_pixel(s, n, [&](std::size_t yi, std::size_t, std::uint32_t) { count[yi] += 1; });
  return count;
}
// 2^23 / count to the nearest.
Wide share(Wide count) { return (2 * two_to(23) + count) / (2 * count); }

// How a gradient may start and end.
std::vector<IntegerGradient> gradient_ends() {
  std::vector<IntegerGradient> all;
  for (const Activation act : kActivations)
    for (const int resumed : {-1000, -5, 0, 21, 80})  // -1000: does not resume
      for (const int shift : kShifts) {
        if (act != Activation::none && shift != -3 && shift != 9 && shift != 24) continue;
        IntegerGradient end;
        end.resumes = resumed != -1000;
        end.resumed_shift = end.resumes ? resumed : 0;
        end.act = act;
        end.slope = {20000, 17};
        end.six = 1;
        end.shift = shift;
        all.push_back(end);
      }
  return all;
}

struct Ended {
  Codes dx;
  std::uint64_t seen = 0;

  // `sums` become the gradient that goes on from `before`; `y` of its size, or null.
  Ended(const std::vector<Wide>& sums, const Codes& before, const Codes* y,
        const IntegerGradient& end)
      : dx(before) {
    for (std::size_t i = 0; i < sums.size(); ++i) {
      Wide sum = sums[i];
      if (end.resumes) sum += exact_start(before[i], -end.resumed_shift);
      seen |= exact_seen(sum);
      dx[i] = exact_code(sum, end.shift);
      if (y)
        dx[i] = static_cast<std::int8_t>(exact_masked(dx[i], (*y)[i], end.act, end.slope, end.six));
    }
  }
};

}  // namespace

TEST_CASE("integer max_pool_forward: maximum, first winner and packed routes") {
  for (const Kernels* port : hone::available_kernels())
    for (const Window& s : pool_cases())
      for (const CodeFill fill : kCodeFills)
        for (const std::size_t n : {0u, 1u, 3u}) {
          CAPTURE(port->name);
          CAPTURE(text_of(s));
          const Codes x = codes(n * s.in_size(), fill, 1);
          const Winners want(x, s, n);
          const Bytes packed = want.routes(s);
          Bytes routes(packed.size());
          Codes y(n * s.out_size()), without(y.size());
          port->integer->max_pool_forward(y, routes, x, s, n);
          CHECK(y == want.y);
          CHECK(routes == packed);
          port->integer->max_pool_forward(without, nullptr, x, s, n);
          CHECK(without == want.y);
        }
}

TEST_CASE("integer max_pool_backward: every gradient goes to its winner, masked by the output") {
  for (const Window& s : pool_cases())
    for (const CodeFill fill : {CodeFill::random, CodeFill::extreme}) {
      const Codes x = codes(2 * s.in_size(), CodeFill::few, 2);
      const Codes dy = codes(2 * s.out_size(), fill, 3), before = codes(x.size(), fill, 4);
      const Winners pooled(x, s, 2);
      const Bytes routes = pooled.routes(s);
      for (IntegerGradient end : gradient_ends()) {
        if (fill != CodeFill::random && end.shift != 9) continue;
        CAPTURE(text_of(s));
        CAPTURE(end.shift);
        std::vector<Wide> sums(x.size());
        for (std::size_t i = 0; i < dy.size(); ++i)
          sums[pooled.from[i]] += exact_masked(dy[i], pooled.y[i], end.act, end.slope, end.six);
        const Ended want(sums, before, nullptr, end);
        end.y = end.act == Activation::none ? nullptr : pooled.y.data();
        for (const Kernels* port : hone::available_kernels()) {
          CAPTURE(port->name);
          Codes dx = before;
          CHECK(port->integer->max_pool_backward(dx, dy, routes, s, 2, end) == want.seen);
          CHECK(dx == want.dx);
        }
      }
    }
}

TEST_CASE("integer max_pool: windows apart give dy back exactly") {
  const Window s = pool(6, 8, 17, 2, 2, 2);
  const Codes x = codes(s.in_size(), CodeFill::random, 5),
              dy = codes(s.out_size(), CodeFill::random, 6);
  const Winners pooled(x, s, 1);
  for (const Kernels* port : hone::available_kernels()) {
    Codes dx(x.size()), want(x.size());
    for (std::size_t i = 0; i < x.size(); ++i) want[i] = 0;
    for (std::size_t i = 0; i < dy.size(); ++i) want[pooled.from[i]] = dy[i];
    port->integer->max_pool_backward(dx, dy, pooled.routes(s), s, 1, {});
    CHECK(dx == want);
  }
}

TEST_CASE("integer avg_pool_forward: sums times 2^23 / count") {
  for (const Kernels* port : hone::available_kernels())
    for (const Window& s : pool_cases())
      for (const CodeFill fill : kCodeFills)
        for (const int shift : kShifts) {
          CAPTURE(port->name);
          CAPTURE(text_of(s));
          CAPTURE(shift);
          const Codes x = codes(2 * s.in_size(), fill, 7);
          const std::vector<Wide> count = counts_of(s, 2);
          std::vector<Wide> sum(count.size());
          for_each_pixel(s, 2,
                         [&](std::size_t yi, std::size_t xi, std::uint32_t) { sum[yi] += x[xi]; });
          Codes y(sum.size()), want(sum.size());
          std::uint64_t seen = 0;
          for (std::size_t i = 0; i < sum.size(); ++i) {
            sum[i] *= share(count[i]);
            seen |= exact_seen(sum[i]);
            want[i] = exact_code(sum[i], shift);
          }
          CHECK(port->integer->avg_pool_forward(y, x, s, 2, shift) == seen);
          CHECK(y == want);
        }
}

TEST_CASE("integer avg_pool_forward: at 2^-23 it is the average, to the nearest code") {
  const Window s = pool(5, 7, 5, 5, 7, 1);  // 35 pixels
  for (const Kernels* port : hone::available_kernels()) {
    const Codes x = codes(s.in_size(), CodeFill::random, 8);
    Codes y(s.out_size());
    port->integer->avg_pool_forward(y, x, s, 1, hone::kAverageBits);
    for (std::size_t c = 0; c < 5; ++c) {
      double sum = 0;
      for (std::size_t i = c; i < x.size(); i += 5) sum += x[i];
      CHECK(std::abs(sum / 35 - y[c]) < 0.501);
    }
  }
}

TEST_CASE("integer avg_pool: windows so large that their sums barely fit, and larger ones") {
  const std::uint32_t sizes[][2] = {{4096, 4096}, {4096, 4097}, {4200, 4100}};
  for (const Kernels* port : hone::available_kernels())
    for (const auto& size : sizes) {
      CAPTURE(port->name);
      const Window s = pool(size[0], size[1], 1, size[0], size[1], 1);
      const Codes x = codes(s.in_size(), CodeFill::least, 1);
      Codes y(1);
      const Wide sum =
          Wide{-127} * static_cast<Wide>(s.in_size()) * share(static_cast<Wide>(s.in_size()));
      CHECK(port->integer->avg_pool_forward(y, x, s, 1, 25) == exact_seen(sum));
      CHECK(y[0] == exact_code(sum, 25));
    }
}

TEST_CASE("integer avg_pool_backward: shares of every window over a pixel, then the end") {
  for (const Window& s : pool_cases())
    for (const CodeFill fill : {CodeFill::random, CodeFill::extreme}) {
      const Codes y = codes(2 * s.in_size(), CodeFill::few, 9);
      const Codes dy = codes(2 * s.out_size(), fill, 10), before = codes(y.size(), fill, 11);
      const std::vector<Wide> count = counts_of(s, 2);
      std::vector<Wide> sums(y.size());
      for_each_pixel(s, 2, [&](std::size_t yi, std::size_t xi, std::uint32_t) {
        sums[xi] += dy[yi] * share(count[yi]);
      });
      for (IntegerGradient end : gradient_ends()) {
        if (fill != CodeFill::random && end.shift != 24) continue;
        CAPTURE(text_of(s));
        CAPTURE(end.shift);
        const Ended want(sums, before, &y, end);
        for (const Kernels* port : hone::available_kernels()) {
          CAPTURE(port->name);
          Codes dx = before, over = y;
          end.y = end.act == Activation::none ? nullptr : y.data();
          CHECK(port->integer->avg_pool_backward(dx, dy, s, 2, end) == want.seen);
          CHECK(dx == want.dx);
          if (end.resumes) continue;
          if (end.y) end.y = over;  // dx in the memory of y
          CHECK(port->integer->avg_pool_backward(over, dy, s, 2, end) == want.seen);
          CHECK(over == want.dx);
        }
      }
    }
}

TEST_CASE("integer pools: gradients of a corner under many padded windows pass 32 bits") {
  const Window s = pool(3, 3, 2, 3, 3, 1, {2, 2, 2, 2});
  for (const Kernels* port : hone::available_kernels()) {
    const Codes dy = codes(s.out_size(), CodeFill::least, 1);
    std::vector<Wide> sums(s.in_size());
    const std::vector<Wide> count = counts_of(s, 1);
    for_each_pixel(s, 1, [&](std::size_t yi, std::size_t xi, std::uint32_t) {
      sums[xi] += dy[yi] * share(count[yi]);
    });
    IntegerGradient end;
    end.shift = 25;
    CHECK(-sums[0] > two_to(31));
    const Ended want(sums, Codes(s.in_size()), nullptr, end);
    Codes dx(s.in_size());
    CHECK(port->integer->avg_pool_backward(dx, dy, s, 1, end) == want.seen);
    CHECK(dx == want.dx);
  }
}
