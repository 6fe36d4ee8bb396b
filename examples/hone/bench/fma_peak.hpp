#pragma once

namespace hone {

/// The fused multiply-adds that one core does at best with the instruction set of a port, measured
/// now: GFLOP/s, 2 a lane. On a CPU without them, multiplications and additions. 0 for a name that
/// this build does not know.
double fma_peak(const char* port);

}  // namespace hone
