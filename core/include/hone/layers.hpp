#pragma once
#include <cstddef>
#include <cstdint>

#include "hone/integer_kernels.hpp"
#include "hone/kernels.hpp"
#include "hone/program.hpp"
#include "hone/scale.hpp"

namespace hone {

/// What all layers of a pass of w16a8 share: exponents, and the update.
struct IntegerPass {
  const IntegerKernels* leaves = nullptr;
  /// Of each layer: its output, the gradient of its output, its weights.
  Scale *outputs = nullptr, *gradients = nullptr, *weights = nullptr;
  /// [layers], the input has none; null: parameters stay as they are.
  LayerCounters* counters = nullptr;
  bool looks = false;                 ///< sums say which exponents they want
  /// Of a tensor that decays: rate_shift of lr / n alone, the stream without its layer.
  IntegerUpdate update;
};

/// One pass of a micro-batch through a program: everything that a layer needs besides its record.
struct Pass {
  const Kernels* kernels = nullptr;
  const LayerRun* layer = nullptr;  ///< the records of the program
  std::uint8_t* arena = nullptr;
  std::uint64_t seed = 0, step = 0;
  std::uint32_t first = 0;  ///< place of the first sample in the whole batch
  std::uint32_t n = 0;      ///< samples in memory
  bool training = false;
  Update update;  ///< of a tensor that decays

  const IntegerPass* integer = nullptr;  ///< null under f32

  float* floats(std::uint32_t offset) const { return reinterpret_cast<float*>(arena + offset); }
};

/// Forward returns 0; backward returns non-zero if a new weight is NaN or infinite.
using LayerFunction = std::uint32_t (*)(const Pass&, const LayerRun&);

/// Forward and backward of every op. x, y, dx and dy lie where the record says; which of them are
/// one memory is the plan's business (docs in plan.hpp).
namespace layers {

std::uint32_t linear_forward(const Pass&, const LayerRun&);
std::uint32_t linear_backward(const Pass&, const LayerRun&);
std::uint32_t conv2d_forward(const Pass&, const LayerRun&);
std::uint32_t conv2d_backward(const Pass&, const LayerRun&);
std::uint32_t depthwise_forward(const Pass&, const LayerRun&);
std::uint32_t depthwise_backward(const Pass&, const LayerRun&);
std::uint32_t activation_forward(const Pass&, const LayerRun&);
std::uint32_t activation_backward(const Pass&, const LayerRun&);
std::uint32_t max_pool_forward(const Pass&, const LayerRun&);
std::uint32_t max_pool_backward(const Pass&, const LayerRun&);
std::uint32_t avg_pool_forward(const Pass&, const LayerRun&);
std::uint32_t avg_pool_backward(const Pass&, const LayerRun&);
std::uint32_t flatten_forward(const Pass&, const LayerRun&);
std::uint32_t flatten_backward(const Pass&, const LayerRun&);
std::uint32_t dropout_forward(const Pass&, const LayerRun&);
std::uint32_t dropout_backward(const Pass&, const LayerRun&);
std::uint32_t add_forward(const Pass&, const LayerRun&);
std::uint32_t add_backward(const Pass&, const LayerRun&);

}  // namespace layers

/// The same for w16a8.
namespace layers::integer {

std::uint32_t linear_forward(const Pass&, const LayerRun&);
std::uint32_t linear_backward(const Pass&, const LayerRun&);
std::uint32_t conv2d_forward(const Pass&, const LayerRun&);
std::uint32_t conv2d_backward(const Pass&, const LayerRun&);
std::uint32_t depthwise_forward(const Pass&, const LayerRun&);
std::uint32_t depthwise_backward(const Pass&, const LayerRun&);
std::uint32_t activation_forward(const Pass&, const LayerRun&);
std::uint32_t activation_backward(const Pass&, const LayerRun&);
std::uint32_t max_pool_forward(const Pass&, const LayerRun&);
std::uint32_t max_pool_backward(const Pass&, const LayerRun&);
std::uint32_t avg_pool_forward(const Pass&, const LayerRun&);
std::uint32_t avg_pool_backward(const Pass&, const LayerRun&);
std::uint32_t flatten_forward(const Pass&, const LayerRun&);
std::uint32_t flatten_backward(const Pass&, const LayerRun&);
std::uint32_t dropout_forward(const Pass&, const LayerRun&);
std::uint32_t dropout_backward(const Pass&, const LayerRun&);
std::uint32_t add_forward(const Pass&, const LayerRun&);
std::uint32_t add_backward(const Pass&, const LayerRun&);
/// Of a layer that leaves its mantissas to others: only their exponent goes on.
std::uint32_t same_forward(const Pass&, const LayerRun&);
std::uint32_t same_backward(const Pass&, const LayerRun&);

}  // namespace layers::integer

struct TrainerFunctions;
namespace train {
/// Step, evaluation and prediction in one numeric: train/trainer_functions.hpp.
extern const TrainerFunctions kFloat, kInteger;
}  // namespace train

/// What a layer does in the two passes; null: nothing, as the input.
struct LayerFunctions {
  LayerFunction forward = nullptr, backward = nullptr;
};

namespace detail {

/// Activations and flatten of w16a8: what they compute happens in the passes of their neighbours,
/// in place.
constexpr bool is_same_forward(const LayerRun& l) {
  const bool activates = l.op != Op::flatten && !l.is(LayerRun::kRunsBefore);
  return l.x == l.y && l.mask != Mask::bits && !activates;
}
constexpr bool is_same_backward(const LayerRun& l, const LayerRun& from) {
  return l.mask != Mask::output && l.mask != Mask::bits && !l.dx.resumes &&
         (!l.dx.wanted || from.dy == l.dy);
}

}  // namespace detail

/// The functions of a record of the program `run`. A constant table of those that a program uses
/// keeps the others out of the linked image.
constexpr LayerFunctions functions_of(const LayerRun* run, const LayerRun& l, Numeric numeric) {
  const bool is_integer = numeric == Numeric::w16a8;
#define HONE_LAYER(name)                                                                         \
  is_integer ? LayerFunctions{layers::integer::name##_forward, layers::integer::name##_backward} \
             : LayerFunctions{layers::name##_forward, layers::name##_backward}
  LayerFunctions f;
  switch (l.op) {
    case Op::linear:
      return HONE_LAYER(linear);
    case Op::conv2d:
      return HONE_LAYER(conv2d);
    case Op::depthwise:
      return HONE_LAYER(depthwise);
    case Op::max_pool:
      return HONE_LAYER(max_pool);
    case Op::avg_pool:
      return HONE_LAYER(avg_pool);
    case Op::dropout:
      return HONE_LAYER(dropout);
    case Op::add:
      return HONE_LAYER(add);
    case Op::relu:
    case Op::relu6:
    case Op::leaky_relu:
      f = HONE_LAYER(activation);
      break;
    case Op::flatten:
      f = HONE_LAYER(flatten);
      break;
    case Op::input:
    case Op::global_avg_pool:  // runs as avg_pool
    case Op::cross_entropy:
    case Op::mse:
      return f;
  }
#undef HONE_LAYER
  if (is_integer && detail::is_same_forward(l)) f.forward = layers::integer::same_forward;
  if (is_integer && detail::is_same_backward(l, run[l.from]))
    f.backward = layers::integer::same_backward;
  return f;
}

constexpr const TrainerFunctions* trainer_of(Numeric numeric) {
  return numeric == Numeric::w16a8 ? &train::kInteger : &train::kFloat;
}

}  // namespace hone
