#pragma once
#include "hone/kernels.hpp"
#include "random_tensor.hpp"

namespace hone_test {

/// The ways a gradient chain may start and end, for the tests of every update leaf.
struct UpdateWay {
  const char* name;
  hone::Update update;
  bool has_sum;
};

inline std::vector<UpdateWay> update_ways() {
  hone::Update plain;
  plain.lr = 0.125f;
  hone::Update decayed = plain;
  decayed.shrink = 0.01f;
  hone::Update middle = decayed;
  middle.first = false;
  middle.last = false;
  hone::Update last = decayed;
  last.first = false;
  hone::Update momentum = plain;
  momentum.momentum = true;
  momentum.mu = 0.9f;
  momentum.pull = 0.003f;
  hone::Update momentum_first = momentum;
  momentum_first.last = false;
  return {{"plain", plain, false},
          {"decayed", decayed, false},
          {"with memory", plain, true},
          {"middle", middle, true},
          {"last", last, true},
          {"momentum", momentum, true},
          {"momentum, first of many", momentum_first, true}};
}

/// The chain's start, for each weight; then its end. struct Update in hone/kernels.hpp, by the
/// letter.
inline float start_of_chain(float w, float sum, const hone::Update& u) {
  if (!u.first) return sum;
  return u.momentum ? hone::fma(u.pull, w, u.mu * sum) : 0.0f;
}
inline void end_chain(float c, float& w, float* sum, const hone::Update& u) {
  if (!u.last) {
    *sum = c;
    return;
  }
  if (u.momentum) c = *sum = hone::store_floor(c);
  w = hone::store_floor(hone::fma(-u.lr, c, hone::fma(-u.shrink, w, w)));
}

}  // namespace hone_test
