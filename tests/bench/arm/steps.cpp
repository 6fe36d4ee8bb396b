// Trains a workload of tests/bench for a number of steps on made-up images, half of whose pixels
// are 0: for counting instructions, where the difference of two runs is that of their steps.
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "hone/trainer.hpp"
#include "tests/bench/workloads.hpp"

namespace {

using namespace hone;

// A batch that every step sees again.
struct Images {
  std::vector<float> x;
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
    for (std::uint16_t& label : labels) label = static_cast<std::uint16_t>(draw() % p.classes);
  }
};

int run(const bench::Workload& work, long steps) {
  const ProgramView& program = work.job.program;
  const Images images(program);
  std::vector<std::uint8_t> memory(program.bytes + kAlignment);
  const std::size_t off = reinterpret_cast<std::uintptr_t>(memory.data()) % kAlignment;
  Trainer trainer;
  Status status = trainer.init(work.job, {memory.data() + (kAlignment - off), program.bytes}, 1);
  StepResult result;
  for (long i = 0; i < steps && status == Status::ok; ++i)
    status = trainer.step(images.x.data(), images.labels.data(), program.batch, result);
  std::printf("port %s batch %u loss %a\n", trainer.kernels().name, program.batch,
              static_cast<double>(result.loss));
  if (status != Status::ok) std::fprintf(stderr, "steps: %s\n", to_string(status));
  return status == Status::ok ? 0 : 1;
}

}  // namespace

int main(int count, char** words) {
  const bench::Workload* const work = count == 3 ? bench::find_workload(words[1]) : nullptr;
  if (work) return run(*work, std::strtol(words[2], nullptr, 10));
  std::fputs("usage: steps WORKLOAD STEPS\n", stderr);
  return 2;
}
