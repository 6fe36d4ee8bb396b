#include <doctest/doctest.h>

#include "train/gradient_check.hpp"

using namespace hone;
using hone_test::gradient_errors;

TEST_CASE("linear: gradients match the double reference and finite differences") {
  CHECK(gradient_errors(model(input(7), linear(5))).small());
  CHECK(gradient_errors(model(input(1), linear(2), linear(1), linear(3))).small());
  CHECK(gradient_errors(model(input(33), linear(40), linear(17), linear(4)), 6).small());
}

TEST_CASE("linear: the same without bias and with one sample") {
  CHECK(gradient_errors(model(input(20), linear(18).no_bias(), linear(3).no_bias()), 1).small());
}

TEST_CASE("linear: a frozen layer between trained ones passes the gradient on") {
  CHECK(gradient_errors(model(input(9), linear(20), relu(), linear(18).frozen(), relu(), linear(4)))
            .small());
}
