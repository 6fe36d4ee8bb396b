#include <doctest/doctest.h>

#include "train/gradient_check.hpp"

using namespace hone;
using hone_test::gradient_errors;

TEST_CASE("add: gradients of residual blocks reach both branches") {
  CHECK(gradient_errors(model(input(6, 6, 2), conv2d(4, 3).same(), relu(),
                              residual(conv2d(4, 3).same(), relu(), conv2d(4, 1)), leaky_relu(),
                              flatten(), linear(3)))
            .small());
  CHECK(gradient_errors(
            model(input(5, 5, 1), conv2d(4, 3).same(), relu6(),
                  residual(conv2d(8, 1), relu6(), depthwise(3).same(), relu6(), conv2d(4, 1)),
                  residual(depthwise(3).same(), dropout(0.3)), global_avg_pool(), flatten(),
                  linear(3)))
            .small());
}

TEST_CASE("add: a tensor with several consumers gets the sum of their gradients") {
  CHECK(gradient_errors(model(input(8), linear(6).as("a"), linear(6), relu().as("b"),
                              linear(6).of("a").as("c"), leaky_relu(0.3), add("b"), add("a"),
                              add("c"), linear(4)))
            .small());
  CHECK(gradient_errors(model(input(6, 6, 2), conv2d(4, 3).same().as("a"),
                              conv2d(4, 3).same().as("b"), conv2d(4, 1).of("a").as("c"), add("b"),
                              add("a"), conv2d(2, 3), relu(), flatten(), linear(3)))
            .small());
  CHECK(gradient_errors(model(input(6, 6, 2), conv2d(4, 3).same(), relu().as("a"),
                              max_pool(3).stride(1).same().as("m"),
                              avg_pool(3).stride(1).same().of("a").as("p"),
                              depthwise(3).same().of("a"), relu6(), add("p"), add("m"), add("a"),
                              flatten(), linear(3)))
            .small());
}

TEST_CASE("add: in place activations and dropout on a tensor that others read") {
  CHECK(gradient_errors(model(input(10), linear(12).as("a"), relu(), dropout(0.3).as("b"),
                              leaky_relu(0.2).of("a").as("c"), relu6().of("a"), add("c"), add("b"),
                              linear(4)))
            .small());
}
