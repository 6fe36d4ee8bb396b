#include <doctest/doctest.h>

#include "train/gradient_check.hpp"

using namespace hone;
using hone_test::gradient_errors;

namespace {
// The second convolution's input gradient reaches the first one's weights.
template <class A, class B>
bool trains_right(int h, int w, int c, const A& first, const B& second) {
  return gradient_errors(
             model(input(h, w, c), first, leaky_relu(0.3), second, flatten(), linear(4)))
      .small();
}
}  // namespace

TEST_CASE("conv2d: gradients with valid padding match the double reference") {
  CHECK(trains_right(7, 6, 2, conv2d(5, 3), conv2d(3, 2, 3)));
}

TEST_CASE("conv2d: gradients with same padding, odd and even kernels") {
  CHECK(trains_right(6, 7, 1, conv2d(4, 3).same(), conv2d(6, 2).same()));
  CHECK(trains_right(5, 4, 2, conv2d(3, 4, 5).same(), conv2d(4, 3).same()));
}

TEST_CASE("conv2d: gradients with stride, same padding puts the larger half behind") {
  CHECK(trains_right(8, 7, 2, conv2d(4, 3).same().stride(2), conv2d(5, 2).same().stride(2)));
  CHECK(trains_right(9, 11, 1, conv2d(3, 3).stride(3), conv2d(4, 2).stride(2)));
}

TEST_CASE("conv2d: gradients with explicit padding, also wider than the kernel reaches") {
  CHECK(trains_right(5, 6, 2, conv2d(3, 3).padding(2, 1).stride(2), conv2d(4, 3).padding(1)));
  CHECK(trains_right(3, 2, 1, conv2d(3, 2).padding(3), conv2d(2, 3).padding(0, 2)));
}

TEST_CASE("conv2d: gradients with groups, up to one a channel and several outputs each") {
  CHECK(trains_right(5, 5, 4, conv2d(6, 3).same().groups(2), conv2d(9, 3).groups(3)));
  CHECK(trains_right(5, 4, 3, conv2d(6, 3).same().groups(3), conv2d(6, 3).same().groups(6)));
}

TEST_CASE("conv2d: gradients of 1x1 kernels, plain, strided, padded and in groups") {
  CHECK(trains_right(4, 5, 3, conv2d(18, 1), conv2d(5, 1)));
  CHECK(trains_right(5, 5, 4, conv2d(6, 1).stride(2), conv2d(4, 1).padding(1)));
  CHECK(trains_right(4, 4, 4, conv2d(6, 1).groups(2), conv2d(3, 1).no_bias()));
}

TEST_CASE("conv2d: gradients through many channels, around the blocks of the kernels") {
  CHECK(trains_right(4, 5, 9, conv2d(17, 3).same(), conv2d(33, 3)));
}
