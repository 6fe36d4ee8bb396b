#include "examples/hone/training/counters_text.hpp"

namespace hone {

std::string counters_text(const LayerCounters& counters) {
  const struct {
    const char* what;
    std::uint16_t LayerCounters::*count;
  } rows[] = {{"outputs cut", &LayerCounters::saturated},
              {"gradients cut", &LayerCounters::gradient_saturated},
              {"gradients all 0", &LayerCounters::gradient_zero},
              {"no weight changed", &LayerCounters::unchanged},
              {"weights rescaled", &LayerCounters::rescaled}};
  std::string out;
  for (const auto& row : rows) {
    const unsigned steps = counters.*row.count;
    if (steps == 0) continue;
    out += (out.empty() ? "" : ", ") + std::string(row.what) + " in " + std::to_string(steps) +
           (steps == LayerCounters::kMost ? " or more" : "") + (steps == 1 ? " step" : " steps");
  }
  return out;
}

}  // namespace hone
