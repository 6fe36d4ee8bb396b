#pragma once

namespace hone {

/// From now on Ctrl-C and SIGTERM are noted instead of ending the program; a second one ends it.
void note_interrupts();
bool interrupted();

}  // namespace hone
