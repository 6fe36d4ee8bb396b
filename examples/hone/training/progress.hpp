#pragma once
#include <chrono>
#include <cstdint>
#include <string>

namespace hone {

/// Progress on stderr: on a terminal a bar that is drawn over, on a pipe plain lines.
class Progress {
 public:
  explicit Progress(bool quiet);
  ~Progress() { clear(); }

  /// A line of its own.
  void line(const std::string& text);
  /// Begins to measure the time for the ETA: `done` of `total` steps are already done.
  void start(std::uint64_t done, std::uint64_t total);
  /// Redraws the bar, on a terminal, at most ten times a second.
  void step(std::uint64_t done, const std::string& numbers);

 private:
  void clear();

  bool quiet_, terminal_;
  bool drawn_ = false;
  std::uint64_t first_ = 0, total_ = 0;
  std::chrono::steady_clock::time_point start_, last_drawn_;
};

/// "93.4 %".
std::string percent_text(double share);
/// Four significant digits, for people.
std::string short_text(double value);

}  // namespace hone
