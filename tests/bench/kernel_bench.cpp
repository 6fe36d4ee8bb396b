// Times the leaves of every port that do the multiply-adds of a net.
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

#include "examples/hone/bench/fma_peak.hpp"
#include "ports/dispatch.hpp"
#include "tests/bench/kernel_run.hpp"
#include "tests/bench/process_use.hpp"
#include "tests/bench/quantile.hpp"

namespace hone::bench {
namespace {

constexpr const char* kUsage =
    "usage: kernel_bench [--port NAME] [--seconds S] [WORD]...\n"
    "Times the leaves whose line contains every WORD: a leaf, a workload, a piece of a shape.\n"
    "--seconds: of each measurement (default 0.05; 0: one call).\n";

struct Arguments {
  const char* port = nullptr;  // null: all
  double seconds = 0.05;
  std::vector<const char*> words;
};

/// Seconds of one call: the median of repeats that fill the time together.
template <class Call>
double time_of(double seconds, Call call) {
  constexpr int kRepeats = 9;
  const auto repeat = [&](long calls) {
    const double begin = cpu_seconds();
    for (long i = 0; i < calls; ++i) call();
    return (cpu_seconds() - begin) / static_cast<double>(calls);
  };
  const double once = repeat(1);  // also brings the memory into the caches
  if (seconds <= 0) return once;
  const double calls = seconds / kRepeats / repeat(1);
  std::vector<double> times;
  for (int i = 0; i < kRepeats; ++i)
    times.push_back(repeat(calls > 1 ? static_cast<long>(calls) : 1));
  return median(times);
}

bool contains_all(const std::string& line, const std::vector<const char*>& words) {
  for (const char* word : words)
    if (line.find(word) == std::string::npos) return false;
  return true;
}

class Table {
 public:
  Table(const Arguments& arguments, const Kernels& port)
      : arguments_(arguments), port_(port), peak_(fma_peak(port.name)) {
    std::printf("%s: %.1f GFLOP/s at best\n", port.name, peak_);
    std::printf("%-6s %-19s %5s  %-52s %11s %8s %8s\n", "group", "leaf", "batch", "layer",
                "us a call", "GFLOP/s", "of peak");
  }

  /// False if a leaf has made a weight that is not finite.
  bool add(const KernelCase& c) {
    KernelRun run(c);
    std::uint32_t flags = 0;
    run.forward(port_);
    add_row(c, run.forward_name(), run.forward_flops(), [&] { run.forward(port_); });
    add_row(c, run.backward_name(), run.backward_flops(), [&] { flags |= run.backward(port_); });
    return flags == 0;
  }

 private:
  template <class Call>
  void add_row(const KernelCase& c, const char* leaf, double flops, Call call) const {
    const std::string layer = c.text();
    if (!contains_all(std::string(c.group) + " " + leaf + " " + layer, arguments_.words)) return;
    const double seconds = time_of(arguments_.seconds, call);
    const double gflops = 1e-9 * flops / seconds;
    std::printf("%-6s %-19s %5u  %-52s %11.2f %8.1f %6.1f %%\n", c.group, leaf, c.n, layer.c_str(),
                1e6 * seconds, gflops, 100 * gflops / peak_);
    std::fflush(stdout);
  }

  const Arguments& arguments_;
  const Kernels& port_;
  double peak_;
};

bool parse(int count, char** words, Arguments* to) {
  for (int i = 1; i < count; ++i) {
    const bool has_value = i + 1 < count;
    if (std::strcmp(words[i], "--port") == 0 && has_value)
      to->port = words[++i];
    else if (std::strcmp(words[i], "--seconds") == 0 && has_value)
      to->seconds = std::strtod(words[++i], nullptr);
    else if (words[i][0] == '-')
      return false;
    else
      to->words.push_back(words[i]);
  }
  return true;
}

int run(const Arguments& arguments) {
  bool found = false, finite = true;
  for (const Kernels* port : available_kernels()) {
    if (arguments.port && std::strcmp(arguments.port, port->name) != 0) continue;
    found = true;
    Table table(arguments, *port);
    for (const KernelCase& c : kernel_cases()) finite &= table.add(c);
    std::printf("\n");
  }
  if (!found) std::fprintf(stderr, "kernel_bench: this CPU has no port %s\n", arguments.port);
  if (!finite) std::fprintf(stderr, "kernel_bench: a weight is not finite\n");
  return found && finite ? 0 : 1;
}

}  // namespace
}  // namespace hone::bench

int main(int count, char** words) {
  hone::bench::Arguments arguments;
  if (hone::bench::parse(count, words, &arguments)) return hone::bench::run(arguments);
  std::fputs(hone::bench::kUsage, stderr);
  return 2;
}
