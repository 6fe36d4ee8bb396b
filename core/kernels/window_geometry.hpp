#pragma once
#include "leaves.hpp"

namespace hone {
namespace HONE_LEAF_NS {

/// Half-open, empty where begin == end.
struct Range {
  std::uint32_t begin, end;
};

static inline std::size_t image_size(const Window& s) {
  return std::size_t{s.in_h} * s.in_w * s.in_c;
}
static inline std::size_t output_size(const Window& s) {
  return std::size_t{s.out_h} * s.out_w * s.out_c;
}

static inline Range range_within(std::uint64_t begin, std::uint64_t end, std::uint32_t size) {
  if (end > size) end = size;
  if (begin > end) begin = end;
  return {static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end)};
}

/// The kernel rows (or columns) of output `o` that lie inside an image of `in` rows.
static inline Range taps_inside(std::uint32_t o, std::uint32_t stride, std::uint32_t pad,
                                std::uint32_t kernel, std::uint32_t in) {
  const std::uint64_t at = std::uint64_t{o} * stride;
  const std::uint64_t limit = std::uint64_t{in} + pad;
  return range_within(at < pad ? pad - at : 0, at < limit ? limit - at : 0, kernel);
}

/// The outputs whose kernel row (or column) k lies inside the image.
static inline Range outputs_of_tap(std::uint32_t k, std::uint32_t stride, std::uint32_t pad,
                                   std::uint32_t in, std::uint32_t out) {
  const std::uint64_t limit = std::uint64_t{in} + pad;
  return range_within(k < pad ? (pad - k + std::uint64_t{stride} - 1) / stride : 0,
                      k < limit ? (limit - k - 1) / stride + 1 : 0, out);
}

/// The outputs whose whole window lies inside the image.
static inline Range interior_outputs(std::uint32_t stride, std::uint32_t pad, std::uint32_t kernel,
                                     std::uint32_t in, std::uint32_t out) {
  const std::uint64_t limit = std::uint64_t{in} + pad;
  return range_within((pad + std::uint64_t{stride} - 1) / stride,
                      limit < kernel ? 0 : (limit - kernel) / stride + 1, out);
}

/// The image row (or column) under kernel row k of output o, which lies inside the image.
static inline std::size_t image_at(std::uint32_t o, std::uint32_t k, std::uint32_t stride,
                                   std::uint32_t pad) {
  return std::size_t{o} * stride + k - pad;
}

/// The outputs that one input row (or column) feeds: output `first` through kernel row `tap`, then
/// each next output through the tap `stride` below, `count` in all.
struct FedOutputs {
  std::uint32_t first, tap, count;
};
static inline FedOutputs outputs_fed(std::uint32_t i, std::uint32_t stride, std::uint32_t pad,
                                     std::uint32_t kernel, std::uint32_t out) {
  const std::uint32_t at = i + pad;
  if (out == 0) return {0, 0, 0};
  const std::uint32_t last = at / stride < out ? at / stride : out - 1;
  const std::uint32_t first = at < kernel ? 0 : (at - kernel) / stride + 1;
  if (first > last) return {0, 0, 0};
  return {first, at - first * stride, last - first + 1};
}

}  // namespace HONE_LEAF_NS
}  // namespace hone
