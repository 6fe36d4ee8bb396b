#include "examples/hone/bench/fma_peak.hpp"

#include <cstring>
#include <ctime>

#include "examples/hone/bench/fma_loop.hpp"

// HONE_FMA_PORTS is PORT(a)PORT(b)..., one for each port that the build compiled fma_loop.cpp for.
namespace hone {

#define PORT(name)                        \
  namespace name {                        \
  extern const FmaLoop kLoops[kFmaLoops]; \
  }
HONE_FMA_PORTS
#undef PORT

namespace {

struct PortLoops {
  const char* port;
  const FmaLoop* loops;
};
const PortLoops kPorts[] = {
#define PORT(name) {#name, name::kLoops},
    HONE_FMA_PORTS
#undef PORT
};

double seconds(const FmaLoop& loop, long rounds) {
  volatile float sink = 0;
  const std::clock_t begin = std::clock();
  sink = loop.run(rounds, 0.999f, 0.001f);
  (void)sink;
  return static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
}

double best_rate(const FmaLoop& loop) {
  constexpr double kLongEnough = 0.005;
  constexpr int kRepeats = 5;
  long rounds = 1000;
  while (seconds(loop, rounds) < kLongEnough) rounds *= 2;
  double best = 0;
  for (int i = 0; i < kRepeats; ++i) {
    const double flops = 2.0 * static_cast<double>(rounds) * loop.chains * loop.lanes;
    const double rate = flops / seconds(loop, rounds) * 1e-9;
    if (rate > best) best = rate;
  }
  return best;
}

}  // namespace

double fma_peak(const char* port) {
  double best = 0;
  for (const PortLoops& p : kPorts) {
    if (std::strcmp(p.port, port) != 0) continue;
    for (int i = 0; i < kFmaLoops; ++i) {
      const double rate = best_rate(p.loops[i]);
      if (rate > best) best = rate;
    }
  }
  return best;
}

}  // namespace hone
