#pragma once
#include <vector>

#include "examples/hone/checkpoint/runtime_job.hpp"

namespace hone {

/// One way to split a batch: what it takes and how long a step lasts. All give the same weights.
struct PlanChoice {
  Batch batch;
  std::uint64_t bytes = 0;
  double seconds = 0;  ///< of a step on this machine with the port in use; 0: not measured
};

/// The splits of the job's batch into as many pieces as can be, with fast kernels and with the
/// least memory, and the job's own; the first plan of the list is the largest.
std::vector<PlanChoice> plan_choices(const RuntimeJob& job, const Optimizer& rule);

}  // namespace hone
