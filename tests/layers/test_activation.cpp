#include <doctest/doctest.h>

#include "train/gradient_check.hpp"

using namespace hone;
using hone_test::gradient_errors;

TEST_CASE("relu: gradients match the double reference") {
  CHECK(gradient_errors(model(input(9), linear(20), relu(), linear(7), relu(), linear(3))).small());
}

TEST_CASE("relu6: gradients where many values lie above 6 and below 0") {
  // A gain of 6 puts about a third of the values above 6.
  CHECK(gradient_errors(model(input(12), linear(24), relu6(), linear(3)), 5, 6).small());
  CHECK(gradient_errors(
            model(input(5, 5, 2), conv2d(6, 3).same(), relu6(), max_pool(2), flatten(), linear(3)),
            4, 6)
            .small());
}

TEST_CASE("leaky_relu: gradients with small, large and zero slope") {
  CHECK(gradient_errors(model(input(9), linear(20), leaky_relu(), linear(3))).small());
  CHECK(gradient_errors(
            model(input(9), linear(20), leaky_relu(0.9), linear(8), leaky_relu(0), linear(3)))
            .small());
}

TEST_CASE("activations: one after the other, and as the last layer") {
  CHECK(gradient_errors(model(input(9), linear(20), leaky_relu(0.5), relu6(), relu(), linear(5),
                              leaky_relu(0.2)))
            .small());
  CHECK(gradient_errors(model(input(9), linear(8), relu(), linear(5), relu()), 6).small());
  CHECK(
      gradient_errors(model(input(9), linear(8), relu(), linear(5), relu6(), mse()), 6, 3).small());
}

TEST_CASE("activations: before pools with and without overlap") {
  CHECK(gradient_errors(model(input(7, 7, 2), conv2d(4, 3), leaky_relu(0.3),
                              max_pool(3).stride(2).padding(1), flatten(), linear(3)))
            .small());
  CHECK(gradient_errors(model(input(8, 8, 1), conv2d(4, 3).same(), relu(), max_pool(3).stride(2),
                              leaky_relu(0.2), avg_pool(2).stride(1), relu(), flatten(), linear(3)))
            .small());
}
