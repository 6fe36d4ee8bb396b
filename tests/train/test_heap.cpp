#include <doctest/doctest.h>

#include <cerrno>
#include <cstdlib>
#include <new>

#include "hone/trainer.hpp"
#include "ports/dispatch.hpp"
#include "samples.hpp"

// Every way to the heap is replaced for this program: while the trap is set, a call counts.
// A sanitizer has replaced them before us, and only glibc offers the names behind them.
#if defined(__SANITIZE_ADDRESS__)
#define HEAP_IS_TAKEN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define HEAP_IS_TAKEN 1
#endif
#endif

namespace {
bool trap_set = false;
int heap_calls = 0;
[[maybe_unused]] void note() { heap_calls += trap_set; }

struct Trap {
  Trap() { heap_calls = 0, trap_set = true; }
  ~Trap() { trap_set = false; }
  int calls() const { return heap_calls; }
};
}  // namespace

#if !defined(HEAP_IS_TAKEN) && defined(__GLIBC__)
#define HEAP_IS_TRAPPED 1

extern "C" {
void* __libc_malloc(std::size_t);
void* __libc_calloc(std::size_t, std::size_t);
void* __libc_realloc(void*, std::size_t);
void* __libc_memalign(std::size_t, std::size_t);
void __libc_free(void*);

void* malloc(std::size_t n) noexcept { return note(), __libc_malloc(n); }
void* calloc(std::size_t n, std::size_t size) noexcept { return note(), __libc_calloc(n, size); }
void* realloc(void* p, std::size_t n) noexcept { return note(), __libc_realloc(p, n); }
void* memalign(std::size_t a, std::size_t n) noexcept { return note(), __libc_memalign(a, n); }
void* aligned_alloc(std::size_t a, std::size_t n) noexcept { return note(), __libc_memalign(a, n); }
int posix_memalign(void** p, std::size_t a, std::size_t n) noexcept {
  note();
  *p = __libc_memalign(a, n);
  return *p ? 0 : ENOMEM;
}
void free(void* p) noexcept { note(), __libc_free(p); }
}

// Straight to glibc: through malloc above a compiler might see the pair and drop both.
void* operator new(std::size_t n) {
  note();
  if (void* p = __libc_malloc(n ? n : 1)) return p;
  std::abort();
}
void* operator new[](std::size_t n) { return operator new(n); }
void operator delete(void* p) noexcept { note(), __libc_free(p); }
void operator delete[](void* p) noexcept { note(), __libc_free(p); }
void operator delete(void* p, std::size_t) noexcept { note(), __libc_free(p); }
void operator delete[](void* p, std::size_t) noexcept { note(), __libc_free(p); }
#endif

using namespace hone;
using namespace hone_test;

#ifdef HEAP_IS_TRAPPED
#define TRAPPED_CASE(name) TEST_CASE(name)
#else
#define TRAPPED_CASE(name) TEST_CASE(name* doctest::skip())
#endif

TRAPPED_CASE("heap: the trap sees malloc, calloc, realloc, free, new and delete") {
  int seen[3];
  {
    const Trap trap;
    void* volatile p = std::malloc(10);
    p = std::realloc(p, 20);
    std::free(p);
    seen[0] = trap.calls();
    p = std::calloc(2, 3);
    std::free(p);
    seen[1] = trap.calls();
    int* volatile i = new int;
    delete i;
    seen[2] = trap.calls();
  }
  CHECK(seen[0] == 3);
  CHECK(seen[1] == 5);
  CHECK(seen[2] == 7);
}

namespace {
constexpr auto kNet =
    model(input(9, 9, 2), conv2d(6, 3).same(), relu(), max_pool(2),
          residual(conv2d(12, 1), relu6(), depthwise(3).same(), leaky_relu(), conv2d(6, 1)),
          dropout(0.3).whole_channels(), conv2d(8, 3).groups(2), avg_pool(2), flatten(),
          dropout(0.2), linear(4));
constexpr auto kRegression = model(input(9), linear(8), relu(), linear(4), mse());

template <int N>
int heap_calls_of(const Model<N>& net, const Optimizer& rule, Batch size) {
  static Job<N> job;
  job = training(net, rule, size);
  alignas(kAlignment) static std::uint8_t ram[64 * 1024];
  const SampleSet set = random_samples(7, job.program.inputs, job.program.classes, 3);
  const std::uint32_t micro = job.program.micro;
  SampleWindow window{&set, 0};
  Trainer trainer;
  StepResult result;
  Evaluation sums;
  float p[4];
  const Kernels& table = kernels();
  const Trap trap;
  bool ok = trainer.init(job, {ram, sizeof ram}, 1, table) == Status::ok;
  for (int i = 0; i < 3; ++i)
    ok = ok && trainer.step(7, fill_from_window, &window, result) == Status::ok;
  ok = ok && trainer.set_learning_rate(0.01f) == Status::ok;
  ok = ok && trainer.step(5, fill_from_window, &window, result) == Status::ok;
  ok = ok && trainer.evaluate(micro, fill_from_window, &window, sums) == Status::ok;
  for (std::uint32_t i = 0; i < job.program.inputs; ++i) trainer.input()[i] = set.x[i];
  ok = ok && trainer.predict(1) == Status::ok;
  trainer.probabilities(0, p);
  std::uint8_t digest[32];
  weights_sha256(trainer, digest);
  return ok ? trap.calls() : -1;
}
}  // namespace

TRAPPED_CASE("heap: no call in init, train, evaluate and predict steps") {
  CHECK(heap_calls_of(kNet, sgd(0.01).weight_decay(1e-4), batch(7)) == 0);
  CHECK(heap_calls_of(kNet, sgd(0.01).momentum(0.9), batch(7).micro(3)) == 0);
  CHECK(heap_calls_of(kRegression, sgd(0.01), batch(7).micro(2)) == 0);
}
