#include "examples/hone/training/interrupt.hpp"

#include <unistd.h>

#include <csignal>

#include "examples/hone/error.hpp"

namespace hone {
namespace {

volatile std::sig_atomic_t noted = 0;

extern "C" void note(int) { noted = 1; }

/// Only calls that a signal handler may make.
extern "C" void leave(int) {
  constexpr char kLine[] = "hone: interrupted before the first step; nothing was written\n";
  const ssize_t written = ::write(STDERR_FILENO, kLine, sizeof kLine - 1);
  static_cast<void>(written);
  ::_exit(kExitInterrupted);
}

void handle_interrupts(void (*handler)(int)) {
  struct sigaction action = {};
  action.sa_handler = handler;
  sigemptyset(&action.sa_mask);
  action.sa_flags = static_cast<int>(SA_RESTART | SA_RESETHAND);
  ::sigaction(SIGINT, &action, nullptr);
  ::sigaction(SIGTERM, &action, nullptr);
}

}  // namespace

void exit_on_interrupts() { handle_interrupts(leave); }

void note_interrupts() { handle_interrupts(note); }

bool interrupted() { return noted != 0; }

}  // namespace hone
