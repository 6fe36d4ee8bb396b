#pragma once

namespace hone {

/// From now on Ctrl-C and SIGTERM end the program with one line and exit code 130: before a run has
/// written anything.
void exit_on_interrupts();
/// From now on they are noted instead of ending the program; a second one ends it.
void note_interrupts();
bool interrupted();

}  // namespace hone
