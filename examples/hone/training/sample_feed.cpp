#include "examples/hone/training/sample_feed.hpp"

#include "examples/hone/training/interrupt.hpp"

namespace hone {

Status SampleFeed::fill(void* context, std::uint32_t first, std::uint32_t n, const Samples& to) {
  const SampleFeed& self = *static_cast<const SampleFeed*>(context);
  const ProgramView& v = *self.program;
  for (std::uint32_t i = 0; i < n; ++i) {
    const std::size_t sample = self.place(first + i);
    float* const x = to.x + std::size_t{i} * v.inputs;
    if (!self.data->fill(self.part, sample, self.epoch, x, self.error)) return Status::io_error;
    const std::uint32_t label = self.data->label(self.part, sample);
    if (to.labels) {
      to.labels[i] = static_cast<std::uint16_t>(label);
      continue;
    }
    for (std::uint32_t c = 0; c < v.classes; ++c)
      to.targets[std::size_t{i} * v.classes + c] = c == label ? 1.0f : 0.0f;
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
  std::uint64_t correct = 0;
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
      if (trainer->best_class(i) == data->label(part, feed.place(i))) ++correct;
  }
  score->loss = sums.mean_loss();
  score->accuracy = n ? static_cast<double>(correct) / static_cast<double>(n) : 0.0;
  return true;
}

}  // namespace hone
