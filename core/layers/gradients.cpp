#include "gradients.hpp"

namespace hone::layers {

OutputEnd end_of_output(const Pass& p, const LayerRun& l) {
  if (!l.activation) return {};
  const LayerRun& activation = p.layer[l.activation];
  return {detail::activation_of(activation.op), activation.factor.f32};
}

Update update_of_bias(const Pass& p, const LayerRun& l) {
  Update update = p.update;
  if (!l.is(LayerRun::kDecaysBias)) update.shrink = update.pull = 0;
  return update;
}

ConvWeights conv_weights(const Pass& p, const LayerRun& l, const Update& bias_update) {
  ConvWeights weights;
  weights.w = p.floats(l.w);
  if (!l.is(LayerRun::kTrained)) return weights;
  weights.sum = sum_of(p, l.sum_w);
  weights.update = &p.update;
  if (!l.is(LayerRun::kHasBias)) return weights;
  weights.bias = p.floats(l.b);
  weights.bias_sum = sum_of(p, l.sum_b());
  weights.bias_update = &bias_update;
  return weights;
}

GradientEnd end_of_gradient(const Pass& p, const LayerRun& l) {
  GradientEnd end;
  end.resumes = l.dx.resumes;
  end.finishes = l.dx.finishes;
  end.act = l.applies;
  end.slope = l.factor.f32;
  if (l.applies != Activation::none) end.y = p.floats(l.x);
  return end;
}

}  // namespace hone::layers
