#pragma once
#include <cstdint>
#include <vector>

#include "session.hpp"

namespace hone_test {

/// What a plan says about each byte of the arena.
enum class Use : std::uint8_t {
  padding,  ///< behind a tensor, up to the alignment
  scratch,  ///< a kernel may leave some of it alone
  tensor,   ///< every byte is written in a step
};
std::vector<Use> planned_use(const Session& session, hone::Batch batch);

/// What two runs in arenas of different fill did.
struct ArenaRun {
  bool ok = false;  ///< canaries intact, the same results from both fills
  hone::Status status = hone::Status::ok;
  std::vector<bool> touched;   ///< by byte
  std::vector<float> numbers;  ///< parameters, velocity, losses
};
/// `steps` steps on n samples each, the last on one sample less.
ArenaRun run_twice(Session& session, const SampleSet& set, int steps, std::uint32_t n,
                   const hone::Kernels& kernels);

}  // namespace hone_test
