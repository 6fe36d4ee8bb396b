#include "session.hpp"

#include <algorithm>
#include <cstring>

#include "hone/sha256.hpp"

namespace hone_test {

using namespace hone;

Session::Session(ModelView model, const Optimizer& rule, Batch batch, const SharingRules& rules,
                 PlanKind kind)
    : plan(static_cast<std::size_t>(model.n)),
      buffers(static_cast<std::size_t>(buffers_of(model.n))),
      runs(static_cast<std::size_t>(model.n)),
      model_(model),
      rule_(rule),
      batch_(batch),
      kind_(kind) {
  std::vector<std::int16_t> order(buffers.size()), placed(buffers.size());
  plan_into(model, rule, batch, kind, rules,
            PlanMemory{plan.data(), buffers.data(), order.data(), placed.data(), model.n}, totals);
  if (totals.status != Status::ok) return;
  buffers.resize(static_cast<std::size_t>(totals.buffers));
  program =
      compile_into(model, rule, batch, kind, plan.data(), buffers.data(), totals, runs.data());
  for (int i = 0; i < program.n; ++i)
    functions_.push_back(
        functions_of(runs.data(), runs[static_cast<std::size_t>(i)], program.numeric));
}

Status Session::start(std::uint64_t seed, const Kernels& kernels, std::uint8_t fill) {
  fill_ = fill;
  const std::size_t bytes = program.bytes;
  memory_.assign(bytes + 2 * kCanary + kAlignment, fill);
  const std::uintptr_t at = reinterpret_cast<std::uintptr_t>(memory_.data()) + kCanary;
  arena_at_ = kCanary + (kAlignment - at % kAlignment) % kAlignment;
  return trainer.init(JobView{program, functions_.data(), trainer_of(program.numeric)},
                      {arena(), bytes}, seed, kernels);
}

Status Session::step(const SampleSet& set, std::uint32_t first, std::uint32_t n) {
  SampleWindow window{&set, first};
  return trainer.step(n, fill_from_window, &window, result);
}

Status Session::evaluate(const SampleSet& set, std::uint32_t first, std::uint32_t n,
                         Evaluation& sums) {
  SampleWindow window{&set, first};
  return trainer.evaluate(n, fill_from_window, &window, sums);
}

std::uint8_t* Session::arena() { return memory_.data() + arena_at_; }

bool Session::canaries_intact() const {
  const auto is_fill = [this](std::uint8_t v) { return v == fill_; };
  const auto from = memory_.begin();
  const std::ptrdiff_t begin = static_cast<std::ptrdiff_t>(arena_at_);
  return std::all_of(from, from + begin, is_fill) &&
         std::all_of(from + begin + static_cast<std::ptrdiff_t>(program.bytes), memory_.end(),
                     is_fill);
}

namespace {

// Whole numbers as floats, exactly: 32 bits as two halves.
void append(std::vector<float>& all, Span<std::int32_t> t) {
  for (const std::int32_t v : t) {
    all.push_back(static_cast<float>(v >> 16));
    all.push_back(static_cast<float>(v & 0xFFFF));
  }
}

}  // namespace

std::vector<float> Session::parameters() const {
  std::vector<float> all;
  for (int i = 0; i < program.n; ++i) {
    for (const Span<float> t : {trainer.weights(i), trainer.biases(i)})
      all.insert(all.end(), t.begin(), t.end());
    for (const std::int16_t m : trainer.weight_mantissas(i)) all.push_back(m);
    append(all, trainer.bias_mantissas(i));
  }
  for (const Scale& s : trainer.scales()) {
    all.push_back(s.e);
    all.push_back(s.quiet);
  }
  return all;
}

std::vector<float> Session::velocity() const {
  std::vector<float> all;
  for (int i = 0; i < program.n; ++i) {
    for (const Span<float> t : {trainer.weight_velocity(i), trainer.bias_velocity(i)})
      all.insert(all.end(), t.begin(), t.end());
    append(all, trainer.weight_velocity_mantissas(i));
    for (const std::int16_t m : trainer.weight_velocity16_mantissas(i)) all.push_back(m);
    append(all, trainer.bias_velocity_mantissas(i));
  }
  return all;
}

std::string Session::weights_hash() const {
  std::uint8_t digest[Sha256::kBytes];
  weights_sha256(trainer, digest);
  std::string hex(2 * Sha256::kBytes, ' ');
  to_hex({digest, Sha256::kBytes}, hex.data());
  return hex;
}

void Session::move_buffers(const std::vector<Buffer>& places) {
  const int labels = label_buffer();
  buffers = places;
  if (labels >= 0) totals.labels = buffers[static_cast<std::size_t>(labels)].offset;
  for (const Buffer& b : buffers)
    if (b.lives()) totals.bytes = std::max(totals.bytes, b.offset + b.bytes);
  program =
      compile_into(model_, rule_, batch_, kind_, plan.data(), buffers.data(), totals, runs.data());
}

int Session::label_buffer() const {
  std::vector<bool> of_layer(buffers.size());
  for (int i = 0; i < program.n; ++i) {
    const LayerPlan& p = plan[static_cast<std::size_t>(i)];
    for (const std::int16_t b : {p.y, p.dy, p.aux, p.scratch, p.backward_scratch})
      if (b >= 0) of_layer[static_cast<std::size_t>(b)] = true;
  }
  const auto found = std::find(of_layer.begin(), of_layer.end(), false);
  return found == of_layer.end() ? -1 : static_cast<int>(found - of_layer.begin());
}

}  // namespace hone_test
