#pragma once
#include <cstring>

#include "hone/layers.hpp"

// What a layer's record says about its ends: the output, the parameters, the gradient of an input.
namespace hone::layers {

inline std::size_t input_size(const Pass& p, const LayerRun& l) { return p.n * l.window.in_size(); }
inline std::size_t output_size(const Pass& p, const LayerRun& l) {
  return p.n * l.window.out_size();
}

/// The gradient of the output of layer i.
inline float* gradient_of(const Pass& p, std::uint32_t i) { return p.floats(p.layer[i].dy); }

/// Adds a finished gradient d[n] to the chain of layer i. Nothing to do where d lies there already.
inline void contribute(const Pass& p, const LayerRun::Gradient& g, std::uint32_t i, const float* d,
                       std::size_t n) {
  if (!g.wanted) return;
  float* const to = gradient_of(p, i);
  if (g.resumes) {
    p.kernels->accumulate(to, d, n);
    if (g.finishes) p.kernels->finish_gradient(to, nullptr, n, Activation::none, 0);
  } else if (to != d) {
    std::memcpy(to, d, n * sizeof(float));
  }
}

/// Memory of a gradient chain, or null where it lives in registers only: at offset 0 are parameters,
/// never a sum.
inline float* sum_of(const Pass& p, std::uint32_t offset) {
  return offset ? p.floats(offset) : nullptr;
}

/// The activation that runs in the forward pass of l.
OutputEnd end_of_output(const Pass& p, const LayerRun& l);
/// Null: none.
inline const float* bias_of(const Pass& p, const LayerRun& l) {
  return l.is(LayerRun::kHasBias) ? p.floats(l.b) : nullptr;
}

/// The update of the bias of l, which may decay otherwise than the weights.
Update update_of_bias(const Pass& p, const LayerRun& l);
/// The parameters of a convolution. bias_update outlives the result.
ConvWeights conv_weights(const Pass& p, const LayerRun& l, const Update& bias_update);

/// Where a layer with one input writes its gradient (null: not wanted), and how its chains start
/// and end.
inline float* input_gradient(const Pass& p, const LayerRun& l) {
  return l.dx.wanted ? gradient_of(p, l.from) : nullptr;
}
GradientEnd end_of_gradient(const Pass& p, const LayerRun& l);

}  // namespace hone::layers
