#pragma once
#include "leaves.hpp"

// Max pooling a row at a time: max_pool_forward runs through it, and so does a convolution that is
// fused with its pool (struct Pooled).
namespace hone {
namespace HONE_LEAF_NS {

/// Packs routes of `bits` each, low bits first. `at` may be null: then nothing is kept.
struct RouteWriter {
  std::uint8_t* at;
  std::uint32_t bits;
  std::uint32_t held, held_bits;
};

/// Rows follow each other from the first of sample 0 to the last, since routes share bytes.
RouteWriter start_routes(std::uint8_t* routes, const Window& s);
/// Row oy of the output. x: the first image row that its windows touch.
void max_pool_row(float* y, RouteWriter& routes, const float* x, const Window& s, std::uint32_t oy);
void finish_routes(RouteWriter& routes);

/// Offset of that image row.
std::size_t pool_row_start(const Window& s, std::uint32_t oy);

struct Channels {
  std::size_t first, count;
};
/// The gradient of row iy of the pool's input, without padding or overlap: row[in_w][part.count] is
/// dy where a pixel won its window, else 0. False, with nothing written, where no window touches
/// the row. dy and routes are those of all samples.
bool unpool_row(float* row, const float* dy, const std::uint8_t* routes, const Window& s,
                std::size_t sample, std::uint32_t iy, const Channels& part);

}  // namespace HONE_LEAF_NS
}  // namespace hone
