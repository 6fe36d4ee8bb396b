#include <doctest/doctest.h>
#include <ucontext.h>

#include <string>
#include <vector>

#include "model_files.hpp"
#include "ports/dispatch.hpp"
#include "session.hpp"

// The stack that one step uses, measured: the step runs on a stack of its own that was painted
// before. Sanitizers and unoptimised code use far more, so they are left out.
#if defined(__OPTIMIZE__) && !defined(__SANITIZE_ADDRESS__)
#if defined(__has_feature)
#if !__has_feature(address_sanitizer)
#define MEASURE_STACK 1
#endif
#else
#define MEASURE_STACK 1
#endif
#endif

#ifdef MEASURE_STACK

using namespace hone;
using namespace hone_test;

namespace {

struct Call {
  void (*run)(Call&);
  Trainer* trainer = nullptr;
  SampleWindow samples;
  StepResult result;
  Status status = Status::ok;
};

Call* current = nullptr;
void trampoline() { current->run(*current); }

std::size_t stack_bytes_of(Call& call) {
  constexpr std::uint8_t kPaint = 0xC7;
  std::vector<std::uint8_t> stack(256 * 1024, kPaint);
  ucontext_t here, there;
  REQUIRE(getcontext(&there) == 0);
  there.uc_stack.ss_sp = stack.data();
  there.uc_stack.ss_size = stack.size();
  there.uc_link = &here;
  current = &call;
  makecontext(&there, trampoline, 0);
  REQUIRE(swapcontext(&here, &there) == 0);
  std::size_t clean = 0;
  while (clean < stack.size() && stack[clean] == kPaint) ++clean;
  return stack.size() - clean;
}

/// Vector ports keep whole tiles and inline their bodies; they run where stacks are megabytes. The
/// portable and the compact leaves are for microcontrollers too. Tiles of w16a8 hold 64-bit sums,
/// and clang keeps more of them at once.
std::size_t limit_of(const Kernels& table, Numeric numeric) {
  const std::string name = table.name;
  if (name == "compact") return 1280;
  if (numeric == Numeric::f32) return name == "portable" ? 2048 : 8192;
#if defined(__clang__)
  return name == "portable" ? 4608 : 20480;
#else
  return name == "portable" ? 2304 : 12288;
#endif
}

void nothing(Call&) {}
void one_step(Call& c) {
  c.status = c.trainer->step(c.trainer->program().batch, fill_from_window, &c.samples, c.result);
}

}  // namespace

TEST_CASE("stack: a training step of every example model stays below the limits on record") {
  Call empty{nothing, nullptr, {}, {}, Status::ok};
  const std::size_t base = stack_bytes_of(empty);
  for (const Kernels* table : available_kernels()) {
    std::size_t most = 0;
    for (const OwnedModel& example : example_models())
      for (const int turn : {0, 1, 2, 3}) {
        const Numeric numeric = turn < 2 ? Numeric::f32 : w16a8;
        const int n = turn % 2 ? 4 : 1;
        const OwnedModel m = example.in(numeric);
        CAPTURE(m.name);
        CAPTURE(n);
        CAPTURE(std::string(word_of(numeric)));
        CAPTURE(std::string(table->name));
        Session s(m, sgd(0.1).momentum(0.9), batch(n));
        REQUIRE(s.start(1, *table) == Status::ok);
        const SampleSet set = random_samples(4, s.program.inputs, s.program.classes, 3);
        // The first call also resolves library functions, on the same stack.
        REQUIRE(s.step(set, 0, s.program.batch) == Status::ok);
        Call call{one_step, &s.trainer, {&set, 0}, {}, Status::ok};
        const std::size_t used = stack_bytes_of(call) - base;
        REQUIRE(call.status == Status::ok);
        CHECK(used < limit_of(*table, numeric));
        most = used > most ? used : most;
      }
    MESSAGE(std::string(table->name) << ": " << most << " bytes");
  }
}

#else

TEST_CASE("stack: a training step stays below the limits on record" * doctest::skip()) {}

#endif
