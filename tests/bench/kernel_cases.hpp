#pragma once
#include <string>

#include "hone/shapes.hpp"
#include "hone/span.hpp"

namespace hone::bench {

/// One layer on one input, as the leaves of a port see it.
struct KernelCase {
  const char* group;  ///< the workload that it is from, or "other"
  std::uint32_t n;    ///< samples
  Shape x;
  LayerSpec layer;
  Activation act = Activation::none;  ///< of the output; the input's is taken to be the same
  int pool = 0;                       ///< side of the max pool that runs with a convolution
  bool has_dx = true;                 ///< the gradient of the input is wanted
  bool momentum = false;

  LayerShape shape() const;
  /// The layer of max_pool(pool) on the output.
  LayerShape pool_shape() const;
  /// "conv2d 3x3 8->16 on 14x14 pool 2 momentum".
  std::string text() const;
};

Span<const KernelCase> kernel_cases();

}  // namespace hone::bench
