#pragma once
#include <cstddef>
#include <cstdint>

#include "hone/kernels.hpp"
#include "hone/program.hpp"

namespace hone {

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

/// The functions of the ops that a program uses. An op that it does not use is a null pointer, so
/// a constant table keeps the rest out of the linked image.
struct LayerTable {
  LayerFunction forward[kOps] = {}, backward[kOps] = {};

  constexpr void set(Op op, LayerFunction f, LayerFunction b) {
    forward[static_cast<int>(op)] = f;
    backward[static_cast<int>(op)] = b;
  }
};

/// The table for the first n records of a program.
constexpr LayerTable layers_of(const LayerRun* run, int n) {
  LayerTable t;
  for (int i = 1; i < n; ++i) {
    switch (run[i].op) {
      case Op::linear:
        t.set(Op::linear, layers::linear_forward, layers::linear_backward);
        break;
      case Op::conv2d:
        t.set(Op::conv2d, layers::conv2d_forward, layers::conv2d_backward);
        break;
      case Op::depthwise:
        t.set(Op::depthwise, layers::depthwise_forward, layers::depthwise_backward);
        break;
      case Op::relu:
      case Op::relu6:
      case Op::leaky_relu:
        t.set(run[i].op, layers::activation_forward, layers::activation_backward);
        break;
      case Op::max_pool:
        t.set(Op::max_pool, layers::max_pool_forward, layers::max_pool_backward);
        break;
      case Op::avg_pool:
        t.set(Op::avg_pool, layers::avg_pool_forward, layers::avg_pool_backward);
        break;
      case Op::flatten:
        t.set(Op::flatten, layers::flatten_forward, layers::flatten_backward);
        break;
      case Op::dropout:
        t.set(Op::dropout, layers::dropout_forward, layers::dropout_backward);
        break;
      case Op::add:
        t.set(Op::add, layers::add_forward, layers::add_backward);
        break;
      case Op::input:
      case Op::global_avg_pool:  // runs as avg_pool
      case Op::cross_entropy:
      case Op::mse:
        break;
    }
  }
  return t;
}

}  // namespace hone
