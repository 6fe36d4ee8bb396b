#include <doctest/doctest.h>

#include "exact.hpp"
#include "guarded.hpp"
#include "ports/dispatch.hpp"

using namespace hone_test;
using hone::Activation;
using hone::IntegerGradient;
using hone::IntegerOutput;
using hone::Kernels;
using hone::Multiplier;

namespace {

constexpr std::size_t kSizes[] = {0, 1, 2, 7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 64, 65, 131};
// 0.5, 0.01, 0, nearly 1, tiny, and (beyond any model) 8: what has to be limited.
constexpr Multiplier kSlopes[] = {{16384, 15}, {20972, 21}, {0, 0},
                                  {32767, 15}, {16384, 70}, {16384, 11}};
constexpr std::int32_t kSixes[] = {0, 1, 6, 96, 127, 128, 1000000};

std::int8_t code(Wide x) { return static_cast<std::int8_t>(limited(x, 127)); }

// Every pair of codes.
struct Pairs {
  Codes a = Codes(255 * 255), b = Codes(255 * 255);
  Pairs() {
    for (std::size_t i = 0; i < a.size(); ++i) {
      a[i] = static_cast<std::int8_t>(static_cast<int>(i / 255) - 127);
      b[i] = static_cast<std::int8_t>(static_cast<int>(i % 255) - 127);
    }
  }
};

}  // namespace

TEST_CASE("integer activate: every code at every slope and six, in place too") {
  for (const Kernels* port : hone::available_kernels())
    for (const std::size_t n : {kSizes[0], kSizes[1], kSizes[7], kSizes[11], std::size_t{255}})
      for (const Activation act : kActivations)
        for (const Multiplier& slope : kSlopes)
          for (const std::int32_t six : kSixes) {
            CAPTURE(port->name);
            IntegerOutput end;
            end.act = act;
            end.slope = slope;
            end.six = six == 1000000 ? std::int64_t{1} << 60 : six;
            Codes x(n), y(n), want(n);
            for (std::size_t i = 0; i < n; ++i) {
              x[i] = static_cast<std::int8_t>(static_cast<int>(i) - 127);
              want[i] = code(exact_activated(x[i], act, slope, end.six));
            }
            Codes over = x;
            port->integer->activate(y, x, n, end);
            port->integer->activate(over, over, n, end);
            CHECK(y == want);
            CHECK(over == want);
          }
}

TEST_CASE("integer finish_gradient: every gradient at every output, over y too") {
  const Pairs pairs;
  for (const Kernels* port : hone::available_kernels())
    for (const Activation act : kActivations)
      for (const Multiplier& slope : kSlopes)
        for (const std::int32_t six : kSixes) {
          if (act != Activation::leaky_relu && &slope != &kSlopes[0]) continue;
          CAPTURE(port->name);
          IntegerGradient end;
          end.act = act;
          end.slope = slope;
          end.six = six;
          end.shift = 5;  // of sums: not looked at
          end.resumes = true;
          end.y = act == Activation::none ? nullptr : pairs.b.data();
          Codes d = pairs.a, want(d.size()), same = pairs.b, want_same(d.size());
          for (std::size_t i = 0; i < d.size(); ++i) {
            want[i] = code(exact_masked(d[i], pairs.b[i], act, slope, six));
            want_same[i] = code(exact_masked(same[i], same[i], act, slope, six));
          }
          port->integer->finish_gradient(d, d.size(), end);
          CHECK(d == want);
          if (act != Activation::none) end.y = same;
          port->integer->finish_gradient(same, same.size(), end);
          CHECK(same == want_same);
        }
}

TEST_CASE("integer finish_gradient: any size, nothing beside it") {
  for (const Kernels* port : hone::available_kernels())
    for (const std::size_t n : kSizes)
      for (const Activation act : kActivations) {
        IntegerGradient end;
        end.act = act;
        end.slope = kSlopes[0];
        end.six = 2;
        const Codes y = codes(n, CodeFill::few, 1);
        Codes d = codes(n, CodeFill::random, 2), want(n);
        for (std::size_t i = 0; i < n; ++i)
          want[i] = code(exact_masked(d[i], y[i], act, end.slope, end.six));
        end.y = y;
        port->integer->finish_gradient(d, n, end);
        CHECK(d == want);
      }
}

