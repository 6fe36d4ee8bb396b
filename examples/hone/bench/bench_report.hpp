#pragma once
#include <string>
#include <vector>

#include "examples/hone/bench/step_profile.hpp"
#include "examples/hone/checkpoint/runtime_job.hpp"

namespace hone {

struct Rate {
  std::uint64_t samples = 0;
  double seconds = 0;
  double per_second() const { return seconds > 0 ? static_cast<double>(samples) / seconds : 0; }
};

/// What hone bench prints. Both arguments must outlive it.
class BenchReport {
 public:
  BenchReport(const RuntimeJob& job, const StepProfile& profile) : job_(job), profile_(profile) {}

  Rate training, inference;
  double peak_gflops = 0;  ///< of one core; 0: not known

  void print_text() const;
  void print_json() const;

 private:
  struct Phase {
    const char* name;
    double seconds;
  };
  /// One layer over all steps.
  struct LayerRow {
    std::string name, output;
    StepProfile::LayerTime time;
    double share = 0;   ///< of the step
    double gflops = 0;  ///< dense count; 0 for a layer without multiply-adds
  };

  std::vector<Phase> phases() const;
  std::vector<LayerRow> layers() const;
  static std::vector<LayerRow> slowest(std::vector<LayerRow> rows);
  double us_a_step(double seconds) const;
  double of_peak(const LayerRow& row) const {
    return peak_gflops > 0 ? row.gflops / peak_gflops : 0;
  }
  void print_row(const LayerRow& row) const;

  const RuntimeJob& job_;
  const StepProfile& profile_;
};

}  // namespace hone
