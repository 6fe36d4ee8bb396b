#pragma once
#include "hone/layers.hpp"

namespace hone {

/// The leaves of `all` that a program needs, the others null: a constant table made so keeps the
/// rest out of the linked image, as functions_of() does for the layers. `all` is a table that is a
/// constant expression, such as hone::compact::table() of ports/compact.
///
///   constexpr hone::Kernels kernels = hone::kernels_of(hone::compact::table(), job);
///   trainer.init(job, {ram, sizeof ram}, seed, kernels);
///
/// Trainer::probabilities needs one more, which no layer names: set `softmax`.
constexpr Kernels kernels_of(const Kernels& all, const LayerRun* run, const ProgramView& program) {
  Kernels k{};
  k.name = all.name;
  k.any_not_finite = all.any_not_finite;
  k.floor_all = all.floor_all;
  if (program.training && program.mse) k.squared_error = all.squared_error;
  if (program.training && !program.mse) k.cross_entropy = all.cross_entropy;
  for (int i = 1; i < program.n; ++i) {
    const LayerRun& l = run[i];
    const bool backward = l.is(LayerRun::kBackward), runs = !l.is(LayerRun::kRunsBefore);
    if (l.dx.resumes || l.dx2.resumes) {
      k.accumulate = all.accumulate;
      k.finish_gradient = all.finish_gradient;
    }
    switch (l.op) {
      case Op::linear:
        k.dense_forward = all.dense_forward;
        if (!backward) break;
        k.dense_backward = all.dense_backward;
        k.outer_update = all.outer_update;
        break;
      case Op::conv2d:
        k.conv_forward = all.conv_forward;
        if (backward) k.conv_backward = all.conv_backward;
        break;
      case Op::depthwise:
        k.depthwise_forward = all.depthwise_forward;
        if (backward) k.depthwise_backward = all.depthwise_backward;
        break;
      case Op::relu:
      case Op::relu6:
      case Op::leaky_relu:
        if (runs) k.activate = all.activate;
        if (l.mask == Mask::output) k.finish_gradient = all.finish_gradient;
        if (l.mask == Mask::bits) {
          k.keep_mask = all.keep_mask;
          k.finish_gradient_masked = all.finish_gradient_masked;
        }
        break;
      case Op::max_pool:
        if (runs) k.max_pool_forward = all.max_pool_forward;
        if (backward && runs) k.max_pool_backward = all.max_pool_backward;
        if (backward) k.finish_gradient = all.finish_gradient;
        break;
      case Op::avg_pool:
      case Op::global_avg_pool:
        k.avg_pool_forward = all.avg_pool_forward;
        if (backward) k.avg_pool_backward = all.avg_pool_backward;
        break;
      case Op::dropout:
        if (program.training) k.dropout = all.dropout;
        break;
      case Op::add:
        k.add = all.add;
        break;
      case Op::flatten:
      case Op::input:
      case Op::cross_entropy:
      case Op::mse:
        break;
    }
  }
  return k;
}

/// The same for w16a8; kernels_of(&leaves, name) is the table for Trainer::init.
constexpr IntegerKernels integer_kernels_of(const IntegerKernels& all, const LayerRun* run,
                                            const ProgramView& program) {
  IntegerKernels k{};
  if (program.training && !program.mse) k.softmax = all.softmax;
  for (int i = 1; i < program.n; ++i) {
    const LayerRun& l = run[i];
    const bool backward = l.is(LayerRun::kBackward), runs = !l.is(LayerRun::kRunsBefore);
    if (l.dx.resumes || l.dx2.resumes || l.op == Op::add) k.add = all.add;
    if (l.mask == Mask::output ||
        (l.op == Op::max_pool && backward && l.applies != Activation::none))
      k.finish_gradient = all.finish_gradient;
    switch (l.op) {
      case Op::linear:
        k.dense_forward = all.dense_forward;
        if (backward) k.dense_backward = all.dense_backward;
        break;
      case Op::conv2d:
        k.conv_forward = all.conv_forward;
        if (backward) k.conv_backward = all.conv_backward;
        break;
      case Op::depthwise:
        k.depthwise_forward = all.depthwise_forward;
        if (backward) k.depthwise_backward = all.depthwise_backward;
        break;
      case Op::relu:
      case Op::relu6:
      case Op::leaky_relu:
        if (runs) k.activate = all.activate;
        if (l.mask == Mask::bits) {
          k.keep_mask = all.keep_mask;
          k.finish_gradient_masked = all.finish_gradient_masked;
        }
        break;
      case Op::max_pool:
        if (runs) k.max_pool_forward = all.max_pool_forward;
        if (runs && backward) k.max_pool_backward = all.max_pool_backward;
        break;
      case Op::avg_pool:
      case Op::global_avg_pool:
        k.avg_pool_forward = all.avg_pool_forward;
        if (backward) k.avg_pool_backward = all.avg_pool_backward;
        break;
      case Op::dropout:
        if (program.training) k.dropout = all.dropout;
        break;
      case Op::flatten:
      case Op::input:
      case Op::add:
      case Op::cross_entropy:
      case Op::mse:
        break;
    }
  }
  return k;
}
/// A job of w16a8 needs no other leaves. They must stay.
constexpr Kernels kernels_of(const IntegerKernels* integer, const char* name) {
  Kernels k{};
  k.name = name;
  k.integer = integer;
  return k;
}

/// AnyJob is Job<N>.
template <template <int> class AnyJob, int N>
constexpr Kernels kernels_of(const Kernels& all, const AnyJob<N>& job) {
  return kernels_of(all, job.layer, job.program);
}
template <template <int> class AnyJob, int N>
constexpr IntegerKernels integer_kernels_of(const IntegerKernels& all, const AnyJob<N>& job) {
  return integer_kernels_of(all, job.layer, job.program);
}

}  // namespace hone
