#pragma once
#include <cstddef>
#include <cstdint>

#include "hone/kernels.hpp"
#include "hone/numeric.hpp"

// The lane types of the ports. Each port has a header isa.hpp that defines
//
//   Wide, Narrow   two lane types (perhaps one): a Narrow serves few columns
//   kTileRows      rows of a product tile that is two Wide wide
//   kTileRowsOuter the same where the rows lie side by side in memory
//   kTileRowsThin  rows of a tile that is one vector wide
//   kSweepGroup    vectors of a row that an update of one sample takes side by side
//   kPooledPixels  pixels of each row in a tile of two rows of pixels: even
//
// A lane type V has V::kWidth; load and store, whole or in part; all(x), zero(); + - * / and fma;
// > and & for masks; keep, select, larger, smaller, bits_of, mask_of, store_floor, transpose; and
// watch(seen, x), which remembers in `seen`, from zero() on, that an x was NaN or infinite.
// x86_avx2/vec8.hpp is the one to read.

/// Always, so that a lane stays in its register and no port exports a shared symbol.
#define HONE_INLINE __attribute__((always_inline)) inline
/// Never: a function whose registers or stack its caller must not share.
#define HONE_APART __attribute__((noinline))
#define HONE_UNROLL _Pragma("GCC unroll 32")
/// After the parameters of a lambda.
#define HONE_LAMBDA __attribute__((always_inline))

namespace hone {
namespace HONE_LEAF_NS {

/// The largest magnitude below the store floor, as an integer and as a float.
constexpr std::int32_t kBelowFloor = 0x2B800000 - 1;
constexpr float kLargestBelowFloor = 0x1.fffffep-41f;

/// p, of which the compiler knows nothing any more: what it points to is read from memory again.
template <class T>
HONE_INLINE const T* read_again(const T* p) {
  asm volatile("" : "+r"(p));
  return p;
}

/// p, of which the compiler knows nothing any more: places near it are found from it alone, not
/// each from where p came from.
template <class T>
HONE_INLINE T* as_base(T* p) {
  asm("" : "+r"(p));
  return p;
}

/// store_floor(x), watched. A port may find both from one magnitude.
template <class V>
HONE_INLINE V watched_floor(V x, V& seen) {
  const V floored = store_floor(x);
  watch(seen, floored);
  return floored;
}

}  // namespace HONE_LEAF_NS
}  // namespace hone
