#pragma once
#include <algorithm>
#include <cstddef>
#include <vector>

namespace hone::bench {

/// The value below which a share q of the samples lies, by nearest rank; 0 of none.
inline double quantile(std::vector<double> v, double q) {
  if (v.empty()) return 0;
  const auto rank = static_cast<std::size_t>(q * static_cast<double>(v.size() - 1) + 0.5);
  std::nth_element(v.begin(), v.begin() + static_cast<std::ptrdiff_t>(rank), v.end());
  return v[rank];
}
inline double median(const std::vector<double>& v) { return quantile(v, 0.5); }

}  // namespace hone::bench
