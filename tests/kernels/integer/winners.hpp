#pragma once
#include <algorithm>

#include "guarded.hpp"
#include "kernels/pool_cases.hpp"

namespace hone_test {

/// A max pool in the plainest form: for each output where it came from, as the index in x and as
/// the place in the window.
struct Winners {
  Codes y;
  std::vector<std::size_t> from;
  std::vector<std::uint32_t> places;

  Winners(const Codes& x, const hone::Window& s, std::size_t n)
      : y(n * s.out_size()), from(y.size()), places(y.size()) {
    std::vector<bool> seen(y.size());
    for_each_pixel(s, n, [&](std::size_t yi, std::size_t xi, std::uint32_t place) {
      if (seen[yi] && x[xi] <= y[yi]) return;
      seen[yi] = true;
      y[yi] = x[xi];
      from[yi] = xi;
      places[yi] = place;
    });
  }

  Bytes routes(const hone::Window& s) const {
    const std::uint32_t window = s.kernel_h * s.kernel_w, bits = hone::route_bits(window);
    Bytes packed(hone::route_bytes(window, places.size()));
    std::fill_n(packed.data(), packed.size(), std::uint8_t{0});
    for (std::size_t i = 0; i < places.size() * bits; ++i)
      if (places[i / bits] >> (i % bits) & 1u)
        packed[i / 8] = static_cast<std::uint8_t>(packed[i / 8] | 1u << (i % 8));
    return packed;
  }
};

}  // namespace hone_test
