#include "lanes.hpp"
#include "nonzero.hpp"
#include "update.hpp"

namespace hone {
namespace HONE_LEAF_NS {
namespace {

// A walk with its longest possible innermost level.
struct Levels {
  std::size_t n, x_n, dy_n;
  std::size_t h, x_h, dy_h;
  std::size_t run, x_run, dy_run;
};
Levels levels_of(const Walk& walk) {
  const bool is_empty = walk.n == 0 || walk.h == 0 || walk.w == 0;
  if (is_empty) return {0, 0, 0, 0, 0, 0, 0, 0, 0};
  if (walk.w == 1 && walk.h == 1) return {1, 0, 0, 1, 0, 0, walk.n, walk.x_n, walk.dy_n};
  return {walk.n, walk.x_n, walk.dy_n, walk.h, walk.x_h, walk.dy_h, walk.w, walk.x_w, walk.dy_w};
}

struct Block {
  float *w, *sum;
  std::size_t stride, rows;
};

template <bool kMomentum, class C>
std::uint32_t update_columns(const Block& b, const float* x, const float* dy, const Levels& at,
                             const C& columns, const Update& update) {
  using V = typename C::Vec;
  constexpr int N = C::kVectors;
  const UpdateLanes<V, kMomentum> lanes(update);
  V doubt[] = {V::zero(), V::zero()};
  for_rows<C::kRowsOuter>(b.rows, [&](std::size_t row, auto tile_rows) HONE_LAMBDA {
    constexpr int R = decltype(tile_rows)::value;
    float* const w = b.w + row * b.stride;
    float* const sum = b.sum + (b.sum ? row * b.stride : 0);
    V chain[R][N];
    HONE_UNROLL for (std::size_t r = 0; r < R; ++r) HONE_UNROLL for (int v = 0; v < N; ++v)
        chain[r][v] = lanes.start(columns, w + r * b.stride, sum + r * b.stride, v);
    for (std::size_t n = 0; n < at.n; ++n)
      for (std::size_t h = 0; h < at.h; ++h)
        add_products<R>(chain, columns, x + row + n * at.x_n + h * at.x_h, 1, at.x_run,
                        dy + n * at.dy_n + h * at.dy_h, at.dy_run, at.run);
    HONE_UNROLL for (std::size_t r = 0; r < R; ++r)
        lanes.end(columns, w + r * b.stride, sum + r * b.stride, chain[r], doubt);
  });
  return any_nan(doubt);
}

// One position: every weight gets one product, so the sweep over W is all that counts.
template <bool kMomentum, bool kWhole, class V, int N>
std::uint32_t sweep_columns(Block b, const float* x, const float* dy, const std::uint16_t* list,
                            std::size_t count, typename V::Part last, const Update& update) {
  const Columns<V, N> columns{last, 0};
  const UpdateLanes<V, kMomentum, kWhole> lanes(update);
  V doubt[] = {V::zero(), V::zero()};
  V d[N];
  HONE_UNROLL for (int v = 0; v < N; ++v) d[v] = columns.load(dy, v);
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t at = list[i] * b.stride;
    const V xi = V::all(x[list[i]]);
    V old[N], chain[N];
    HONE_UNROLL for (int v = 0; v < N; ++v) old[v] = columns.load(b.w + at, v);
    HONE_UNROLL for (int v = 0; v < N; ++v) chain[v] =
        fma(xi, d[v], lanes.start(columns, old[v], b.sum + at, v));
    lanes.end(columns, b.w + at, b.sum + at, chain, old, doubt);
  }
  return any_nan(doubt);
}

template <bool kMomentum, bool kWhole>
std::uint32_t sweep(const Block& b, std::size_t cols, const float* x, const float* dy,
                    const std::uint16_t* list, std::size_t count, const Update& update) {
  constexpr std::size_t W = Wide::kWidth;
  std::uint32_t bad = 0;
  auto group = [&](std::size_t c, auto vectors, Wide::Part last) HONE_LAMBDA {
    const Block part{b.w + c, b.sum + (b.sum ? c : 0), b.stride, b.rows};
    bad |= sweep_columns<kMomentum, kWhole, Wide, decltype(vectors)::value>(part, x, dy + c, list,
                                                                            count, last, update);
  };
  const Wide::Part whole = Wide::part(W);
  std::size_t c = 0;
  // Each holds a weight, a chain and dy: eight of them need the 32 registers of a tall tile.
  if constexpr (kTileRows > 6)
    for (; c + 8 * W <= cols; c += 8 * W) group(c, Int<8>{}, whole);
  for (; c + 4 * W <= cols; c += 4 * W) group(c, Int<4>{}, whole);
  for (; c + 2 * W <= cols; c += 2 * W) group(c, Int<2>{}, whole);
  for (; c < cols; c += W) group(c, Int<1>{}, Wide::part(cols - c < W ? cols - c : W));
  return bad;
}

template <bool kMomentum>
std::uint32_t sweep(const Block& b, std::size_t cols, const float* x, const float* dy,
                    const std::uint16_t* list, std::size_t count, const Update& update) {
  return update.first && update.last ? sweep<kMomentum, true>(b, cols, x, dy, list, count, update)
                                     : sweep<kMomentum, false>(b, cols, x, dy, list, count, update);
}

// Rows whose input is zero keep their weights where nothing but the product moves them.
bool skips_zeros(const Update& u) { return u.first && u.last && !u.momentum && u.shrink == 0.0f; }

std::uint32_t update_one_position(const Block& b, std::size_t cols, const float* x, const float* dy,
                                  const Update& update) {
  constexpr std::size_t kSlab = 128;
  std::uint32_t bad = 0;
  for (std::size_t r = 0; r < b.rows; r += kSlab) {
    const std::size_t rows = b.rows - r < kSlab ? b.rows - r : kSlab;
    std::uint16_t list[kSlab + Wide::kWidth];
    std::size_t count = rows;
    if (skips_zeros(update)) {
      count = list_nonzero<Wide>(list, x + r, rows);
    } else {
      for (std::size_t i = 0; i < rows; ++i) list[i] = static_cast<std::uint16_t>(i);
    }
    const Block slab{b.w + r * b.stride, b.sum + (b.sum ? r * b.stride : 0), b.stride, rows};
    bad |= update.momentum ? sweep<true>(slab, cols, x + r, dy, list, count, update)
                           : sweep<false>(slab, cols, x + r, dy, list, count, update);
  }
  return bad;
}

}  // namespace

namespace lanes {

std::uint32_t outer_update(float* w, float* sum, std::size_t w_stride, std::size_t rows,
                           std::size_t cols, const float* x, const float* dy, const Walk& walk,
                           const Update& update) {
  if (walk.n == 1 && walk.h == 1 && walk.w == 1)
    return update_one_position({w, sum, w_stride, rows}, cols, x, dy, update);
  const Levels levels = levels_of(walk);
  std::uint32_t bad = 0;
  for_columns(cols, [&](std::size_t c, auto columns) HONE_LAMBDA {
    const Block block{w + c, sum + (sum ? c : 0), w_stride, rows};
    bad |= update.momentum ? update_columns<true>(block, x, dy + c, levels, columns, update)
                           : update_columns<false>(block, x, dy + c, levels, columns, update);
  });
  return bad;
}

}  // namespace lanes
}  // namespace HONE_LEAF_NS
}  // namespace hone
