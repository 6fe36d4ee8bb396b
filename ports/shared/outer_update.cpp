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

// Positions of a run whose x and dy stay in the first cache while all tiles pass over them; the
// chains wait in `sum` meanwhile. (32 x 64 weights, 512 samples, AVX2: 85 us whole, 63 us so.)
std::size_t samples_in_cache(std::size_t rows, std::size_t cols, const Levels& at) {
  constexpr std::size_t kBytes = 24 * 1024, kLeast = 32;
  // Tiles of zmm registers pass over x and dy so rarely that the second cache keeps up.
  if (Wide::kWidth >= 16 || at.n != 1 || at.h != 1) return at.run;
  const std::size_t samples = kBytes / ((rows + cols) * sizeof(float));
  const std::size_t block = samples < kLeast ? kLeast : samples;
  return at.run < 2 * block ? at.run : block;
}

struct Block {
  float *w, *sum;
  std::size_t stride, rows;

  // Where the chains are kept; any address will do where none is.
  HONE_INLINE float* memory() const { return sum ? sum : w; }
};

template <bool kMomentum, class C>
std::uint32_t update_columns(const Block& b, const float* x, const float* dy, const Levels& at,
                             const C& columns, const Update& update) {
  using V = typename C::Vec;
  constexpr int N = C::kVectors;
  std::uint32_t bad = 0;
  for_rows<C::kRowsOuter>(b.rows, [&](std::size_t row, auto tile_rows) HONE_LAMBDA {
    constexpr int R = decltype(tile_rows)::value;
    float* const w = b.w + row * b.stride;
    float* const sum = b.memory() + row * b.stride;
    const UpdateLanes<V, kMomentum> before(update);
    V chain[R][N];
    HONE_UNROLL for (std::size_t r = 0; r < R; ++r) HONE_UNROLL for (int v = 0; v < N; ++v)
        chain[r][v] = before.start(columns, w + r * b.stride, sum + r * b.stride, v);
    for (std::size_t n = 0; n < at.n; ++n)
      for (std::size_t h = 0; h < at.h; ++h)
        add_products<R>(chain, columns, x + row + n * at.x_n + h * at.x_h, 1, at.x_run,
                        dy + n * at.dy_n + h * at.dy_h, at.dy_run, at.run);
    // Read again, so that no register holds a rate while the products need them all.
    const UpdateLanes<V, kMomentum> after(*read_again(&update));
    V seen = V::zero();
    HONE_UNROLL for (std::size_t r = 0; r < R; ++r)
        after.end(columns, w + r * b.stride, sum + r * b.stride, chain[r], seen);
    bad |= saw_not_finite(seen);
  });
  return bad;
}

// What is known of an update before the sweep begins.
template <bool kMomentum_, bool kWhole_, bool kShrinks_>
struct UpdateKind {
  static constexpr bool kMomentum = kMomentum_, kWhole = kWhole_, kShrinks = kShrinks_;
};

// One position: every weight gets one product, so the sweep over W is all that counts. kGroup
// vectors of a row side by side: their weights, chains and results share the registers.
template <class Kind, class C>
std::uint32_t sweep_columns(Block b, const float* x, const float* dy, const std::uint16_t* list,
                            std::size_t count, const C& columns, const Update& update) {
  using V = typename C::Vec;
  constexpr int N = C::kVectors, kGroup = N < kSweepGroup ? N : kSweepGroup;
  const UpdateLanes<V, Kind::kMomentum, Kind::kWhole, Kind::kShrinks> lanes(update);
  float* const sum = b.memory();
  V seen = V::zero();
  V d[N];
  HONE_UNROLL for (int v = 0; v < N; ++v) d[v] = columns.load(dy, v);
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t at = list[i] * b.stride;
    const V xi = V::all(x[list[i]]);
    HONE_UNROLL for (int g = 0; g < N; g += kGroup) {
      const std::size_t from = at + V::kWidth * static_cast<std::size_t>(g);
      V old[kGroup], chain[kGroup];
      HONE_UNROLL for (int v = 0; v < kGroup; ++v) old[v] = columns.load(b.w + from, v);
      HONE_UNROLL for (int v = 0; v < kGroup; ++v) chain[v] =
          fma(xi, d[g + v], lanes.start(columns, old[v], sum + from, v));
      lanes.end(columns, b.w + from, sum + from, chain, old, seen);
    }
  }
  return saw_not_finite(seen);
}

