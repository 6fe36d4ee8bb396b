#include "examples/hone/bench/step_profile.hpp"

namespace hone {

StepProfile::StepProfile(const JobView& job, const Kernels& kernels)
    : job_(job),
      clocked_(kernels, this),
      clocked_leaves_(kernels.integer ? *kernels.integer : IntegerKernels{}, this),
      layer_(static_cast<std::size_t>(job.program.n)) {
  clocked_.integer = &clocked_leaves_;
  timed_.assign(layer_.size(), {forward, backward});
}

double StepProfile::lap() {
  const Clock::time_point now = Clock::now();
  const double seconds = std::chrono::duration<double>(now - last_).count();
  last_ = now;
  return seconds;
}

double StepProfile::sum(Time LayerTime::*pass) const {
  double seconds = 0;
  for (const LayerTime& t : layer_) seconds += (t.*pass).seconds;
  return seconds;
}

std::uint32_t StepProfile::forward(const Pass& p, const LayerRun& l) {
  StepProfile& self = of(p);
  if (!self.in_forward_) self.lap();  // what came before is no layer's time
  self.in_forward_ = true;
  const std::uint32_t flags = self.functions_of(l).forward(p, l);
  Time& time = self.time_of(l).forward;
  time.seconds += self.lap();
  ++time.calls;
  return flags;
}

std::uint32_t StepProfile::backward(const Pass& p, const LayerRun& l) {
  StepProfile& self = of(p);
  if (self.in_forward_) self.loss_ += self.lap();  // all since the last layer
  self.in_forward_ = false;
  const std::uint32_t flags = self.functions_of(l).backward(p, l);
  Time& time = self.time_of(l).backward;
  time.seconds += self.lap();
  ++time.calls;
  return flags;
}

Status StepProfile::fill(void* context, std::uint32_t first, std::uint32_t n, const Samples& to) {
  const Feed& feed = *static_cast<const Feed*>(context);
  feed.profile->lap();
  const Status status = feed.fill(feed.context, first, n, to);
  feed.profile->data_ += feed.profile->lap();
  return status;
}

Status StepProfile::step(Trainer* trainer, std::uint32_t n, FillSamples fill_samples, void* context,
                         StepResult* result) {
  Feed feed{this, fill_samples, context};
  const Clock::time_point begin = Clock::now();
  in_forward_ = false;
  const Status status = trainer->step(n, fill, &feed, *result);
  total_ += std::chrono::duration<double>(Clock::now() - begin).count();
  ++steps_;
  samples_ += n;
  return status;
}

}  // namespace hone
