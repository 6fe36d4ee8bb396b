#include <cstdint>

#include "board.hpp"

// From reset to main(), for any Cortex-M3, M4 or M7 (ARMv7-M Architecture Reference Manual, B1.5).
// No constructors: nothing in core or ports has any, and an image should not either.
extern "C" {

// From the linker script; the addresses are the values.
extern std::uint32_t hone_stack_top, hone_data_load, hone_data_begin, hone_data_end, hone_bss_begin,
    hone_bss_end;

// ISO C++ lets nobody call main() by that name.
int image_main() asm("main");

/// What an image on a C library needs before main(); empty here, board_newlib.cpp has another.
__attribute__((weak)) void hone_before_main() {}

// A fault ends the run at once and not in a hanging emulator. On a board without a debugger the
// breakpoint in it stops the core.
[[noreturn]] static void fault() { hone::board::exit(99); }

[[noreturn]] void hone_reset() {
#if defined(__ARM_FP)
  // CPACR: full access to the FPU, before any code that may use it.
  *reinterpret_cast<volatile std::uint32_t*>(0xE000ED88u) |= 0xFu << 20;
  asm volatile("dsb\n isb" ::: "memory");
#endif
  const std::uint32_t* from = &hone_data_load;
  for (volatile std::uint32_t* to = &hone_data_begin; to != &hone_data_end;) *to++ = *from++;
  for (volatile std::uint32_t* to = &hone_bss_begin; to != &hone_bss_end;) *to++ = 0;
  hone_before_main();
  hone::board::exit(image_main());
}

struct Vectors {
  const void* stack;
  void (*reset)();
  void (*nmi)();
  void (*hard_fault)();
};
// All others need an enable bit, which nobody sets, or an instruction that is not there: until then
// every fault is a hard fault. An image with interrupts brings a longer table.
__attribute__((section(".vectors"), used))
const Vectors hone_vectors = {&hone_stack_top, hone_reset, fault, fault};

}  // extern "C"
