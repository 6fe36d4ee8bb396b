#pragma once

namespace hone::bench {

/// What this process has used so far. CPU seconds do not grow while others hold the CPU.
double cpu_seconds();
double wall_seconds();
/// Resident memory: now, and the most so far.
long resident_kb();
long peak_resident_kb();

}  // namespace hone::bench
