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
  Scale* scale = nullptr;             ///< [kScalesPerLayer][layers]
  LayerCounters* counters = nullptr;  ///< [layers], the input has none; null: do not count
  std::uint32_t layers = 0;
  bool looks = false;    ///< sums say which exponents they want
  bool updates = false;  ///< false: parameters stay as they are
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

/// The functions of the ops that a program uses. An op that it does not use is a null pointer, so
/// a constant table keeps the rest out of the linked image.
struct LayerTable {
  LayerFunction forward[kRunOps] = {}, backward[kRunOps] = {};
  const TrainerFunctions* trainer = nullptr;

  constexpr void set(Op op, LayerFunction f, LayerFunction b) {
    forward[static_cast<int>(op)] = f;
    backward[static_cast<int>(op)] = b;
  }
};

namespace detail {
/// Activations and flatten: what they compute happens in the passes of their neighbours, in place.
constexpr bool is_same_forward(const LayerRun& l) {
  const bool activates = l.op != Op::flatten && !l.is(LayerRun::kRunsBefore);
  return l.x == l.y && l.mask != Mask::bits && !activates;
}
constexpr bool is_same_backward(const LayerRun& l) {
  return l.mask != Mask::output && l.mask != Mask::bits && !l.dx.resumes &&
         (!l.dx.wanted || l.dx.offset == l.dy);
}
}  // namespace detail

/// The table for the first n records of a program.
constexpr LayerTable layers_of(const LayerRun* run, int n, Numeric numeric) {
  const bool is_integer = numeric == Numeric::w16a8;
  LayerTable t;
  t.trainer = is_integer ? &train::kInteger : &train::kFloat;
#define HONE_LAYER(op, name)                                                       \
  t.set(op, is_integer ? layers::integer::name##_forward : layers::name##_forward, \
        is_integer ? layers::integer::name##_backward : layers::name##_backward)
  for (int i = 1; i < n; ++i) {
    switch (run[i].op) {
      case Op::linear:
        HONE_LAYER(Op::linear, linear);
        break;
      case Op::conv2d:
        HONE_LAYER(Op::conv2d, conv2d);
        break;
      case Op::depthwise:
        HONE_LAYER(Op::depthwise, depthwise);
        break;
      case Op::relu:
      case Op::relu6:
      case Op::leaky_relu:
        HONE_LAYER(run[i].op, activation);
        break;
      case Op::max_pool:
        HONE_LAYER(Op::max_pool, max_pool);
        break;
      case Op::avg_pool:
        HONE_LAYER(Op::avg_pool, avg_pool);
        break;
      case Op::flatten:
        HONE_LAYER(Op::flatten, flatten);
        break;
      case Op::dropout:
        HONE_LAYER(Op::dropout, dropout);
        break;
      case Op::add:
        HONE_LAYER(Op::add, add);
        break;
      case Op::input:
      case Op::global_avg_pool:  // runs as avg_pool
      case Op::cross_entropy:
      case Op::mse:
        break;
    }
  }
#undef HONE_LAYER
  // In integers an op none of whose layers has anything to do gets the smallest functions.
  constexpr Op kMaySame[] = {Op::relu, Op::relu6, Op::leaky_relu, Op::flatten};
  for (const Op op : kMaySame) {
    bool is_used = false, forward = is_integer, backward = is_integer;
    for (int i = 1; i < n; ++i) {
      if (run[i].op != op) continue;
      is_used = true;
      forward = forward && detail::is_same_forward(run[i]);
      backward = backward && detail::is_same_backward(run[i]);
    }
    if (!is_used) continue;
    if (forward) t.forward[static_cast<int>(op)] = layers::integer::same_forward;
    if (backward) t.backward[static_cast<int>(op)] = layers::integer::same_backward;
  }
  return t;
}

}  // namespace hone
