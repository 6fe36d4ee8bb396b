#pragma once
#include "random_tensor.hpp"
#include "window_terms.hpp"

// The convolutions and the pools behind them that the tests of the convolution leaves run.
namespace hone_test {

inline std::vector<hone::Window> conv_cases() {
  const Pad none, one{1, 1, 1, 1};
  std::vector<hone::Window> all = {
      window(5, 5, 1, 1, 1, 1, 1, none, 1),          window(1, 1, 1, 1, 3, 3, 1, one, 1),
      window(7, 11, 1, 8, 3, 3, 1, one, 1),          window(6, 19, 8, 16, 3, 3, 1, one, 1),
      window(5, 37, 3, 17, 3, 3, 1, one, 1),         window(5, 9, 16, 32, 3, 3, 1, none, 1),
      window(8, 33, 3, 8, 5, 5, 1, {2, 2, 2, 2}, 1), window(9, 9, 2, 33, 5, 3, 2, {2, 1, 1, 2}, 1),
      window(8, 8, 4, 6, 2, 2, 2, none, 1),          window(7, 10, 5, 20, 2, 3, 1, none, 1),
      window(10, 10, 3, 5, 1, 1, 3, none, 1),  // stride above the kernel
      window(12, 11, 10, 7, 3, 3, 3, one, 1),        window(11, 7, 3, 5, 2, 2, 5, none, 1),
      window(4, 4, 2, 4, 3, 3, 1, {2, 2, 4, 5}, 1),  // more padding than the kernel reaches
      window(3, 2, 2, 4, 7, 5, 1, {3, 2, 3, 2}, 1),  // kernel larger than the image
      window(6, 7, 4, 6, 3, 3, 1, one, 2),           window(6, 9, 34, 34, 3, 3, 2, one, 2),
      window(5, 6, 6, 6, 3, 3, 1, one, 6),           window(5, 6, 3, 6, 3, 3, 2, {0, 0, 1, 1}, 3),
  };
  for (const std::uint32_t c : Counts{7, 9, 15, 20, 31, 33})
    all.push_back(window(3, 8, c, 2, 3, 3, 1, one, 1));
  for (const std::uint32_t c : Counts{5, 7, 9, 10, 15, 31})
    all.push_back(window(4, 8, 2, c, 3, 3, 1, one, 1));
  return all;
}

/// No pool, and the pools that fit the output of a convolution: also with gaps between the windows
/// and with rows and columns left over.
inline std::vector<const hone::Window*> pools_of(const hone::Window& s,
                                                 std::vector<hone::Window>& room) {
  room.clear();
  const std::uint32_t sizes[][3] = {{2, 2, 2}, {3, 3, 3}, {2, 3, 3}, {2, 2, 3}};
  for (const auto& p : sizes)
    if (p[0] <= s.out_h && p[1] <= s.out_w)
      room.push_back(window(s.out_h, s.out_w, s.out_c, s.out_c, p[0], p[1], p[2], {}, s.out_c));
  std::vector<const hone::Window*> all = {nullptr};
  for (const hone::Window& p : room) all.push_back(&p);
  return all;
}

/// The scratch has exactly the stated size, for the sanitizers.
inline std::vector<float> scratch_of(std::size_t floats) {
  return std::vector<float>(floats, 77.0f);
}

}  // namespace hone_test
