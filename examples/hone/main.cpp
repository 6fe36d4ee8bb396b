#include <csignal>
#include <cstdio>
#include <cstring>
#include <new>

#include "examples/hone/data/fault_text.hpp"
#include "examples/hone/options/options.hpp"
#include "hone/checkpoint.hpp"
#include "hone/kernels.hpp"
#include "hone/nearest_word.hpp"
#include "ports/dispatch.hpp"

namespace hone {
namespace {

constexpr const char* kVersion = "0.1.0";

/// For --json too, so that stdout stays empty or whole.
int report(const Error& error) {
  std::fprintf(stderr, "hone: %s\n", one_line(error.text).c_str());
  return error.exit_code;
}

int print(const std::string& text) {
  std::fputs(text.c_str(), stdout);
  return kExitOk;
}

int print_version() {
  return print(std::string("hone ") + kVersion + ", contract " + kCheckpointContract + ", port " +
               kernels().name + "\n");
}

bool is_command(const CommandRow& row, const char* word) {
  return std::strcmp(row.name, word) == 0;
}

int refuse_command(const char* word) {
  NearestWord near(word);
  for (const CommandRow& row : kCommands) near.consider(row.name);
  Error error;
  error.fail(kExitUsage, "expected a command, found '" + printable(word) + "'" +
                             (near.best.size ? "; did you mean " +
                                                   std::string(near.best.data, near.best.size) + "?"
                                             : "; see hone --help"));
  return report(error);
}

int run_command(const CommandRow& row, const std::vector<std::string>& arguments) {
  Error error;
  Options options;
  if (!options.parse(row, arguments, &error)) return report(error);
  if (options.flag("help")) return print(help_text(row));
  const char* const problem = isa_request_problem();
  if (problem && !options.flag("quiet"))
    std::fprintf(stderr, "hone: %s\n", one_line(problem).c_str());
  return row.run(options, &error) ? kExitOk : report(error);
}

int run(int count, char** words) {
  if (count < 2) {
    Error error;
    error.fail(kExitUsage, "expected a command, found none; see hone --help");
    return report(error);
  }
  const std::string first = words[1];
  if (first == "--help" || first == "-h" || first == "help") return print(help_text());
  if (first == "--version") return print_version();
  for (const CommandRow& row : kCommands)
    if (is_command(row, words[1]))
      return run_command(row, std::vector<std::string>(words + 2, words + count));
  return refuse_command(words[1]);
}

}  // namespace
}  // namespace hone

int main(int count, char** words) {
  // A reader that went away is a failed write, reported below, not a silent death.
  std::signal(SIGPIPE, SIG_IGN);
  int code = hone::kExitInternal;
  try {
    code = hone::run(count, words);
  } catch (const std::bad_alloc&) {
    std::fputs("hone: expected more memory for this model or data, found none free\n", stderr);
  }
  if (std::fflush(stdout) == 0 && !std::ferror(stdout)) return code;
  std::fputs("hone: cannot write to standard output\n", stderr);
  return code == hone::kExitOk ? hone::kExitStorage : code;
}
