#include "examples/hone/training/sample_feed.hpp"

#include "examples/hone/training/interrupt.hpp"
#include "hone/fixed.hpp"
#include "hone/sampler.hpp"

namespace hone {

Status SampleFeed::fill(void* context, std::uint32_t first, std::uint32_t n, const Samples& to) {
  const SampleFeed& self = *static_cast<const SampleFeed*>(context);
  const ProgramView& v = *self.program;
  for (std::uint32_t i = 0; i < n; ++i) {
    const std::size_t sample = self.place(first + i);
    const std::size_t x = std::size_t{i} * v.inputs;
    const bool filled =
        to.x ? self.data->fill(self.part, sample, self.epoch, to.x + x, self.error)
             : self.data->fill(self.part, sample, self.epoch, to.x_mantissas + x, self.error);
    if (!filled) return Status::io_error;
    const std::uint32_t label = self.data->label(self.part, sample);
    if (to.labels) {
      to.labels[i] = static_cast<std::uint16_t>(label);
      continue;
    }
    constexpr std::int32_t kOne = std::int32_t{1} << -kTargetExponent;
    for (std::uint32_t c = 0; c < v.classes; ++c) {
      const std::size_t at = std::size_t{i} * v.classes + c;
      if (to.targets)
        to.targets[at] = c == label ? 1.0f : 0.0f;
      else
        to.target_mantissas[at] = c == label ? kOne : 0;
    }
  }
  return Status::ok;
}

bool score_part(Dataset* data, Part part, Trainer* trainer, PartScore* score, Error* error) {
  SampleFeed feed;
  feed.data = data;
  feed.program = &trainer->program();
  feed.error = error;
  feed.part = part;
  const std::size_t n = data->size(part), micro = trainer->program().micro;
  Evaluation sums;
  *score = PartScore();
  score->samples = n;
  for (; feed.begin < n; feed.begin += micro) {
    if (interrupted()) return error->fail(kExitInterrupted, "");
    const auto here = static_cast<std::uint32_t>(n - feed.begin < micro ? n - feed.begin : micro);
    const Status s = trainer->evaluate(here, SampleFeed::fill, &feed, sums);
    if (s == Status::io_error) return false;
    if (s != Status::ok)
      return error->fail(s == Status::not_finite ? kExitDiverged : kExitInternal,
                         data->name(part, feed.begin) +
                             ": expected finite outputs of the model, "
                             "found " +
                             to_string(s));
    for (std::uint32_t i = 0; i < here; ++i)
      if (trainer->best_class(i) == data->label(part, feed.place(i))) ++score->correct;
  }
  score->loss = sums.mean_loss();
  return true;
}

bool calibrate_outputs(Dataset* data, std::uint64_t seed, Trainer* trainer, Error* error) {
  constexpr std::size_t kEnough = 256;
  std::vector<std::uint32_t> order(data->size(Part::train));
  epoch_order({order.data(), order.size()}, seed, 0);
  SampleFeed feed;
  feed.data = data;
  feed.program = &trainer->program();
  feed.error = error;
  feed.order = &order;
  const std::size_t n = order.size() < kEnough ? order.size() : kEnough;
  const std::size_t batch = trainer->program().batch;
  for (; feed.begin < n; feed.begin += batch) {
    const std::size_t here = n - feed.begin < batch ? n - feed.begin : batch;
    const Status s = trainer->calibrate(static_cast<std::uint32_t>(here), SampleFeed::fill, &feed);
    if (s == Status::io_error) return false;
    if (s != Status::ok)
      return error->fail(kExitInternal, std::string("calibration: ") + to_string(s));
  }
  return true;
}

}  // namespace hone
