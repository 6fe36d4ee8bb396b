#pragma once
#include "hone/kernels.hpp"

// How much scratch the convolution leaves take, for the plan and for the leaves themselves. In the
// leaf namespace, because both sides of it compute with these sizes (ports/README.md).
#ifndef HONE_LEAF_NS
#define HONE_LEAF_NS generic
#endif

namespace hone {
namespace HONE_LEAF_NS {

/// Floats behind a padded image that a vector load may touch.
constexpr std::size_t kSlack = 32;
/// The leaves start their scratch at a cache line, wherever the arena puts it.
constexpr std::size_t kCacheLine = 64;

static inline float* at_cache_line(float* p) {
  const std::uintptr_t at = reinterpret_cast<std::uintptr_t>(p);
  return p + (kCacheLine - at % kCacheLine) % kCacheLine / sizeof(float);
}

/// Rows and columns of one sample that the windows touch, zeros of the padding included.
static inline constexpr std::size_t padded_height(const Window& s) {
  return (std::size_t{s.out_h} - 1) * s.stride + s.kernel_h;
}
static inline constexpr std::size_t padded_width(const Window& s) {
  return (std::size_t{s.out_w} - 1) * s.stride + s.kernel_w;
}
/// One group of one sample.
static inline constexpr std::size_t padded_image(const Window& s) {
  return padded_height(s) * padded_width(s) * (s.in_c / s.groups) + kSlack;
}
/// The output gradient of one group of one sample with zeros around it, so that a convolution of
/// stride 1 over it gives the input gradient.
static inline constexpr std::size_t padded_gradient(const Window& s) {
  const std::size_t h = std::size_t{s.in_h} + s.kernel_h - 1,
                    w = std::size_t{s.in_w} + s.kernel_w - 1;
  return h * w * (s.out_c / s.groups) + kSlack;
}
static inline constexpr std::size_t group_weights(const Window& s) {
  return std::size_t{s.kernel_h} * s.kernel_w * (s.in_c / s.groups) * (s.out_c / s.groups);
}
/// One kernel row of all input channels, as vectors take it.
static inline constexpr std::size_t run_stride(const Window& s) {
  return (std::size_t{s.kernel_w} * s.in_c + 15) / 16 * 16;
}
/// Weights in the order [out_c][kernel_h][run_stride].
static inline constexpr std::size_t run_weights(const Window& s) {
  return std::size_t{s.out_c} * s.kernel_h * run_stride(s) + kSlack;
}

/// Scratch of conv_forward. pool may be null.
static inline constexpr std::size_t conv_forward_floats(const Window& s, const Window* pool,
                                                        bool fast) {
  const std::size_t band = pool ? std::size_t{pool->kernel_h} * s.out_w * s.out_c : 0;
  return (fast ? padded_image(s) + kCacheLine / sizeof(float) : 0) + band;
}

/// Scratch of conv_backward. pool may be null.
static inline constexpr std::size_t conv_backward_floats(const Window& s, const Window* pool,
                                                         bool has_dx, bool fast) {
  const std::size_t panel = has_dx ? std::size_t{s.in_c / s.groups} * (s.out_c / s.groups) : 0;
  const std::size_t row = pool ? std::size_t{s.out_w} * s.out_c : 0;
  if (!fast) return panel + row;
  const std::size_t dense = padded_image(s) + (has_dx ? padded_gradient(s) + group_weights(s) : 0) +
                            group_weights(s) * s.groups + s.out_c +
                            (pool ? std::size_t{s.out_h} * s.out_w * s.out_c : 0);
  const std::size_t routed =
      pool ? (has_dx ? 2 : 1) * (padded_image(s) + run_weights(s)) + s.out_c : 0;
  const std::size_t least = panel + row;
  const std::size_t most = dense > routed ? dense : routed;
  return (most > least ? most : least) + kCacheLine / sizeof(float);
}

}  // namespace HONE_LEAF_NS
using namespace HONE_LEAF_NS;

}  // namespace hone
