#include "ports/dispatch.hpp"

#include <cstring>

#if defined(__unix__) || defined(__APPLE__) || defined(_WIN32)
#define HONE_HAS_ENVIRONMENT 1
#include <cstdlib>
#endif

#if defined(HONE_HAS_PORT_neon32) || defined(HONE_HAS_PORT_neon_dot)
#include <sys/auxv.h>
#endif

namespace hone {

#define HONE_PORT(name)          \
  namespace name {               \
  extern const Kernels kKernels; \
  }
HONE_PORT(compact)
HONE_PORT(sse2)
HONE_PORT(sse2_fma)
HONE_PORT(avx2)
HONE_PORT(avx512)
HONE_PORT(avx512_vnni)
HONE_PORT(neon)
HONE_PORT(neon_dot)
HONE_PORT(neon32)
HONE_PORT(thumb)

namespace {

struct Port {
  const Kernels* table;
  bool (*cpu_runs_it)();
};

bool always() { return true; }

// The best last. A CPU runs the ports up to the first that it cannot run: none may need what a port
// behind it does without. ports/CMakeLists.txt says which of them this build has. What
// __builtin_cpu_supports() names the operating system saves, too.
constexpr Port kPorts[] = {
#if defined(HONE_HAS_PORT_compact)
    {&compact::kKernels, always},
#endif
    {&portable::kKernels, always},
#if defined(HONE_HAS_PORT_thumb)
    {&thumb::kKernels, always},
#endif
#if defined(HONE_HAS_PORT_sse2)
    {&sse2::kKernels, always},
#endif
#if defined(HONE_HAS_PORT_sse2_fma)
    {&sse2_fma::kKernels,
     [] { return __builtin_cpu_supports("avx") && __builtin_cpu_supports("fma"); }},
#endif
#if defined(HONE_HAS_PORT_avx2)
    {&avx2::kKernels,
     [] { return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"); }},
#endif
#if defined(HONE_HAS_PORT_avx512)
    {&avx512::kKernels,
     [] {
       return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
              __builtin_cpu_supports("bmi2") && __builtin_cpu_supports("avx512f") &&
              __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
              __builtin_cpu_supports("avx512vl");
     }},
#endif
#if defined(HONE_HAS_PORT_avx512_vnni)
    {&avx512_vnni::kKernels, [] { return __builtin_cpu_supports("avx512vnni") != 0; }},
#endif
#if defined(HONE_HAS_PORT_neon)
    {&neon::kKernels, always},
#endif
#if defined(HONE_HAS_PORT_neon_dot)
    {&neon_dot::kKernels,
     [] {
       constexpr unsigned long kDotProducts = 1ul << 20;
       return (getauxval(AT_HWCAP) & kDotProducts) != 0;
     }},
#endif
#if defined(HONE_HAS_PORT_neon32)
    {&neon32::kKernels,
     [] {
       constexpr unsigned long kNeon = 1ul << 12, kVfpv4 = 1ul << 16;
       return (getauxval(AT_HWCAP) & (kNeon | kVfpv4)) == (kNeon | kVfpv4);
     }},
#endif
};
constexpr std::size_t kPortCount = sizeof kPorts / sizeof kPorts[0];

struct TableList {
  const Kernels* at[kPortCount];
};
constexpr TableList all_tables() {
  TableList all{};
  for (std::size_t i = 0; i < kPortCount; ++i) all.at[i] = kPorts[i].table;
  return all;
}
constexpr TableList kTables = all_tables();

bool is_built(const char* name) {
  for (const Port& port : kPorts)
    if (std::strcmp(name, port.table->name) == 0) return true;
  return false;
}

struct Choice {
  const Kernels* table;
  const char* problem;
};

// What the user asks for; without an operating system there is no environment, and no user.
const char* request() {
#ifdef HONE_HAS_ENVIRONMENT
  return std::getenv("HONE_ISA");
#else
  return nullptr;
#endif
}

// A request may only lower the choice: what the CPU cannot run is not available.
Choice choose(const char* wanted) {
  const Span<const Kernels* const> available = available_kernels();
  const Kernels* const best = available[available.size - 1];
  if (!wanted || wanted[0] == '\0') return {best, nullptr};
  for (const Kernels* table : available)
    if (std::strcmp(wanted, table->name) == 0) return {table, nullptr};
  if (is_built(wanted))
    return {best, "HONE_ISA: this CPU cannot run that port; the best available is used"};
  return {best, "HONE_ISA: this build has no such port; the best available is used"};
}

}  // namespace

Span<const Kernels* const> available_kernels() {
#if defined(__x86_64__)
  __builtin_cpu_init();
#endif
  std::size_t count = 0;
  while (count < kPortCount && kPorts[count].cpu_runs_it()) ++count;
  return {kTables.at, count};
}

#if defined(HONE_HAS_PORT_thumb)
// Every core of the build runs the best one: an image has no other.
const Kernels& kernels() { return thumb::kKernels; }
#else
// The tables are constants and every thread would choose the same: atomic, relaxed, no lock.
const Kernels& kernels() {
  static const Kernels* chosen = nullptr;
  const Kernels* table = __atomic_load_n(&chosen, __ATOMIC_RELAXED);
  if (!table) {
    table = choose(request()).table;
    __atomic_store_n(&chosen, table, __ATOMIC_RELAXED);
  }
  return *table;
}
#endif

const char* isa_request_problem() { return choose(request()).problem; }

}  // namespace hone
