// Trains a workload of tests/bench for a number of steps on made-up images, half of whose pixels
// are 0: for counting instructions, where the difference of two runs is that of their steps. A
// third word w16a8 takes the plan in integers.
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "hone/trainer.hpp"
#include "tests/bench/workloads.hpp"

namespace {

using namespace hone;

// A batch that every step sees again.
struct Images {
  std::vector<float> x;
  std::vector<std::int8_t> mantissas;  // of the same pixels, at 2^-7
  std::vector<std::uint16_t> labels;

  explicit Images(const ProgramView& p) : x(std::size_t{p.batch} * p.inputs), labels(p.batch) {
    std::uint32_t s = 1;
    const auto draw = [&s] {
      s ^= s << 13, s ^= s >> 17, s ^= s << 5;
      return s >> 16;
    };
    for (float& pixel : x) {
      const std::uint32_t level = draw() % 512;
      pixel = level < 256 ? 0.0f : static_cast<float>(level - 256) / 255.0f;
    }
    for (const float pixel : x) mantissas.push_back(static_cast<std::int8_t>(pixel * 127.0f));
    for (std::uint16_t& label : labels) label = static_cast<std::uint16_t>(draw() % p.classes);
  }

  static Status fill(void* context, std::uint32_t first, std::uint32_t n, const Samples& to) {
    const Images& from = *static_cast<const Images*>(context);
    const std::size_t inputs = from.x.size() / from.labels.size();
    if (to.x) std::memcpy(to.x, &from.x[first * inputs], n * inputs * sizeof *to.x);
    if (to.x_mantissas) std::memcpy(to.x_mantissas, &from.mantissas[first * inputs], n * inputs);
    std::memcpy(to.labels, &from.labels[first], n * sizeof *to.labels);
    return Status::ok;
  }
};

int run(const JobView& job, long steps) {
  const ProgramView& program = job.program;
  Images images(program);
  std::vector<std::uint8_t> memory(program.bytes + kAlignment);
  const std::size_t off = reinterpret_cast<std::uintptr_t>(memory.data()) % kAlignment;
  Trainer trainer;
  Status status = trainer.init(job, {memory.data() + (kAlignment - off), program.bytes}, 1);
  StepResult result;
  for (long i = 0; i < steps && status == Status::ok; ++i)
    status = trainer.step(program.batch, Images::fill, &images, result);
  std::printf("port %s batch %u loss %a\n", trainer.kernels().name, program.batch,
              static_cast<double>(result.loss));
  if (status != Status::ok) std::fprintf(stderr, "steps: %s\n", to_string(status));
  return status == Status::ok ? 0 : 1;
}

}  // namespace

int main(int count, char** words) {
  const bool in_integers = count == 4 && std::strcmp(words[3], "w16a8") == 0;
  const bench::Workload* const work =
      count == 3 || in_integers ? bench::find_workload(words[1]) : nullptr;
  if (work)
    return run(in_integers ? work->integer_job : work->job, std::strtol(words[2], nullptr, 10));
  std::fputs("usage: steps WORKLOAD STEPS [w16a8]\n", stderr);
  return 2;
}
