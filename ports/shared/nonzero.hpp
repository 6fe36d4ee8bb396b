#pragma once
#include "ports/shared/vec.hpp"

namespace hone {
namespace HONE_LEAF_NS {

/// The indices of x[n] that are not zero, ascending; returns how many. NaN is one of them. `list`
/// has room for n and one vector more; n <= 65,536.
template <class V>
HONE_INLINE std::size_t list_nonzero(std::uint16_t* list, const float* x, std::size_t n) {
  std::size_t count = 0;
  for (std::size_t i = 0; i < n; ++i) {
    list[count] = static_cast<std::uint16_t>(i);
    count += x[i] != 0.0f ? 1u : 0u;
  }
  return count;
}

}  // namespace HONE_LEAF_NS
}  // namespace hone
