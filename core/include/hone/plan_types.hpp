#pragma once
#include <cstdint>

#include "hone/optimizer.hpp"
#include "hone/placement.hpp"
#include "hone/shapes.hpp"

namespace hone {

constexpr std::uint32_t kAlignment = 16;  ///< of every tensor in the arena, and of the arena

constexpr std::uint32_t kMaxClasses = 65535;   ///< labels have 16 bits
constexpr std::uint32_t kMaxAveraged = 65536;  ///< pixels in a window of an average pool of w16a8

/// How much scratch the kernels get: what their fastest way takes, or the least.
enum class Workspace : std::uint8_t { fast, least };

/// Samples of one optimizer step, how many of them are in memory at once, and with how much
/// scratch: batch(8).micro(1).least_memory().
struct Batch {
  int size = 1;
  int micro_batch = 0;  ///< 0: the whole batch
  Workspace workspace = Workspace::fast;

  constexpr Batch micro(int n) const { return {size, n, workspace}; }
  constexpr Batch least_memory() const { return {size, micro_batch, Workspace::least}; }
  constexpr int in_memory() const {
    return micro_batch > 0 && micro_batch < size ? micro_batch : size;
  }
};
constexpr Batch batch(int n) { return {n, 0, Workspace::fast}; }

/// What may share memory, and what runs in one pass. All rules give the same bits; each can be
/// switched off so that a test can prove it against a plan without it.
struct SharingRules {
  bool share = true;                ///< buffers that never live together may overlap
  bool in_place = true;             ///< element-wise layers and add write over an input
  bool gradient_over_input = true;  ///< linear and a global avg_pool write dX over X
  bool mask_through_pool = true;    ///< an activation takes its mask from the pool after it
  bool mask_by_consumer = true;     ///< the layer that reads an activation applies its derivative
  bool mask_bits = true;            ///< one bit an element where nothing else keeps the output
  bool shared_gradients = true;     ///< both inputs of an add may use the gradient of the sum
  bool fused_activation = true;     ///< an activation runs in the layer before it
  bool fused_pool = true;           ///< so does a max pool: the map between does not exist
};
constexpr SharingRules no_sharing() {
  return {false, false, false, false, false, false, false, false, false};
}

enum class PlanKind : std::uint8_t { training, inference };

/// Where the derivative of an activation comes from in backward.
enum class Mask : std::uint8_t { none, output, bits, applied_by_consumer };

/// What the plan knows about one layer.
struct LayerPlan {
  LayerShape shape;
  bool trained = false;       ///< has parameters that change
  bool has_gradient = false;  ///< the gradient of its output is computed
  Mask mask = Mask::none;
  std::int16_t applies = -1;   ///< the activation whose derivative this layer's backward applies
  std::int16_t backward = -1;  ///< step of the backward pass, or -1
  std::int16_t users = 0, last_user = -1;
  std::int16_t activation = -1, pool = -1;  ///< layers that run in this one's forward pass
  std::int16_t runs_in = -1;                ///< the layer in whose forward pass this one runs
  std::int16_t y = -1, dy = -1, aux = -1;   ///< buffer numbers
  std::int16_t scratch = -1, backward_scratch = -1;
  std::uint64_t w = 0, b = 0, sum_w = 0, sum_b = 0;  ///< byte offsets in the arena
  std::uint64_t velocity_w = 0, velocity_b = 0;      ///< of w16a8, where sums are not velocities
};

struct PlanTotals {
  Status status = Status::ok;
  int bad_layer = -1;
  int buffers = 0, steps = 0;
  std::uint64_t parameters = 0;              ///< numbers, without padding
  std::uint64_t parameter_bytes = 0;         ///< weights and biases in the arena
  std::uint64_t optimizer_bytes = 0;         ///< velocity
  std::uint64_t accumulator_bytes = 0;       ///< gradient sums across micro-batches
  std::uint64_t shared_bytes = 0;            ///< input, labels, activations, gradients, scratch
  std::uint64_t loss_bytes = 0;              ///< the lanes of the batch loss
  std::uint64_t state_bytes = 0;             ///< exponents and counters of w16a8
  std::uint64_t bound = 0;                   ///< no placement of the shared part needs less
  std::uint64_t macs_forward = 0;            ///< one sample, without bias
  std::uint64_t macs_step = 0;               ///< one whole batch, dense count
  std::uint64_t labels = 0, loss_lanes = 0;  ///< byte offsets in the arena
  std::uint64_t scales = 0, counters = 0;    ///< of w16a8
  std::uint64_t bytes = ~std::uint64_t{0};   ///< the arena, all in; its maximum unless status is ok

  constexpr std::uint64_t activation_bytes() const {
    return accumulator_bytes + shared_bytes + loss_bytes + state_bytes;
  }
};

constexpr int kBuffersPerLayer = 5;
constexpr int buffers_of(int layers) { return kBuffersPerLayer * layers + 1; }

/// Memory for a plan, the caller's: layers entries of `layer`, buffers_of(layers) of the rest.
struct PlanMemory {
  LayerPlan* layer = nullptr;
  Buffer* buffer = nullptr;
  std::int16_t *order = nullptr, *placed = nullptr;
  int layers = 0;
};

}  // namespace hone
