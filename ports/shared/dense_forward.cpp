#include "ends.hpp"
#include "lanes.hpp"
#include "nonzero.hpp"
#include "tiles.hpp"

namespace hone {
namespace HONE_LEAF_NS {
namespace {

// Rows of W that one list of non-zero inputs covers.
constexpr std::size_t kSlab = 256;

struct Layer {
  const float *w, *bias;
  std::size_t n, in, out;
};

template <Activation kAct, class C>
void columns_forward(float* y, const float* x, const Layer& l, std::size_t c, const C& columns,
                     float slope) {
  using V = typename C::Vec;
  constexpr int N = C::kVectors;
  V bias[N];
  HONE_UNROLL for (int v = 0; v < N; ++v) bias[v] =
      l.bias ? columns.load(l.bias + c, v) : V::zero();
  for_rows<C::kRows>(l.n, [&](std::size_t row, auto tile_rows) HONE_LAMBDA {
    constexpr int R = decltype(tile_rows)::value;
    V sum[R][N];
    HONE_UNROLL for (int r = 0; r < R; ++r) HONE_UNROLL for (int v = 0; v < N; ++v) sum[r][v] =
        bias[v];
    // All of W in one go: cutting it into slabs for the first cache, with the chains waiting in y,
    // was 2 to 10 % slower at 12 to 96 KB (n 32 and 64, 784 x 128 and 784 x 256, AVX-512).
    add_products<R>(sum, columns, x + row * l.in, l.in, 1, l.w + c, l.out, l.in);
    float* const to = y + row * l.out + c;
    HONE_UNROLL for (std::size_t r = 0; r < R; ++r) HONE_UNROLL for (int v = 0; v < N; ++v)
        columns.store(to + r * l.out, ended<kAct>(sum[r][v], V::all(slope)), v);
  });
}

// One sample and a slab of W: rows that meet a zero are left out, which changes no bit, because a
// chain that starts from a stored value or +0 never becomes -0. Behind a relu that is half of W.
template <class V, int N>
HONE_INLINE void row_products(V (&sum)[N], const float* x, const float* w, std::size_t out,
                              const std::uint16_t* list, std::size_t count, typename V::Part last) {
  const Columns<V, N> columns{last, 0};
  for (std::size_t i = 0; i < count; ++i) {
    const V xi = V::all(x[list[i]]);
    const float* const row = w + list[i] * out;
    HONE_UNROLL for (int v = 0; v < N; ++v) sum[v] = fma(xi, columns.load(row, v), sum[v]);
  }
}

struct Slab {
  const std::uint16_t* list;
  std::size_t count;
  bool first, last;
};

template <Activation kAct, class V, int N>
void slab_columns(float* y, const float* x, const float* w, const float* bias, std::size_t out,
                  const Slab& slab, typename V::Part last, float slope) {
  const Columns<V, N> columns{last, 0};
  V sum[N];
  HONE_UNROLL for (int v = 0; v < N; ++v) {
    sum[v] = !slab.first ? columns.load(y, v) : bias ? columns.load(bias, v) : V::zero();
  }
  row_products<V, N>(sum, x, w, out, slab.list, slab.count, last);
  HONE_UNROLL for (int v = 0; v < N; ++v) {
    columns.store(y, slab.last ? ended<kAct>(sum[v], V::all(slope)) : sum[v], v);
  }
}

template <Activation kAct>
void slab_forward(float* y, const float* x, const Layer& l, std::size_t k, const Slab& slab,
                  float slope) {
  constexpr std::size_t W = Wide::kWidth;
  const float* const w = l.w + k * l.out;
  auto group = [&](std::size_t c, auto vectors, Wide::Part last) HONE_LAMBDA {
    slab_columns<kAct, Wide, decltype(vectors)::value>(
        y + c, x + k, w + c, l.bias ? l.bias + c : nullptr, l.out, slab, last, slope);
  };
  const Wide::Part whole = Wide::part(W);
  std::size_t c = 0;
  for (; c + 8 * W <= l.out; c += 8 * W) group(c, Int<8>{}, whole);
  for (; c + 4 * W <= l.out; c += 4 * W) group(c, Int<4>{}, whole);
  for (; c + 2 * W <= l.out; c += 2 * W) group(c, Int<2>{}, whole);
  for (; c < l.out; c += W) group(c, Int<1>{}, Wide::part(l.out - c < W ? l.out - c : W));
}

template <Activation kAct>
void one_forward(float* y, const float* x, const Layer& l, float slope) {
  for (std::size_t k = 0; k == 0 || k < l.in; k += kSlab) {
    const std::size_t rows = l.in - k < kSlab ? l.in - k : kSlab;
    std::uint16_t list[kSlab + Wide::kWidth];
    const std::size_t count = list_nonzero<Wide>(list, x + k, rows);
    slab_forward<kAct>(y, x, l, k, {list, count, k == 0, k + rows == l.in}, slope);
  }
}

}  // namespace

namespace lanes {

void dense_forward(float* y, const float* x, const float* w, const float* bias, std::size_t n,
                   std::size_t in, std::size_t out, const OutputEnd& end) {
  const Layer l{w, bias, n, in, out};
  with_activation(end.act, [&](auto act) HONE_LAMBDA {
    constexpr Activation kAct = decltype(act)::value;
    if (n == 1) return one_forward<kAct>(y, x, l, end.slope);
    for_columns(out, [&](std::size_t c, auto columns)
                         HONE_LAMBDA { columns_forward<kAct>(y, x, l, c, columns, end.slope); });
  });
}

}  // namespace lanes
}  // namespace HONE_LEAF_NS
}  // namespace hone
