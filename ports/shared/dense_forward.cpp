#include "conv_rows.hpp"
#include "lanes.hpp"
#include "nonzero.hpp"

namespace hone {
namespace HONE_LEAF_NS {
namespace {

// Rows of W that one list of non-zero inputs covers.
constexpr std::size_t kSlab = 256;

struct Layer {
  const float *w, *bias;
  std::size_t in, out;
};

struct Slab {
  const std::uint16_t* list;
  std::size_t count;
  bool first, last;
};

// One sample and a slab of W: rows that meet a zero are left out, which changes no bit, because a
// chain that starts from a stored value or +0 never becomes -0. Behind a relu that is half of W.
template <Activation kAct, class C>
void slab_columns(float* y, const float* x, const float* w, const float* bias, std::size_t out,
                  const Slab& slab, const C& columns, float slope) {
  using V = typename C::Vec;
  constexpr int N = C::kVectors;
  V sum[N];
  HONE_UNROLL for (int v = 0; v < N; ++v) {
    sum[v] = !slab.first ? columns.load(y, v) : bias ? columns.load(bias, v) : V::zero();
  }
  for (std::size_t i = 0; i < slab.count; ++i) {
    const V xi = V::all(x[slab.list[i]]);
    const float* const row = w + slab.list[i] * out;
    HONE_UNROLL for (int v = 0; v < N; ++v) sum[v] = fma(xi, columns.load(row, v), sum[v]);
  }
  HONE_UNROLL for (int v = 0; v < N; ++v) {
    columns.store(y, slab.last ? ended<kAct>(sum[v], V::all(slope)) : sum[v], v);
  }
}

template <Activation kAct>
void one_forward(float* y, const float* x, const Layer& l, float slope) {
  for (std::size_t k = 0; k == 0 || k < l.in; k += kSlab) {
    const std::size_t rows = l.in - k < kSlab ? l.in - k : kSlab;
    std::uint16_t list[kSlab + Wide::kWidth];
    const std::size_t count = list_nonzero<Wide>(list, x + k, rows);
    const Slab slab{list, count, k == 0, k + rows == l.in};
    for_long_columns(l.out, [&](std::size_t c, auto columns) HONE_LAMBDA {
      slab_columns<kAct>(y + c, x + k, l.w + k * l.out + c, l.bias ? l.bias + c : nullptr, l.out,
                         slab, columns, slope);
    });
  }
}

}  // namespace

namespace lanes {

void dense_forward(float* y, const float* x, const float* w, const float* bias, std::size_t n,
                   std::size_t in, std::size_t out, const OutputEnd& end) {
  with_activation(end.act, [&](auto act) HONE_LAMBDA {
    constexpr Activation kAct = decltype(act)::value;
    if (n == 1) return one_forward<kAct>(y, x, {w, bias, in, out}, end.slope);
    // All of W in one go: cutting it into slabs for the first cache, with the chains waiting in y,
    // was 2 to 10 % slower at 12 to 96 KB (n 32 and 64, 784 x 128 and 784 x 256, AVX-512).
    const PixelRow samples{x, in, n};
    for_columns(out, [&](std::size_t c, auto columns) HONE_LAMBDA {
      forward_pixels<kAct>(y, out, samples, w, bias, OneRun{in, out}, c, columns, end.slope);
    });
  });
}

}  // namespace lanes
}  // namespace HONE_LEAF_NS
}  // namespace hone
