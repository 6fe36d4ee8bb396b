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
  bool looks = false;  ///< sums say which exponents they want
  /// Of a tensor that decays: rate of lr / n alone, the stream without its layer.
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
/// Of an activation that keeps its mask in bits.
std::uint32_t masked_backward(const Pass&, const LayerRun&);
/// Of an activation and of a max pool that run in the pass of the layer before them: what is left.
std::uint32_t activated_forward(const Pass&, const LayerRun&);
std::uint32_t pooled_backward(const Pass&, const LayerRun&);
/// The same where others have started the gradient of the input.
std::uint32_t activation_resumed(const Pass&, const LayerRun&);
std::uint32_t masked_resumed(const Pass&, const LayerRun&);
std::uint32_t flatten_resumed(const Pass&, const LayerRun&);
std::uint32_t dropout_resumed(const Pass&, const LayerRun&);
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
/// What does a backward function of w16a8 where others have started the gradient of the input.
constexpr LayerFunction resumed(LayerFunction backward) {
  namespace integer = layers::integer;
  return backward == integer::activation_backward ? integer::activation_resumed
         : backward == integer::masked_backward   ? integer::masked_resumed
         : backward == integer::flatten_backward  ? integer::flatten_resumed
         : backward == integer::dropout_backward  ? integer::dropout_resumed
                                                  : backward;
}

}  // namespace detail

/// The functions of a record of the program `run`. A constant table of those that a program uses
/// keeps the others out of the linked image.
constexpr LayerFunctions functions_of(const LayerRun* run, const LayerRun& l, Numeric numeric) {
  namespace integer = layers::integer;
  const bool is_integer = numeric == Numeric::w16a8, runs_before = l.is(LayerRun::kRunsBefore);
  LayerFunctions f;
#define HONE_LAYER(name)                                                             \
  f = is_integer ? LayerFunctions{integer::name##_forward, integer::name##_backward} \
                 : LayerFunctions {                                                  \
    layers::name##_forward, layers::name##_backward                                  \
  }
  switch (l.op) {
    case Op::linear:
      HONE_LAYER(linear);
      break;
    case Op::conv2d:
      HONE_LAYER(conv2d);
      break;
    case Op::depthwise:
      HONE_LAYER(depthwise);
      break;
    case Op::max_pool:
      HONE_LAYER(max_pool);
      if (is_integer && runs_before) f = {integer::same_forward, integer::pooled_backward};
      break;
    case Op::avg_pool:
      HONE_LAYER(avg_pool);
      break;
    case Op::dropout:
      HONE_LAYER(dropout);
      if (is_integer && !l.is(LayerRun::kDrops))
        f = {integer::flatten_forward, integer::flatten_backward};
      break;
    case Op::add:
      HONE_LAYER(add);
      break;
    case Op::relu:
    case Op::relu6:
    case Op::leaky_relu:
      HONE_LAYER(activation);
      if (is_integer && runs_before) f.forward = integer::activated_forward;
      if (is_integer && detail::is_same_forward(l)) f.forward = integer::same_forward;
      if (is_integer && l.mask == Mask::bits) f.backward = integer::masked_backward;
      if (is_integer && l.mask != Mask::bits && l.mask != Mask::output)
        f.backward = integer::flatten_backward;
      if (is_integer && detail::is_same_backward(l, run[l.from]))
        f.backward = integer::same_backward;
      break;
    case Op::flatten:
      HONE_LAYER(flatten);
      if (is_integer && detail::is_same_forward(l)) f.forward = integer::same_forward;
      if (is_integer && detail::is_same_backward(l, run[l.from]))
        f.backward = integer::same_backward;
      break;
    case Op::input:
    case Op::global_avg_pool:  // runs as avg_pool
    case Op::cross_entropy:
    case Op::mse:
      break;
  }
  if (is_integer && l.dx.resumes) f.backward = detail::resumed(f.backward);
#undef HONE_LAYER
  return f;
}

constexpr const TrainerFunctions* trainer_of(Numeric numeric) {
  return numeric == Numeric::w16a8 ? &train::kInteger : &train::kFloat;
}

}  // namespace hone
