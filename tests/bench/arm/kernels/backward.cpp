// The hot loops of dense_backward.cpp, each in a function of its own: tests/bench/arm.sh.
#include "ports/shared/dense_backward.cpp"

using namespace hone;
using namespace hone::HONE_LEAF_NS;

extern "C" __attribute__((flatten)) void dx_tile(float* dx, const float* dy, const float* panel,
                                                 const Layer& l) {
  gradient_from_panel(dx, dy, panel, 0, kPanelRows, l,
                      GradientLanes<Activation::none, true>{false, 0.0f, nullptr});
}

extern "C" __attribute__((flatten)) void transpose_block(float* panel, const float* w,
                                                         const Layer& l) {
  turn_block(panel, w, kPanelRows, l.out);
}
