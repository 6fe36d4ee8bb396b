#pragma once
#include <cstring>

#include "hone/layers.hpp"

// What a layer's record says about its ends under w16a8: exponents, output, parameters, gradients.
namespace hone::layers::integer {

inline std::size_t input_size(const Pass& p, const LayerRun& l) { return p.n * l.window.in_size(); }
inline std::size_t output_size(const Pass& p, const LayerRun& l) {
  return p.n * l.window.out_size();
}

inline std::int8_t* mantissas(const Pass& p, std::uint32_t offset) {
  return reinterpret_cast<std::int8_t*>(p.arena + offset);
}

inline Scale& output_scale(const Pass& p, std::uint32_t layer) { return p.integer->outputs[layer]; }
inline Scale& gradient_scale(const Pass& p, std::uint32_t layer) {
  return p.integer->gradients[layer];
}
inline Scale& weight_scale(const Pass& p, std::uint32_t layer) { return p.integer->weights[layer]; }

/// The end of sums of exponent e that a tensor is quantised from: what `seen` of them asks for, and
/// the exponent that its mantissas now have.
void note(const Pass& p, Scale& scale, int e, std::uint64_t seen);

/// 6 in units of 2^e, and above 127 where no mantissa reaches it.
std::int32_t six_at(int e);

/// The output of l: `act` is the activation that runs in its pass.
IntegerOutput end_of_output(const Pass& p, const LayerRun& l, int e);

/// The gradient of the input of l from sums of exponent e.
IntegerGradient end_of_gradient(const Pass& p, const LayerRun& l, int e);
inline std::int8_t* gradient_of(const Pass& p, std::uint32_t layer) {
  return mantissas(p, p.layer[layer].dy);
}
/// Where it goes; null: not wanted.
inline std::int8_t* input_gradient(const Pass& p, const LayerRun& l) {
  return l.dx.wanted ? gradient_of(p, l.from) : nullptr;
}

/// A finished gradient d[n] becomes that of layer `to`, without its exponent. Nothing to do where
/// it lies there already.
void start_gradient(const Pass& p, std::uint32_t to, const std::int8_t* d, std::size_t n);
/// Adds a finished gradient d[n] of exponent e to that of layer `to`, which others started.
void resume_gradient(const Pass& p, std::uint32_t to, const std::int8_t* d, int e, std::size_t n);

/// The parameters of l in its backward pass. Outlives the call that it is for.
struct Parameters {
  IntegerUpdate update, bias_update;
  IntegerParameters use;

  Parameters(const Pass& p, const LayerRun& l);
};

/// What every layer with weights does behind its backward leaf; e: of the sums of dx. Returns 0.
std::uint32_t finish_backward(const Pass& p, const LayerRun& l, int e, const IntegerReport& report);

}  // namespace hone::layers::integer
