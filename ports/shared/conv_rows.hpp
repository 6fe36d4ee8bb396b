#pragma once
#include "tiles.hpp"

namespace hone {
namespace HONE_LEAF_NS {

/// Terms of a chain of a convolution: `rows` kernel rows, each a run of (column, channel) that is
/// contiguous both in the padded image and in the weights.
struct KernelRuns {
  std::size_t rows, image_pitch, run, weight_pitch;
};

/// sum[r][v] += the terms of pixel r; pixels are `pixel` floats apart.
template <int R, class C>
HONE_INLINE void add_runs(typename C::Vec (&sum)[R][C::kVectors], const C& columns,
                          const float* image, std::size_t pixel, const float* w,
                          const KernelRuns& k) {
  for (std::size_t row = 0; row < k.rows; ++row)
    add_products<R>(sum, columns, image + row * k.image_pitch, pixel, 1,
                    w + row * k.run * k.weight_pitch, k.weight_pitch, k.run);
}

}  // namespace HONE_LEAF_NS
}  // namespace hone
