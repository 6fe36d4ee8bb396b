#include "core/kernels/pool_cells.hpp"
#include "ends.hpp"
#include "lanes.hpp"
#include "tiles.hpp"

namespace hone {
namespace HONE_LEAF_NS {
namespace {

// dx and end.y point to the sample, dy to the output: the chain of a pixel is one addition, or
// none.
template <class C, class End>
void set_cell(float* dx, const float* dy, const Window& s, const PoolCell& cell, const C& columns,
              const End& end) {
  using V = typename C::Vec;
  const V share = columns.load(dy, 0) / V::all(cell.window.count);
  for (std::uint32_t v = cell.rows.begin; v < cell.rows.end; ++v) {
    std::size_t at = (std::size_t{v} * s.in_w + cell.cols.begin) * s.in_c;
    for (std::uint32_t h = cell.cols.begin; h < cell.cols.end; ++h, at += s.in_c) {
      const V old = end.start(columns, dx + at, 0);
      end.end(columns, dx + at, at, has_window_at(cell, v, h) ? old + share : old, 0);
    }
  }
}

}  // namespace

namespace lanes {

void avg_pool_backward(float* dx, const float* dy, const Window& s, std::size_t n,
                       const GradientEnd& end) {
  if (!windows_lie_apart(s)) return HONE_LEAF_NS::avg_pool_backward(dx, dy, s, n, end);
  with_gradient_end(end, [&](auto ends) HONE_LAMBDA {
    for (std::size_t i = 0; i < n; ++i) {
      const std::size_t sample = i * image_size(s);
      for_cells(s, dy + i * output_size(s), [&](const PoolCell& cell, const float* d) HONE_LAMBDA {
        for_vectors(s.in_c, [&](std::size_t c, auto columns) HONE_LAMBDA {
          set_cell(dx + sample + c, d + c, s, cell, columns, ends.from(sample + c));
        });
      });
    }
  });
}

}  // namespace lanes
}  // namespace HONE_LEAF_NS
}  // namespace hone