TEST_CASE("integer keep_mask, finish_gradient_masked: the kept bits stand for y") {
  for (const Kernels* port : hone::available_kernels())
    for (const std::size_t n : kSizes)
      for (const Activation act : kActivations)
        for (const Multiplier& slope : kSlopes)
          for (const std::int32_t six : kSixes) {
            CAPTURE(port->name);
            CAPTURE(n);
            const Codes y = codes(n, six > 6 ? CodeFill::random : CodeFill::few, 3);
            Codes d = codes(n, CodeFill::random, 4), want(n);
            Bytes bits((n + 7) / 8), want_bits(bits.size());
            for (std::size_t i = 0; i < bits.size(); ++i) want_bits[i] = 0;
            for (std::size_t i = 0; i < n; ++i) {
              // The derivative is 1 where a gradient of 127 stays one, at a slope of nothing.
              if (exact_masked(127, y[i], act, {0, 0}, six) == 127)
                want_bits[i / 8] = static_cast<std::uint8_t>(want_bits[i / 8] | 1u << (i % 8));
              want[i] = code(exact_masked(d[i], y[i], act, slope, six));
            }
            port->integer->keep_mask(bits, y, n, act, six);
            CHECK(bits == want_bits);
            port->integer->finish_gradient_masked(d, bits, n, act, slope);
            CHECK(d == want);
          }
}

TEST_CASE("integer add: each operand aligned to the nearest, then the sum, in place too") {
  constexpr int kShifts[] = {-100, -63, -62, -31, -30, -9, -8, -7, -3, -1, 0,
                             1,    2,   7,   19,  20,  21, 24, 31, 62, 63, 100};
  for (const CodeFill fill : {CodeFill::random, CodeFill::extreme, CodeFill::zero})
    for (const int a_shift : kShifts)
      for (const int b_shift : kShifts)
        for (const int shift : kShifts) {
          CAPTURE(a_shift);
          CAPTURE(b_shift);
          CAPTURE(shift);
          const std::size_t n = 67;
          const Codes a = codes(n, fill, 5), b = codes(n, fill, 6);
          Codes want(n);
          std::uint64_t seen = 0;
          for (std::size_t i = 0; i < n; ++i) {
            const Wide sum = exact_start(a[i], -a_shift) + exact_start(b[i], -b_shift);
            seen |= exact_seen(sum);
            want[i] = exact_code(sum, shift);
          }
          for (const Kernels* port : hone::available_kernels()) {
            CAPTURE(port->name);
            Codes y(n), over_a = a, over_b = b;
            CHECK(port->integer->add(y, a, a_shift, b, b_shift, n, shift) == seen);
            CHECK(port->integer->add(over_a, over_a, a_shift, b, b_shift, n, shift) == seen);
            CHECK(port->integer->add(over_b, a, a_shift, over_b, b_shift, n, shift) == seen);
            CHECK(y == want);
            CHECK(over_a == want);
            CHECK(over_b == want);
          }
        }
}

TEST_CASE("integer add: every pair of codes, and any size") {
  const Pairs pairs;
  constexpr int kShifts[][3] = {{0, 0, 0},  {0, 0, 1},  {1, 0, 2},
                                {0, -1, 1}, {-2, 3, 4}, {20, 20, 21}};
  for (const Kernels* port : hone::available_kernels()) {
    for (const auto& s : kShifts) {
      Codes y(pairs.a.size()), want(y.size());
      for (std::size_t i = 0; i < y.size(); ++i)
        want[i] = exact_code(exact_start(pairs.a[i], -s[0]) + exact_start(pairs.b[i], -s[1]), s[2]);
      port->integer->add(y, pairs.a, s[0], pairs.b, s[1], y.size(), s[2]);
      CHECK(y == want);
    }
    for (const std::size_t n : kSizes) {
      const Codes a = codes(n, CodeFill::random, 7), b = codes(n, CodeFill::random, 8);
      Codes y(n), want(n);
      for (std::size_t i = 0; i < n; ++i) want[i] = exact_code(Wide{a[i]} + b[i], 1);
      port->integer->add(y, a, 0, b, 0, n, 1);
      CHECK(y == want);
    }
  }
}
