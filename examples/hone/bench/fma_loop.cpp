// Compiled once for each port, with its flags.
#include "examples/hone/bench/fma_loop.hpp"

namespace hone::HONE_LEAF_NS {

namespace {

#if defined(__AVX512F__)
constexpr int kVectorBytes = 64;
#elif defined(__AVX__)
constexpr int kVectorBytes = 32;
#else
constexpr int kVectorBytes = 16;
#endif
using Vector = float __attribute__((vector_size(kVectorBytes)));

template <int kChains>
float run(long rounds, float factor, float term) {
  Vector chain[kChains];
  for (int i = 0; i < kChains; ++i) chain[i] = Vector{} + static_cast<float>(i);
  const Vector a = Vector{} + factor, b = Vector{} + term;
  for (long r = 0; r < rounds; ++r) {
#pragma GCC unroll 16
    for (int i = 0; i < kChains; ++i) chain[i] = chain[i] * a + b;
  }
  Vector sum{};
  for (int i = 0; i < kChains; ++i) sum += chain[i];
  return sum[0];
}

template <int kChains>
constexpr FmaLoop loop() {
  return {run<kChains>, kChains, kVectorBytes / 4};
}

}  // namespace

extern const FmaLoop kLoops[kFmaLoops];
const FmaLoop kLoops[kFmaLoops] = {loop<8>(), loop<10>(), loop<12>()};

}  // namespace hone::HONE_LEAF_NS
