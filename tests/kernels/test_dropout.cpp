#include <doctest/doctest.h>

#include "hone/random.hpp"
#include "float_ports.hpp"
#include "random_tensor.hpp"

using namespace hone_test;
using hone::Kernels;

TEST_CASE("dropout: the stream of hone::Stream decides, element-wise and by channel") {
  for (const Kernels* port : float_ports())
    for (const std::size_t spatial : Sizes{1, 2, 5})
      for (const std::size_t channels : Sizes{0, 1, 7, 8, 9, 15, 16, 17, 31, 33, 100})
        for (const std::uint32_t threshold : {0u, 1u, 19661u, 65535u, 65536u}) {
          CAPTURE(port->name);
          CAPTURE(channels);
          CAPTURE(threshold);
          const Tensor x(spatial * channels, Fill::extreme, 1);
          Tensor y(x.size()), in_place = x, want(x.size());
          hone::Stream stream(0xBF09A55Au);
          for (std::size_t c = 0; c < channels; ++c) {
            const bool drop = stream.next16() < threshold;
            for (std::size_t i = c; i < x.size(); i += channels)
              want[i] = drop ? 0.0f : hone::store_floor(x[i] * 0.7f);
          }
          port->dropout(y, x, spatial, channels, 0xBF09A55Au, threshold, 0.7f);
          port->dropout(in_place, in_place, spatial, channels, 0xBF09A55Au, threshold, 0.7f);
          CHECK(y == want);
          CHECK(in_place == want);
        }
}

TEST_CASE("dropout: drops the share it is asked for") {
  const std::size_t n = 100000;
  Tensor x(n), y(n);
  for (std::size_t i = 0; i < n; ++i) x[i] = 1.0f;
  hone::kernels().dropout(y, x, 1, n, 17, 19661, 1.0f);  // 0.3
  std::size_t dropped = 0;
  for (std::size_t i = 0; i < n; ++i) dropped += y[i] == 0.0f ? 1 : 0;
  CHECK(dropped > 29500);
  CHECK(dropped < 30500);
}
