#include "arena_use.hpp"

#include <algorithm>
#include <cstring>

namespace hone_test {

using namespace hone;

namespace {

// What layer i leaves in its buffers: with a pool in the same pass, the pooled map.
const LayerPlan& shown(const Session& s, int i) {
  const LayerPlan& p = s.plan[static_cast<std::size_t>(i)];
  const LayerPlan& head = p.runs_in >= 0 ? s.plan[static_cast<std::size_t>(p.runs_in)] : p;
  return head.pool >= 0 ? s.plan[static_cast<std::size_t>(head.pool)] : p;
}

}  // namespace

std::vector<Use> planned_use(const Session& s, Batch batch) {
  std::vector<Use> use(s.program.bytes, Use::padding);
  auto mark = [&](std::uint64_t at, std::uint64_t bytes, Use as) {
    for (std::uint64_t i = at; i < at + bytes; ++i) {
      Use& byte = use[static_cast<std::size_t>(i)];
      byte = std::max(byte, as);
    }
  };
  auto buffer = [&](std::int16_t b, std::uint64_t bytes, Use as) {
    if (b >= 0) mark(s.buffers[static_cast<std::size_t>(b)].offset, bytes, as);
  };
  const std::uint64_t samples = static_cast<std::uint64_t>(batch.in_memory());
  const bool integer = s.program.numeric == w16a8;
  for (int i = 0; i < s.layers(); ++i) {
    const LayerPlan& p = s.plan[static_cast<std::size_t>(i)];
    const LayerRun& r = s.runs[static_cast<std::size_t>(i)];
    const std::uint64_t elements = shown(s, i).shape.out.size() * samples;
    const Window& w = p.shape.window;
    const bool pool = p.shape.kernel == Op::max_pool;
    const bool sums = i + 1 == s.layers() && r.is_product();
    buffer(p.y, elements * (!integer ? 4 : sums ? 8 : 1), Use::tensor);
    if (p.backward >= 0) buffer(p.dy, elements * (integer ? 1 : 4), Use::tensor);
    const std::uint64_t routes =
        route_bytes(w.kernel_h * w.kernel_w, static_cast<std::size_t>(elements));
    buffer(p.aux, pool ? routes : (elements + 7) / 8, Use::tensor);
    for (const std::int16_t scratch : {p.scratch, p.backward_scratch})
      if (scratch >= 0)
        buffer(scratch, s.buffers[static_cast<std::size_t>(scratch)].bytes, Use::scratch);
    if (r.weights == 0) continue;
    mark(r.w, std::uint64_t{r.weights} * (integer ? 2 : 4), Use::tensor);
    mark(r.b, std::uint64_t{r.biases()} * 4, Use::tensor);
    if (r.sum_w) mark(r.sum_w, std::uint64_t{r.weights} * 4, Use::tensor);
    if (r.sum_b()) mark(r.sum_b(), std::uint64_t{r.biases()} * 4, Use::tensor);
    if (r.velocity_w)
      mark(r.velocity_w, std::uint64_t{r.weights} * (s.program.velocity16 ? 2 : 4), Use::tensor);
    if (r.velocity_b()) mark(r.velocity_b(), std::uint64_t{r.biases()} * 4, Use::tensor);
  }
  mark(s.program.labels, samples * (s.program.mse ? 4 * s.program.classes : 2), Use::tensor);
  if (!integer) {
    mark(s.program.loss_lanes, 32 * 4, Use::tensor);
    return use;
  }
  mark(s.program.loss_lanes, 8, Use::tensor);
  const std::uint64_t row = s.program.layer[s.program.n - 1].is_product() ? 4 : 12;
  mark(s.program.loss_lanes + 8, s.program.classes * row, Use::scratch);
  const std::uint64_t layers = static_cast<std::uint64_t>(s.layers());
  mark(s.program.scales, kScalesPerLayer * layers * sizeof(Scale), Use::tensor);
  mark(s.program.counters, (layers - 1) * sizeof(LayerCounters), Use::tensor);
  return use;
}

ArenaRun run_twice(Session& s, const SampleSet& set, int steps, std::uint32_t n,
                   const Kernels& kernels) {
  ArenaRun run;
  std::vector<std::uint8_t> first;
  std::vector<float> numbers;
  for (const std::uint8_t fill : {std::uint8_t{0xA5}, std::uint8_t{0x3C}}) {
    run.status = s.start(3, kernels, fill);
    if (run.status != Status::ok) return run;
    numbers.clear();
    for (int k = 0; k < steps; ++k) {
      const std::uint32_t here = k + 1 == steps && n > 1 ? n - 1 : n;
      run.status = s.step(set, static_cast<std::uint32_t>(k) % (set.n - n + 1), here);
      if (run.status != Status::ok) return run;
      numbers.push_back(s.result.loss);
      numbers.push_back(static_cast<float>(s.result.correct));
    }
    for (const std::vector<float>& t : {s.parameters(), s.velocity()})
      numbers.insert(numbers.end(), t.begin(), t.end());
    if (!s.canaries_intact()) return run;
    const std::uint8_t* const arena = s.arena();
    if (first.empty()) {
      first.assign(arena, arena + s.program.bytes);
      run.numbers = numbers;
      continue;
    }
    for (std::size_t i = 0; i < first.size(); ++i)
      run.touched.push_back(!(first[i] == 0xA5 && arena[i] == 0x3C));
  }
  run.ok = numbers.size() == run.numbers.size() &&
           std::memcmp(numbers.data(), run.numbers.data(), numbers.size() * sizeof(float)) == 0;
  return run;
}

}  // namespace hone_test
