#include "weight_chain.hpp"

#include "lanes.hpp"

namespace hone {
namespace HONE_LEAF_NS {
namespace {

template <int N>
void start_momentum(float* c, const float* w, const float* sum, float pull, float mu) {
  Lanes<N> weight, chain;
  load(weight, w);
  load(chain, sum);
  for (int j = 0; j < N; ++j) chain.v[j] *= mu;
  add_product(chain, pull, weight);
  store(c, chain);
}

// The update of N weights from their finished gradients. x - x is +0, and NaN where x is not
// finite: that is what `doubt` gathers.
template <int N>
void step(float* w, const Lanes<N>& gradient, float lr, float shrink, Lanes<N>& doubt) {
  Lanes<N> old, next;
  load(old, w);
  next = old;
  add_product(next, -shrink, old);
  add_product(next, -lr, gradient);
  floor_lanes(next);
  for (int j = 0; j < N; ++j) doubt.v[j] += next.v[j] - next.v[j];
  store(w, next);
}

template <int N>
std::uint32_t any_nan(const Lanes<N>& doubt) {
  std::uint32_t any = 0;
  for (int j = 0; j < N; ++j) any |= doubt.v[j] != doubt.v[j] ? 1u : 0u;
  return any;
}

// All whole groups of N; returns how many weights they are.
template <int N>
std::size_t finish_groups(const float* c, float* w, float* sum, std::size_t n, const Update& update,
                          std::uint32_t& bad) {
  const float lr = update.lr, shrink = update.shrink;
  Lanes<N> doubt = {};
  std::size_t i = 0;
  for (; i + N <= n; i += N) {
    Lanes<N> gradient;
    load(gradient, c + i);
    if (sum) {
      floor_lanes(gradient);
      store(sum + i, gradient);
    }
    step(w + i, gradient, lr, shrink, doubt);
  }
  bad |= any_nan(doubt);
  return i;
}

}  // namespace

void start_chains(float* c, const float* w, const float* sum, std::size_t n, const Update& update) {
  if (!update.first) {
    std::memcpy(c, sum, n * sizeof(float));
  } else if (!update.momentum) {
    std::memset(c, 0, n * sizeof(float));
  } else {
    std::size_t i = 0;
    for (; i + 8 <= n; i += 8) start_momentum<8>(c + i, w + i, sum + i, update.pull, update.mu);
    for (; i < n; ++i) start_momentum<1>(c + i, w + i, sum + i, update.pull, update.mu);
  }
}

std::uint32_t finish_chains(const float* c, float* w, float* sum, std::size_t n,
                            const Update& update) {
  if (!update.last) {
    std::memcpy(sum, c, n * sizeof(float));
    return 0;
  }
  float* const velocity = update.momentum ? sum : nullptr;
  std::uint32_t bad = 0;
  const std::size_t done = finish_groups<8>(c, w, velocity, n, update, bad);
  finish_groups<1>(c + done, w + done, velocity ? velocity + done : nullptr, n - done, update, bad);
  return bad;
}

}  // namespace HONE_LEAF_NS
}  // namespace hone
