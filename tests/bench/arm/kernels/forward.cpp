// The hot loops of dense_forward.cpp, each in a function of its own: tests/bench/arm.sh.
#include "ports/shared/dense_forward.cpp"

using namespace hone;
using namespace hone::HONE_LEAF_NS;

extern "C" __attribute__((flatten)) void forward_tile(float* y, const float* x, const Layer& l) {
  columns_forward<Activation::relu>(y, x, l, 0, WholeColumns<Wide, 2>{}, 0.0f);
}

extern "C" __attribute__((flatten)) void forward_row(float* y, const float* x, const Layer& l,
                                                     const Slab& slab) {
  slab_columns<Activation::relu, Wide, 8>(y, x, l.w, l.bias, l.out, slab, Wide::part(Wide::kWidth),
                                          0.0f);
}
