#pragma once
#include <cstring>

#include "hone/layers.hpp"

// How a layer hands a gradient to one of its inputs.
namespace hone::layers {

inline std::size_t input_size(const Pass& p, const LayerRun& l) { return p.n * l.window.in_size(); }
inline std::size_t output_size(const Pass& p, const LayerRun& l) {
  return p.n * l.window.out_size();
}

/// Adds a finished gradient d[n] to the chain of g. Nothing to do where d lies there already.
inline void contribute(const Pass& p, const LayerRun::Gradient& g, const float* d, std::size_t n) {
  float* const to = p.floats(g.offset);
  if (!g.wanted) return;
  if (g.resumes) {
    p.kernels->accumulate(to, d, n);
    if (g.finishes) p.kernels->finish_gradient(to, nullptr, n, Activation::none, 0);
  } else if (to != d) {
    std::memcpy(to, d, n * sizeof(float));
  }
}

/// Before a layer continues the chains of dx in memory: the first of its users starts them at +0.
inline void start_chain(const Pass& p, const LayerRun& l) {
  if (!l.dx.resumes) std::memset(p.floats(l.dx.offset), 0, input_size(p, l) * sizeof(float));
}
inline void end_chain(const Pass& p, const LayerRun& l) {
  if (l.dx.finishes)
    p.kernels->finish_gradient(p.floats(l.dx.offset), nullptr, input_size(p, l), Activation::none,
                               0);
}

/// Memory of a gradient chain, or null where it lives in registers only: offset 0 is the first
/// weight, never a sum.
inline float* sum_of(const Pass& p, std::uint32_t offset) {
  return offset ? p.floats(offset) : nullptr;
}

/// The update of the bias of l. Returns as LayerFunction.
std::uint32_t update_bias(const Pass& p, const LayerRun& l);

}  // namespace hone::layers
