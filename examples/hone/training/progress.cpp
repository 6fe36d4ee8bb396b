#include "examples/hone/training/progress.hpp"

#include <unistd.h>

#include <cstdio>

#include "examples/hone/data/fault_text.hpp"

namespace hone {
namespace {

constexpr int kBarWidth = 30;

std::string time_text(double seconds) {
  char out[32];
  const auto s = static_cast<unsigned long>(seconds);
  if (s < 3600)
    std::snprintf(out, sizeof out, "%lu:%02lu", s / 60, s % 60);
  else
    std::snprintf(out, sizeof out, "%lu:%02lu:%02lu", s / 3600, s / 60 % 60, s % 60);
  return out;
}

}  // namespace

std::string percent_text(double share) {
  char out[32];
  std::snprintf(out, sizeof out, "%.2f %%", 100 * share);
  return out;
}

std::string short_text(double value) {
  char out[32];
  std::snprintf(out, sizeof out, "%.4g", value);
  return out;
}

Progress::Progress(bool quiet) : quiet_(quiet), terminal_(::isatty(STDERR_FILENO) == 1) {}

void Progress::clear() {
  if (drawn_) std::fputs("\r\033[K", stderr);
  drawn_ = false;
}

void Progress::line(const std::string& text) {
  if (quiet_) return;
  clear();
  std::fprintf(stderr, "%s\n", one_line(text).c_str());
}

void Progress::start(std::uint64_t done, std::uint64_t total) {
  first_ = done;
  total_ = total;
  start_ = last_drawn_ = std::chrono::steady_clock::now();
}

void Progress::step(std::uint64_t done, const std::string& numbers) {
  if (quiet_ || !terminal_ || total_ == 0) return;
  const auto now = std::chrono::steady_clock::now();
  if (drawn_ && now - last_drawn_ < std::chrono::milliseconds(100)) return;
  last_drawn_ = now;
  const double share = static_cast<double>(done) / static_cast<double>(total_);
  const double elapsed = std::chrono::duration<double>(now - start_).count();
  const double fresh = static_cast<double>(done - first_);
  const double left = fresh > 0 ? elapsed / fresh * static_cast<double>(total_ - done) : 0;
  const int full = static_cast<int>(share * kBarWidth);
  const std::string bar = std::string(static_cast<std::size_t>(full), '#') +
                          std::string(static_cast<std::size_t>(kBarWidth - full), '.');
  std::fprintf(stderr, "\r\033[K[%s] %3d %%  ETA %s  %s", bar.c_str(),
               static_cast<int>(100 * share), time_text(left).c_str(), one_line(numbers).c_str());
  std::fflush(stderr);
  drawn_ = true;
}

}  // namespace hone
