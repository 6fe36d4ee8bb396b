#pragma once

/// What a bare-metal image asks of the outside world, by semihosting: the debugger or emulator that
/// runs the core does it at a breakpoint instruction. A product replaces board.cpp by its own.
namespace hone::board {

/// Text that ends with 0.
void print(const char* text);
/// Ends the run; qemu exits with this code.
[[noreturn]] void exit(int code);

}  // namespace hone::board
