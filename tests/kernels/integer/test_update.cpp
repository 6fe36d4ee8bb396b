#include <doctest/doctest.h>

#include "kernels/random_tensor.hpp"
#include "layer_cases.hpp"
#include "ports/dispatch.hpp"

using namespace hone_test;
using hone::IntegerUpdate;
using hone::Kernels;
using hone::Window;

namespace {

// A stream whose value `column` in row 0 is u16.
std::uint32_t stream_with(std::uint32_t u16, std::size_t column) {
  for (std::uint32_t stream = 0;; ++stream) {
    hone::Stream draws(hone::hash_word(stream, 0));
    for (std::size_t i = 0; i < column; ++i) draws.next16();
    if (draws.next16() == u16) return stream;
  }
}

// One row of 41 weights, all m, whose sums are all acc, against the reference.
void check_row(const IntegerUpdate& update, int acc, int m, std::int32_t velocity = 1) {
  const Window s = linear(1, 41);
  IntegerWay way{"one row", update, update, false};
  Codes x = codes(1, CodeFill::zero, 0), dy = codes(41, CodeFill::zero, 0);
  x[0] = 1;
  ExactParameters start = parameters(s, 1);
  for (std::size_t i = 0; i < 41; ++i) {
    dy[i] = static_cast<std::int8_t>(acc);
    start.w[i] = static_cast<std::int16_t>(m);
    start.velocity[i] = velocity, start.bias_velocity[i] = start.velocity16[i] = 1;
  }
  ExactParameters want = start;
  exact_way(want, x, dy, dy, s, 1, &way, true);
  for (const Kernels* port : hone::available_kernels()) {
    CAPTURE(port->name);
    ExactParameters got = start;
    port->integer->dense_backward(parameters_of(got, &way, true), nullptr, x, dy, 1, 1, 41, {},
                                  nullptr);
    CHECK(got == want);
  }
}

}  // namespace

// A half more or less only shows where the random number is the last or the first.
TEST_CASE("integer update: every term is rounded to the nearest, ties upward, on every port") {
  for (const std::size_t column : Sizes{0, 7, 8, 15, 16, 24, 32, 40})
    for (const std::uint32_t u16 : {0u, 65535u}) {
      IntegerUpdate update;
      update.stream = stream_with(u16, column);
      for (const int shift : {15, 16, 30, 50})
        for (const int decay_shift : {0, 31, 32, 45, 60})
          for (const int flags : {0, 1, 2, 4, 5})
            for (const int acc : {-3, -2, -1, 0, 1, 2, 3})
              for (const int m : {-5, -3, -2, -1, 0, 1, 2, 3, 5}) {
                update.rate = {1 << 14, shift};
                update.decay = {decay_shift ? 1 << 14 : 0, decay_shift};
                update.mu = {1 << 14, 15};
                update.momentum = flags > 0, update.decoupled = flags % 3 == 2;
                update.velocity16 = flags > 2;
                CAPTURE(shift);
                CAPTURE(decay_shift);
                CAPTURE(flags);
                CAPTURE(acc);
                CAPTURE(m);
                check_row(update, acc, m);
              }
    }
}

// Where what a port adds up in 32 bits would overflow, it must go another way.
TEST_CASE("integer update: velocities and rates up to the ends of 32 bits, on every port") {
  IntegerUpdate update;
  update.momentum = true;
  update.stream = 77;
  for (const std::int32_t velocity : {1, (1 << 28) - 1, (1 << 30) - 1, 1 << 30, 0x7FFFFFFF})
    for (const std::int32_t sign : {1, -1})
      for (const int shift : {-15, -1, 0, 1, 2, 3, 30, 31})
        for (const int decay_shift : {0, 18, 19, 20, 46, 47})
          for (const int mu_shift : {15, 62, 63})
            for (const int acc : {127, -127}) {
              const int m = (shift + decay_shift) % 2 ? 32767 : -32767;
              update.rate = {32767, shift};
              update.decay = {decay_shift ? 32767 : 0, decay_shift};
              update.mu = {32767, mu_shift};
              update.decoupled = (shift + mu_shift) % 4 == 0;
              CAPTURE(velocity);
              CAPTURE(sign);
              CAPTURE(shift);
              CAPTURE(decay_shift);
              CAPTURE(mu_shift);
              CAPTURE(acc);
              check_row(update, acc, m, sign * velocity);
            }
}

TEST_CASE("integer update: the sum of all parts at the end of 32 bits, on every port") {
  IntegerUpdate update;
  update.momentum = true;
  update.stream = 78;
  update.mu = {32767, 15};
  for (const int mantissa : {16384, 20000, 32767})
    for (int shift = -12; shift <= 0; ++shift)
      for (const int decay_shift : {17, 18, 19, 20})
        for (const bool decoupled : {false, true})
          for (const int acc : {1, 3, 9, 30, 127})
            for (const int sign : {1, -1}) {
              update.rate = {mantissa, shift};
              update.decay = {32767, decay_shift};
              update.decoupled = decoupled;
              CAPTURE(mantissa);
              CAPTURE(shift);
              CAPTURE(decay_shift);
              CAPTURE(decoupled);
              CAPTURE(acc);
              check_row(update, sign * acc, sign * 32767, sign * ((1 << 30) - 1));
            }
}

// By hand: M - ((g + d + u16) >> 16) where g = 3 * 2^16 and d = 2^16.
TEST_CASE("integer update: values by hand") {
  const Window s = linear(1, 1);
  IntegerUpdate update;
  update.rate = {1 << 14, 14 - 16};
  update.decay = {1 << 14, 14 + 3};  // an eighth
  for (const Kernels* port : hone::available_kernels()) {
    IntegerWay way{"by hand", update, update, false};
    way.bias.rate = {1 << 14, 14 - 8};
    const std::int8_t x = 1, dy = 3;
    ExactParameters p = parameters(s, 1);
    p.w[0] = 8;
    p.bias[0] = 80;
    const hone::IntegerReport report = port->integer->dense_backward(
        parameters_of(p, &way, true), nullptr, &x, &dy, 1, 1, 1, {}, nullptr);
    CHECK(p.w[0] == 8 - 3 - 1);
    CHECK(p.bias[0] == 80 - 3 - 10);
    CHECK(report.weights == 4);
    CHECK(report.changes == (8u ^ 4u));
  }
}
