#pragma once
#include <string>
#include <utility>

namespace hone {

/// Exit codes of the program.
enum ExitCode : int {
  kExitOk = 0,
  kExitInternal = 1,
  kExitUsage = 2,
  kExitData = 3,
  kExitModel = 4,     ///< model or checkpoint file; shapes that do not fit; more RAM than allowed
  kExitStorage = 5,   ///< an unwritable or full output
  kExitDiverged = 6,  ///< the old model is kept
  kExitGate = 7,      ///< the new model is not better; the old one is kept
  kExitInterrupted = 130,
};

/// One line for the user, naming file, line or byte, what was expected, what was found and what
/// to do; and the code that the program exits with.
struct Error {
  int exit_code = kExitOk;
  std::string text;

  /// Fills it and returns false, for `return error->fail(...)`.
  bool fail(int code, std::string line) {
    exit_code = code;
    text = std::move(line);
    return false;
  }
};

}  // namespace hone
