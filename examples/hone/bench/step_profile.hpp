#pragma once
#include <chrono>
#include <vector>

#include "hone/trainer.hpp"

namespace hone {

/// Measures where the time of a trainer's steps goes. The trainer itself runs, with a table of
/// layer functions that read a clock after each layer, so the weights are the same to the bit.
class StepProfile {
 public:
  struct Time {
    double seconds = 0;
    std::uint64_t calls = 0;
  };
  struct LayerTime {
    Time forward, backward;
  };

  /// For trainers of this job with these kernels. Both must outlive the profile, and the profile
  /// the trainer.
  StepProfile(const JobView& job, const Kernels& kernels);
  StepProfile(const StepProfile&) = delete;
  StepProfile& operator=(const StepProfile&) = delete;

  /// What Trainer::init takes.
  JobView job() const { return {job_.program, timed_.data(), job_.trainer}; }
  const Kernels& kernels() const { return clocked_; }

  /// Trainer::step, measured. The time of `fill` is that of the data.
  Status step(Trainer* trainer, std::uint32_t n, FillSamples fill, void* context,
              StepResult* result);

  std::uint64_t steps() const { return steps_; }
  std::uint64_t samples() const { return samples_; }
  /// Seconds of all steps. total = data + forward + loss + backward + the rest, which checks
  /// inputs and frozen weights.
  double total() const { return total_; }
  double data() const { return data_; }
  double forward() const { return sum(&LayerTime::forward); }
  double loss() const { return loss_; }
  double backward() const { return sum(&LayerTime::backward); }
  double rest() const { return total_ - data_ - forward() - loss_ - backward(); }
  /// Of record i of the program.
  const LayerTime& layer(int i) const { return layer_[static_cast<std::size_t>(i)]; }

 private:
  using Clock = std::chrono::steady_clock;

  /// The kernels that layers get to see, and the way from them back to the profile.
  template <class Table>
  struct Clocked : Table {
    Clocked(const Table& k, StepProfile* p) : Table(k), profile(p) {}
    StepProfile* profile;
  };
  struct Feed {
    StepProfile* profile;
    FillSamples fill;
    void* context;
  };

  static std::uint32_t forward(const Pass& p, const LayerRun& l);
  static std::uint32_t backward(const Pass& p, const LayerRun& l);
  static Status fill(void* context, std::uint32_t first, std::uint32_t n, const Samples& to);
  static StepProfile& of(const Pass& p) {
    if (p.integer) return *static_cast<const Clocked<IntegerKernels>*>(p.integer->leaves)->profile;
    return *static_cast<const Clocked<Kernels>*>(p.kernels)->profile;
  }

  LayerTime& time_of(const LayerRun& l) {
    return layer_[static_cast<std::size_t>(&l - job_.program.layer)];
  }
  const LayerFunctions& functions_of(const LayerRun& l) const {
    return job_.functions[&l - job_.program.layer];
  }
  /// Seconds since the last call.
  double lap();
  double sum(Time LayerTime::*pass) const;

  JobView job_;
  Clocked<Kernels> clocked_;
  Clocked<IntegerKernels> clocked_leaves_;
  std::vector<LayerFunctions> timed_;
  std::vector<LayerTime> layer_;
  Clock::time_point last_;
  bool in_forward_ = false;
  std::uint64_t steps_ = 0, samples_ = 0;
  double total_ = 0, data_ = 0, loss_ = 0;
};

}  // namespace hone
