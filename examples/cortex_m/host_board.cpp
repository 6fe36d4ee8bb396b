// The board's part on a PC.
#include <cstdio>
#include <cstdlib>

#include "ports/cortex_m/board.hpp"

namespace hone::board {

void print(const char* text) { std::fputs(text, stdout); }
void exit(int code) { std::exit(code); }

}  // namespace hone::board
