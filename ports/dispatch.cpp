#include "ports/dispatch.hpp"

#include <cstdlib>
#include <cstring>

namespace hone {

#if defined(__x86_64__)
namespace avx2 {
extern const Kernels kKernels;
}
#endif

namespace {

// Tables this CPU can run, the best last: what HONE_ISA asks for may only be an earlier one.
struct Available {
  const Kernels* table[2];
  std::size_t count;
};

Available detect() {
  Available found{{&portable::kKernels, nullptr}, 1};
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
    found.table[found.count++] = &avx2::kKernels;
#endif
  return found;
}

struct Choice {
  const Kernels* table;
  const char* problem;
};

Choice choose(const Available& found, const char* request) {
  const Kernels* const best = found.table[found.count - 1];
  if (!request || request[0] == '\0') return {best, nullptr};
  for (std::size_t i = 0; i < found.count; ++i)
    if (std::strcmp(request, found.table[i]->name) == 0) return {found.table[i], nullptr};
  if (std::strcmp(request, "avx2") == 0)
    return {best, "HONE_ISA=avx2: this CPU or this build has no avx2; the best available is used"};
  return {best, "HONE_ISA: expected portable or avx2; the best available is used"};
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
  static const Kernels* const all[] = {
    &portable::kKernels,
#if defined(__x86_64__)
    &avx2::kKernels,
#endif
  };
  return {all, detect().count};
}

}  // namespace hone
