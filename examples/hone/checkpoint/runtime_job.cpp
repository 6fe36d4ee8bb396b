#include "examples/hone/checkpoint/runtime_job.hpp"

#include "hone/fixed.hpp"

namespace hone {

std::string shape_text(Shape s) {
  return std::to_string(s.h) + "x" + std::to_string(s.w) + "x" + std::to_string(s.c);
}

PlanMemory RuntimeJob::memory() {
  const std::size_t n = static_cast<std::size_t>(model_.size());
  const std::size_t buffers = static_cast<std::size_t>(buffers_of(model_.size()));
  layer_.resize(n);
  buffer_.resize(buffers);
  order_.resize(buffers);
  placed_.resize(buffers);
  return {layer_.data(), buffer_.data(), order_.data(), placed_.data(), model_.size()};
}

/// w16a8 sums the gradients of a split batch in 32 bits.
bool RuntimeJob::sums_overflow() const {
  const int i = totals_.bad_layer;
  if (totals_.status != Status::too_large || i < 0 || model_.numeric() != Numeric::w16a8)
    return false;
  return batch_.in_memory() < batch_.size && layer(i).trained && positions(i) > most_positions();
}

/// What the layer that does not fit expected and found.
std::string RuntimeJob::misfit() const {
  const int i = totals_.bad_layer;
  const LayerSpec& s = model_.layer(i);
  const std::string found =
      s.from[0] >= 0 ? ", found " + shape_text(layer(s.from[0]).shape.out) : "";
  if (sums_overflow())
    return "expected at most " + std::to_string(most_positions()) +
           " positions of its output, whose gradients of a batch of " +
           std::to_string(batch_.size) + " in pieces w16a8 sums in 32 bits, found " +
           std::to_string(positions(i)) + "; use a smaller --batch, or leave it in one piece " +
           "without --micro-batch and --ram";
  const Window& window = layer(i).shape.window;
  const std::uint64_t outputs = layer(i).shape.out.size(),
                      taps = std::uint64_t{window.kernel_h} * window.kernel_w;
  const bool too_large = totals_.status == Status::too_large;
  const int last = model_.size() - (is_loss(model_.layer(model_.size() - 1).op) ? 2 : 1);
  if (too_large && i == last && outputs > kMaxClasses)
    return "expected at most " + std::to_string(kMaxClasses) + " classes, found " +
           std::to_string(outputs);
  if (too_large && layer(i).shape.kernel == Op::avg_pool && taps > kMaxAveraged)
    return "expected at most " + std::to_string(kMaxAveraged) +
           " pixels in a window under w16a8, found " + std::to_string(taps) +
           "; pool before it, or use --numeric f32";
  if (too_large)
    return "expected tensors of at most 2^28 numbers and images of at most 65535 pixels a side" +
           (found.empty() ? std::string(", found larger ones") : found + " before it");
  if (totals_.status == Status::bad_argument && s.op != Op::dropout && s.op != Op::leaky_relu)
    return "expected a later layer that uses its output, found none; remove it or add it to one";
  switch (s.op) {
    case Op::linear:
      return "expected an input of 1x1xN and at least 1 output" + found + "; put flatten before it";
    case Op::conv2d:
    case Op::depthwise:
    case Op::max_pool:
    case Op::avg_pool:
      return "expected an input that " + std::to_string(s.kernel_h) + "x" +
             std::to_string(s.kernel_w) +
             " fits into, channels and outputs divisible by groups, padding below the window" +
             found;
    case Op::add:
      return "expected two inputs of one shape" + found + " and " +
             shape_text(layer(s.from[1]).shape.out);
    case Op::dropout:
      return "expected a chance to drop from 0 to 1";
    case Op::leaky_relu:
      return "expected a slope of 0, or from 2^-40 to below 1";
    default:
      return "expected sizes above 0" + found;
  }
}

bool RuntimeJob::refuse_layer(Error* error) const {
  if (totals_.bad_layer >= 0)
    return error->fail(kExitModel, model_.place(totals_.bad_layer) + ": " + misfit());
  if (totals_.status == Status::too_large)
    return error->fail(kExitModel, model_.name() +
                                       ": expected a plan of less than 2 GiB, found "
                                       "more; use a smaller --micro-batch");
  return error->fail(kExitUsage,
                     "expected rates, decay and momentum that are 0 or at least 2^-40, "
                     "momentum below 1, found others");
}

bool RuntimeJob::plan(const ModelSource& model, const Optimizer& rule, Batch batch, PlanKind kind,
                      Error* error) {
  model_ = model;
  batch_ = batch;
  plan_into(model_.view(), rule, batch, kind, SharingRules{}, memory(), totals_);
  if (totals_.status != Status::ok) return refuse_layer(error);
  run_.resize(static_cast<std::size_t>(model_.size()));
  view_.program = compile_into(model_.view(), rule, batch, kind, layer_.data(), buffer_.data(),
                               totals_, run_.data());
  functions_.clear();
  for (const LayerRun& l : run_)
    functions_.push_back(functions_of(run_.data(), l, view_.program.numeric));
  view_.functions = functions_.data();
  view_.trainer = trainer_of(view_.program.numeric);
  arena_.clear();
  return true;
}

std::uint64_t RuntimeJob::positions(int i) const {
  const Window& w = layer(i).shape.window;
  return std::uint64_t{w.out_h} * w.out_w;
}
std::uint64_t RuntimeJob::most_positions() const {
  return kNarrowChunk / static_cast<std::uint64_t>(batch_.size);
}

std::uint64_t RuntimeJob::bytes_of(const Optimizer& rule, Batch batch) {
  PlanTotals t;
  plan_into(model_.view(), rule, batch, PlanKind::training, SharingRules{}, memory(), t);
  return t.bytes;  // its maximum where there is no plan
}

/// size 0: nothing fits.
Batch RuntimeJob::batch_for(const Optimizer& rule, Batch wanted, std::uint64_t ram) {
  if (wanted.micro_batch == 0)
    return ram ? batch_within(model_.view(), rule, wanted.size, ram, memory())
               : least_batch(model_.view(), rule, wanted.size, memory());
  if (ram && bytes_of(rule, wanted) <= ram) return wanted;
  const Batch least = wanted.least_memory();
  return ram == 0 || bytes_of(rule, least) <= ram ? least : hone::batch(0);
}

bool RuntimeJob::plan_within(const ModelSource& model, const Optimizer& rule, Batch wanted,
                             std::uint64_t ram, Error* error) {
  // Also finds what does not depend on the split.
  const Batch smallest = hone::batch(wanted.size).micro(1).least_memory();
  const bool splits = plan(model, rule, smallest, PlanKind::training, error);
  if (!splits && !sums_overflow()) return false;
  const Batch chosen = batch_for(rule, wanted, ram);
  if (chosen.size > 0) {
    *error = Error{};
    return plan(model, rule, chosen, PlanKind::training, error);
  }
  if (!splits) return false;
  const std::string limit = model.name() + ": model too large: expected a plan of at most " +
                            std::to_string(ram) + " bytes (--ram), ";
  const std::uint64_t least = bytes_of(rule, batch_for(rule, wanted, 0));
  if (wanted.micro_batch > 0)
    return error->fail(kExitModel, limit + "found " + std::to_string(least) +
                                       "; leave --micro-batch out to let it be chosen");
  return error->fail(kExitModel, limit + "the smallest needs " + std::to_string(least) +
                                     "; use a smaller model, a smaller --batch or --momentum 0");
}

ImageShape RuntimeJob::input() const {
  const Shape s = layer(0).shape.out;
  return {s.h, s.w, s.c};
}

Span<std::uint8_t> RuntimeJob::arena() {
  const auto bytes = static_cast<std::size_t>(totals_.bytes);
  if (arena_.empty()) arena_.resize(bytes + kAlignment);
  const std::size_t off = reinterpret_cast<std::uintptr_t>(arena_.data()) % kAlignment;
  return {arena_.data() + (kAlignment - off) % kAlignment, bytes};
}

}  // namespace hone
