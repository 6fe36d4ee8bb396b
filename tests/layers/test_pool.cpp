#include <doctest/doctest.h>

#include "train/gradient_check.hpp"

using namespace hone;
using hone_test::gradient_errors;

namespace {
template <class P>
bool trains_right(const P& pool) {
  return gradient_errors(model(input(7, 6, 2), conv2d(5, 3).same(), pool, flatten(), linear(4)))
      .small();
}
}  // namespace

TEST_CASE("max_pool: gradients of windows apart, overlapping, padded and oblong") {
  CHECK(trains_right(max_pool(2)));
  CHECK(trains_right(max_pool(3).stride(1)));
  CHECK(trains_right(max_pool(3).stride(2).padding(1)));
  CHECK(trains_right(max_pool(3, 2).same()));
  CHECK(trains_right(max_pool(5).stride(2).padding(4, 2)));
}

TEST_CASE("max_pool: among equal values the first in raster order gets the gradient") {
  // relu makes most values of the map 0, so windows of equals are common.
  CHECK(gradient_errors(model(input(8, 8, 1), conv2d(4, 3).same(), leaky_relu(0),
                              max_pool(3).stride(2), conv2d(3, 2), relu(), max_pool(2).stride(1),
                              flatten(), linear(3)))
            .small());
}

TEST_CASE("avg_pool: gradients of windows apart, overlapping, padded and oblong") {
  CHECK(trains_right(avg_pool(2)));
  CHECK(trains_right(avg_pool(3).stride(1)));
  CHECK(trains_right(avg_pool(3).stride(2).padding(1)));
  CHECK(trains_right(avg_pool(3, 2).same()));
}

TEST_CASE("global_avg_pool: gradients, also without a layer behind it") {
  CHECK(trains_right(global_avg_pool()));
  CHECK(
      gradient_errors(model(input(5, 4, 2), conv2d(4, 3), relu(), conv2d(3, 1), global_avg_pool()))
          .small());
}