template <class Kind>
HONE_APART std::uint32_t sweep(const Block& b, std::size_t cols, const float* x, const float* dy,
                               const std::uint16_t* list, std::size_t count, const Update& update) {
  std::uint32_t bad = 0;
  for_long_columns(cols, [&](std::size_t c, auto columns) HONE_LAMBDA {
    const Block part{b.w + c, b.sum + (b.sum ? c : 0), b.stride, b.rows};
    bad |= sweep_columns<Kind>(part, x, dy + c, list, count, columns, update);
  });
  return bad;
}

std::uint32_t sweep_rows(const Block& b, std::size_t cols, const float* x, const float* dy,
                         const std::uint16_t* list, std::size_t count, const Update& update) {
  auto with = [&](auto kind) HONE_LAMBDA {
    return sweep<decltype(kind)>(b, cols, x, dy, list, count, update);
  };
  const bool is_whole = update.first && update.last;
  if (!is_whole && update.momentum) return with(UpdateKind<true, false, true>{});
  if (!is_whole) return with(UpdateKind<false, false, true>{});
  if (update.shrink != 0.0f)
    return update.momentum ? with(UpdateKind<true, true, true>{})
                           : with(UpdateKind<false, true, true>{});
  return update.momentum ? with(UpdateKind<true, true, false>{})
                         : with(UpdateKind<false, true, false>{});
}

// The columns of up to kPackedRows positions, copied side by side for all tiles that pass over
// them: in dy itself they lie a row of W apart, often a power of two, and fall into few sets of the
// first cache. (64 samples, 784 x 256 weights, AVX2: 343 us without, 265 us so. Tiles of zmm
// registers gain nothing.)
constexpr std::size_t kPackedRows = 64;
template <bool kMomentum, class C>
HONE_APART std::uint32_t update_packed(const Block& b, const float* x, const float* dy, Levels at,
                                       const C& columns, const Update& update) {
  using V = typename C::Vec;
  constexpr std::size_t kWidth = V::kWidth * C::kVectors;
  float packed[kPackedRows * kWidth];
  for (std::size_t i = 0; i < at.run; ++i)
    HONE_UNROLL for (int v = 0; v < C::kVectors; ++v) columns.load(dy + i * at.dy_run, v)
        .store(packed + i * kWidth + V::kWidth * static_cast<std::size_t>(v));
  at.dy_run = kWidth;
  return update_columns<kMomentum>(b, x, packed, at, columns, update);
}

template <bool kMomentum, class C>
std::uint32_t update_block(const Block& b, const float* x, const float* dy, const Levels& at,
                           const C& columns, const Update& update) {
  constexpr std::size_t kLeastRows = 64;  // of W: fewer tiles do not earn the copy back
  if constexpr (C::Vec::kWidth < 16)
    if (at.n == 1 && at.h == 1 && at.run <= kPackedRows && b.rows >= kLeastRows)
      return update_packed<kMomentum>(b, x, dy, at, columns, update);
  return update_columns<kMomentum>(b, x, dy, at, columns, update);
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
    bad |= sweep_rows(slab, cols, x + r, dy, list, count, update);
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
  const std::size_t block = sum ? samples_in_cache(rows, cols, levels) : levels.run;
  std::uint32_t bad = 0;
  std::size_t k = 0;
  do {
    Levels part = levels;
    part.run = levels.run - k < block ? levels.run - k : block;
    Update step = update;
    step.first = update.first && k == 0;
    step.last = update.last && k + part.run == levels.run;
    const float *const xk = x + k * levels.x_run, *const dk = dy + k * levels.dy_run;
    for_columns(cols, [&](std::size_t c, auto columns) HONE_LAMBDA {
      const Block weights{w + c, sum + (sum ? c : 0), w_stride, rows};
      bad |= update.momentum ? update_block<true>(weights, xk, dk + c, part, columns, step)
                             : update_block<false>(weights, xk, dk + c, part, columns, step);
    });
    k += block;
  } while (k < levels.run);
  return bad;
}

}  // namespace lanes
}  // namespace HONE_LEAF_NS
}  // namespace hone
