// The hot loops of conv_forward.cpp, each in a function of its own: tests/bench/arm.sh.
#include "ports/shared/conv_forward.cpp"

using namespace hone;
using namespace hone::HONE_LEAF_NS;

extern "C" __attribute__((flatten)) void conv_tile(float* y, const float* image, const Layer& l) {
  forward_pixels<Activation::relu>(y, l.s.out_c, {image, l.pixel(), l.s.out_w}, l.w, l.bias,
                                   l.kernel, 0, WholeColumns<Wide, 2>{}, 0.0f);
}

extern "C" __attribute__((flatten)) void pooled_conv(float* y, RouteBits* routes,
                                                     const float* image, const Layer& l,
                                                     std::size_t width, std::size_t channels) {
  pooled_row<Activation::relu>(y, channels, routes, 0, image, l, width, channels, 0.0f);
}
