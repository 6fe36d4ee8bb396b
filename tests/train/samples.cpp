#include "samples.hpp"

#include <algorithm>
#include <cmath>

#include "hone/random.hpp"

namespace hone_test {

SampleSet random_samples(std::uint32_t n, std::uint32_t inputs, std::uint32_t outputs,
                         std::uint32_t seed) {
  SampleSet set;
  set.n = n, set.inputs = inputs, set.outputs = outputs;
  set.x.resize(std::size_t{n} * inputs);
  set.targets.resize(std::size_t{n} * outputs);
  set.labels.resize(n);
  hone::Stream stream(seed);
  auto draw = [&] { return static_cast<float>(stream.next16()) * 0x1p-15f - 1.0f; };
  for (float& v : set.x) v = draw();
  for (float& v : set.targets) v = draw();
  const std::uint32_t shown = std::min(inputs, outputs);
  for (std::uint32_t i = 0; i < n; ++i) {
    const float* const x = set.x.data() + std::size_t{i} * inputs;
    set.labels[i] = static_cast<std::uint16_t>(std::max_element(x, x + shown) - x);
  }
  return set;
}

hone::Status fill_from_window(void* context, std::uint32_t first, std::uint32_t n,
                              const hone::Samples& to) {
  const SampleWindow& from = *static_cast<const SampleWindow*>(context);
  const SampleSet& set = *from.set;
  const std::size_t at = from.first + first;
  const float* const x = set.x.data() + at * set.inputs;
  if (to.x) std::copy_n(x, std::size_t{n} * set.inputs, to.x);
  if (to.x_mantissas)
    std::transform(x, x + std::size_t{n} * set.inputs, to.x_mantissas, [](float v) {
      return static_cast<std::int8_t>(std::min(127.0f, std::floor(v * 128.0f + 0.5f)));
    });
  if (to.target_mantissas)
    std::transform(set.targets.data() + at * set.outputs,
                   set.targets.data() + (at + n) * set.outputs, to.target_mantissas,
                   [](float v) { return static_cast<std::int32_t>(std::floor(v * 65536.0f)); });
  if (to.labels) std::copy_n(set.labels.data() + at, n, to.labels);
  if (to.targets)
    std::copy_n(set.targets.data() + at * set.outputs, std::size_t{n} * set.outputs, to.targets);
  return hone::Status::ok;
}

}  // namespace hone_test
