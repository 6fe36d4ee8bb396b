// The hot loops of dense_forward.cpp, each in a function of its own: tests/bench/arm.sh.
#include "ports/shared/dense_forward.cpp"

using namespace hone;
using namespace hone::HONE_LEAF_NS;

extern "C" __attribute__((flatten)) void forward_tile(float* y, const float* x, const Layer& l,
                                                      std::size_t samples) {
  forward_pixels<Activation::relu>(y, l.out, {x, l.in, samples}, l.w, l.bias, OneRun{l.in, l.out},
                                   0, WholeColumns<Wide, 2>{}, 0.0f);
}

extern "C" __attribute__((flatten)) void forward_row(float* y, const float* x, const Layer& l,
                                                     const Slab& slab) {
  slab_columns<Activation::relu>(y, x, l.w, l.bias, l.out, slab, WholeColumns<Wide, 8>{}, 0.0f);
}
