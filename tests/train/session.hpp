#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "hone/trainer.hpp"
#include "samples.hpp"

namespace hone_test {

/// A model planned and trained at run time, in an arena between canaries.
class Session {
 public:
  Session(hone::ModelView model, const hone::Optimizer& rule, hone::Batch batch,
          const hone::SharingRules& rules = {}, hone::PlanKind kind = hone::PlanKind::training);
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  hone::Status status() const { return totals.status; }
  /// A fresh arena full of `fill`, and the trainer on it.
  hone::Status start(std::uint64_t seed, const hone::Kernels& kernels, std::uint8_t fill = 0xA5);
  /// One step on samples first .. first + n of a set.
  hone::Status step(const SampleSet& set, std::uint32_t first, std::uint32_t n);
  hone::Status evaluate(const SampleSet& set, std::uint32_t first, std::uint32_t n,
                        hone::Evaluation& sums);

  bool canaries_intact() const;
  std::uint8_t* arena();
  /// All parameters in model order, weight before bias.
  std::vector<float> parameters() const;
  /// The same of the velocity; empty without momentum.
  std::vector<float> velocity() const;
  std::string weights_hash() const;
  /// Moves every buffer to where `places` has it, the rest of the plan stays.
  void move_buffers(const std::vector<hone::Buffer>& places);
  /// The buffer of labels or targets, which no layer knows.
  int label_buffer() const;
  int layers() const { return program.n; }

  hone::PlanTotals totals;
  std::vector<hone::LayerPlan> plan;
  std::vector<hone::Buffer> buffers;
  std::vector<hone::LayerRun> runs;
  hone::ProgramView program;
  hone::Trainer trainer;
  hone::StepResult result;

 private:
  static constexpr std::size_t kCanary = 64;  ///< bytes on each side of the arena

  hone::ModelView model_;
  hone::Optimizer rule_;
  hone::Batch batch_;
  hone::PlanKind kind_;
  std::vector<hone::LayerFunctions> functions_;
  std::vector<std::uint8_t> memory_;
  std::size_t arena_at_ = 0;
  std::uint8_t fill_ = 0;
};

}  // namespace hone_test
