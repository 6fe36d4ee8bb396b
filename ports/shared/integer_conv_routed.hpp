#pragma once
#include "core/kernels/integer/leaves.hpp"
#include "integer_lanes.hpp"
#include "integer_pool.hpp"

// The backward pass of a convolution whose max pool has windows of 2x2: of four outputs only the
// winner has a gradient, and of winners many have none either. So each that has one adds its kernel
// to the sums of the input gradient, and what it saw to those of the weights. Wide layers are left
// to dense tiles, whose products come sixteen or more at a time.
namespace hone {
namespace HONE_LEAF_NS {

/// A convolution and the pool behind it.
struct RoutedLayer {
  const Window& s;
  const Pooled* pool;  // null: none
  const std::int8_t* dy;
  std::size_t n;
};

/// Whether the tables of the layer have room, and the winners of an update are few enough to pay.
/// The sums of the gradient must fit 32 bits.
bool routes_gradient(const RoutedLayer& l);
bool routes_update(const RoutedLayer& l);

/// dx, as conv_backward() gives it; returns the OR of the magnitude bits of its sums.
std::uint64_t routed_gradient(const RoutedLayer& l, std::int8_t* dx, const std::int16_t* w,
                              const IntegerGradient& end);
/// The update of the weights.
void routed_update(const RoutedLayer& l, const IntegerParameters& p, const std::int8_t* x,
                   IntegerReport& report);

}  // namespace HONE_LEAF_NS
}  // namespace hone
