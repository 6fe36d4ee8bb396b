#include <doctest/doctest.h>

#include "exact.hpp"
#include "guarded.hpp"
#include "ports/dispatch.hpp"

using namespace hone_test;
using hone::Kernels;

TEST_CASE("integer dropout: the stream of hone::Stream decides, element-wise and by channel") {
  // 1 / (1 - p) in units of 2^-14 for p = 0, 0.3, 0.5, nearly 1, and its limit.
  constexpr std::int32_t kScales[] = {16384, 23406, 32768, 1 << 30, 0x7FFFFFFF};
  constexpr int kShifts[] = {-70, -2, 0, 1, 13, 14, 15, 30, 37, 62, 63, 100};
  for (const Kernels* port : hone::available_kernels())
    for (const std::size_t spatial : {1u, 2u, 5u})
      for (const std::size_t channels : {0u, 1u, 7u, 8u, 9u, 15u, 16u, 17u, 31u, 33u, 100u})
        for (const std::uint32_t threshold : {0u, 1u, 19661u, 65535u, 65536u})
          for (const std::int32_t scale : kScales)
            for (const int shift : kShifts) {
              CAPTURE(port->name);
              CAPTURE(channels);
              CAPTURE(threshold);
              CAPTURE(shift);
              const Codes x = codes(spatial * channels,
                                    scale > 32768 ? CodeFill::extreme : CodeFill::random, 1);
              Codes y(x.size()), in_place = x, want(x.size());
              std::uint64_t seen = 0;
              hone::Stream stream(0xBF09A55Au);
              for (std::size_t c = 0; c < channels; ++c) {
                const bool drop = stream.next16() < threshold;
                for (std::size_t i = c; i < x.size(); i += channels) {
                  const Wide sum = drop ? Wide{0} : Wide{x[i]} * scale;
                  seen |= exact_seen(sum);
                  want[i] = exact_code(sum, shift);
                }
              }
              const std::uint32_t u = 0xBF09A55Au;
              CHECK(port->integer->dropout(y, x, spatial, channels, u, threshold, scale, shift) ==
                    seen);
              CHECK(port->integer->dropout(in_place, in_place, spatial, channels, u, threshold,
                                           scale, shift) == seen);
              CHECK(y == want);
              CHECK(in_place == want);
            }
}
