#pragma once
#include "hone/job.hpp"
#include "tests/bench/pixel_scale.hpp"

namespace hone::bench {

/// A net, a batch and a rule that the peers train too (README.md).
struct Workload {
  const char* name;
  JobView job, least_job;  ///< least_job: the plan that needs least memory
  JobView integer_job;     ///< in w16a8
  int epochs;
  const char* data;  ///< prefix of the names of its files
  PixelScale scale;
};

/// Null for an unknown name.
const Workload* find_workload(const char* name);

}  // namespace hone::bench
