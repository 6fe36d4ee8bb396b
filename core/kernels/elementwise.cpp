#include "each.hpp"

namespace hone {
namespace HONE_LEAF_NS {

void add(float* y, const float* a, const float* b, std::size_t n) {
  each_pair(y, a, b, n, [](float p, float q) { return store_floor(p + q); });
}

void accumulate(float* sum, const float* d, std::size_t n) {
  each_pair(sum, sum, d, n, [](float p, float q) { return p + q; });
}

std::uint32_t any_not_finite(const float* x, std::size_t n) {
  std::uint32_t bad[8] = {};
  std::size_t i = 0;
  for (; i + 8 <= n; i += 8)
    for (std::size_t j = 0; j < 8; ++j) bad[j] |= is_not_finite(x[i + j]) ? 1u : 0u;
  for (; i < n; ++i) bad[0] |= is_not_finite(x[i]) ? 1u : 0u;
  std::uint32_t any = 0;
  for (std::size_t j = 0; j < 8; ++j) any |= bad[j];
  return any;
}

std::uint32_t floor_all(float* x, std::size_t n) {
  each(x, x, n, [](float v) { return store_floor(v); });
  return any_not_finite(x, n);
}

}  // namespace HONE_LEAF_NS
}  // namespace hone
