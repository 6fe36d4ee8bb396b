#pragma once
#include "hone/trainer.hpp"

namespace hone {

/// What a trainer does in its numeric. Arguments are checked by hone::Trainer.
struct TrainerFunctions {
  /// Parameters from the seed, velocity 0.
  void (*initialise)(const TrainerState&);
  Status (*step)(TrainerState&, std::uint32_t n, FillSamples, void* context, StepResult&);
  Status (*evaluate)(const TrainerState&, std::uint32_t n, FillSamples, void* context, Evaluation&);
  Status (*predict)(const TrainerState&, std::uint32_t n);
  std::uint32_t (*best_class)(const TrainerState&, std::uint32_t i);
};

namespace train {

/// Of a trainer's own helpers. For few bytes: with all of them in one function the compiler sees
/// the job's constants. Otherwise apart, so that step(), below whose frame all layers run, keeps a
/// small one.
#if defined(__OPTIMIZE_SIZE__)
#define HONE_HELPER inline __attribute__((always_inline))
#define HONE_APART inline
#else
#define HONE_HELPER inline
#define HONE_APART __attribute__((noinline))
#endif

inline void run_forward(const TrainerState& s, const Pass& p) {
  for (int i = 1; i < s.program().n; ++i) {
    s.job.functions[i].forward(p, s.program().layer[i]);
  }
}
/// The OR of what the layers return.
inline std::uint32_t run_backward(const TrainerState& s, const Pass& p) {
  std::uint32_t flags = 0;
  for (int i = s.program().n - 1; i > 0; --i) {
    const LayerRun& l = s.program().layer[i];
    if (l.is(LayerRun::kBackward)) flags |= s.job.functions[i].backward(p, l);
  }
  return flags;
}
/// The labels that `fill` wrote lie below the classes.
inline Status check_labels(const ProgramView& v, const std::uint16_t* labels, std::uint32_t n) {
  for (std::uint32_t i = 0; i < n && !v.mse; ++i)
    if (labels[i] >= v.classes) return Status::bad_label;
  return Status::ok;
}

}  // namespace train

}  // namespace hone
