#pragma once
#include "sums.hpp"

namespace hone {
namespace HONE_LEAF_NS {
namespace integer {

/// Terms that a 32-bit sum takes.
static constexpr std::uint32_t chunk_of(const std::int16_t*) { return kWideChunk; }
static constexpr std::uint32_t chunk_of(const std::int8_t*) { return kNarrowChunk; }

/// Calls loop(from, now) until `count` terms, of a mantissa of 8 bits and one of type Row, are in
/// the narrow sums of `t`, and spills these in time.
template <class Row, class Loop>
static inline void in_chunks(Sums& t, const Row* row, std::size_t count, Loop loop) {
  const std::uint32_t chunk = chunk_of(row);
  for (std::size_t from = 0; from < count;) {
    if (t.terms >= chunk) spill(t);
    const std::size_t now = at_most(count - from, chunk - t.terms);
    t.terms += static_cast<std::uint32_t>(now);
    loop(from, now);
    from += now;
  }
}

static inline std::ptrdiff_t place(std::size_t i, std::ptrdiff_t step) {
  return static_cast<std::ptrdiff_t>(i) * step;
}

}  // namespace integer
}  // namespace HONE_LEAF_NS
}  // namespace hone
