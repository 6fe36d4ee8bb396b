#include <doctest/doctest.h>

#include "train/gradient_check.hpp"

using namespace hone;
using hone_test::gradient_errors;

TEST_CASE("depthwise: gradients with same padding and stride match the double reference") {
  CHECK(gradient_errors(model(input(6, 5, 3), depthwise(3).same(), relu(),
                              depthwise(3).same().stride(2), flatten(), linear(4)))
            .small());
}

TEST_CASE("depthwise: gradients with explicit and valid padding, even and oblong kernels") {
  CHECK(gradient_errors(model(input(6, 7, 2), conv2d(9, 1), depthwise(2, 3).padding(1, 2),
                              leaky_relu(), depthwise(3, 2).no_bias(), flatten(), linear(3)))
            .small());
}

TEST_CASE("depthwise: one channel, and as many as fill blocks and more") {
  CHECK(gradient_errors(model(input(5, 5, 1), depthwise(3), depthwise(2), flatten(), linear(2)))
            .small());
  CHECK(
      gradient_errors(model(input(4, 4, 35), depthwise(3).same(), depthwise(3).stride(2).padding(1),
                            global_avg_pool(), flatten(), linear(3)))
          .small());
}
