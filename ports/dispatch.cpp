#include "ports/dispatch.hpp"

#include <cstdlib>
#include <cstring>

#if defined(__arm__) && defined(__linux__)
#include <sys/auxv.h>
#endif

namespace hone {

#define HONE_PORT(name)          \
  namespace name {               \
  extern const Kernels kKernels; \
  }
#if defined(__x86_64__)
HONE_PORT(sse2)
HONE_PORT(sse2_fma)
HONE_PORT(avx2)
HONE_PORT(avx512)
#elif defined(__aarch64__)
HONE_PORT(neon)
#elif defined(__arm__)
HONE_PORT(neon32)
#endif

namespace {

// What this build has, the best last, each with the CPU that it needs.
struct Port {
  const Kernels* table;
  bool (*runs)();
};

bool always() { return true; }

#if defined(__x86_64__)
// These look at what the operating system saves, too.
bool has_fma() { return __builtin_cpu_supports("avx") && __builtin_cpu_supports("fma"); }
bool has_avx2() { return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"); }
bool has_avx512() {
  return has_avx2() && __builtin_cpu_supports("bmi2") && __builtin_cpu_supports("avx512f") &&
         __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
         __builtin_cpu_supports("avx512vl");
}
constexpr Port kPorts[] = {{&portable::kKernels, always},
                           {&sse2::kKernels, always},
                           {&sse2_fma::kKernels, has_fma},
                           {&avx2::kKernels, has_avx2},
                           {&avx512::kKernels, has_avx512}};
#elif defined(__aarch64__)
constexpr Port kPorts[] = {{&portable::kKernels, always}, {&neon::kKernels, always}};
#elif defined(__arm__)
bool has_neon_vfpv4() {
#if defined(__linux__)
  constexpr unsigned long kNeon = 1ul << 12, kVfpv4 = 1ul << 16;
  return (getauxval(AT_HWCAP) & (kNeon | kVfpv4)) == (kNeon | kVfpv4);
#else
  return false;
#endif
}
constexpr Port kPorts[] = {{&portable::kKernels, always}, {&neon32::kKernels, has_neon_vfpv4}};
#else
constexpr Port kPorts[] = {{&portable::kKernels, always}};
#endif
constexpr std::size_t kPortCount = sizeof kPorts / sizeof kPorts[0];

struct Available {
  const Kernels* table[kPortCount];
  std::size_t count;
};

Available detect() {
  Available found{{}, 0};
#if defined(__x86_64__)
  __builtin_cpu_init();
#endif
  for (const Port& port : kPorts)
    if (port.runs()) found.table[found.count++] = port.table;
  return found;
}

bool is_built(const char* name) {
  for (const Port& port : kPorts)
    if (std::strcmp(name, port.table->name) == 0) return true;
  return false;
}

struct Choice {
  const Kernels* table;
  const char* problem;
};

// A request may only lower the choice: what the CPU cannot run is not among `found`.
Choice choose(const Available& found, const char* request) {
  const Kernels* const best = found.table[found.count - 1];
  if (!request || request[0] == '\0') return {best, nullptr};
  for (std::size_t i = 0; i < found.count; ++i)
    if (std::strcmp(request, found.table[i]->name) == 0) return {found.table[i], nullptr};
  if (is_built(request)) return {best, "HONE_ISA: this CPU cannot run that port; the best available is used"};
  return {best, "HONE_ISA: this build has no such port; the best available is used"};
}

}  // namespace

// The tables are constants and every thread would choose the same: atomic, relaxed, no lock.
const Kernels& kernels() {
  static const Kernels* chosen = nullptr;
  const Kernels* table = __atomic_load_n(&chosen, __ATOMIC_RELAXED);
  if (!table) {
    table = choose(detect(), std::getenv("HONE_ISA")).table;
    __atomic_store_n(&chosen, table, __ATOMIC_RELAXED);
  }
  return *table;
}

const char* isa_request_problem() { return choose(detect(), std::getenv("HONE_ISA")).problem; }

Span<const Kernels* const> available_kernels() {
  static const Available found = detect();
  return {found.table, found.count};
}

}  // namespace hone
