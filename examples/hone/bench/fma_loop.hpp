#pragma once

namespace hone {

/// Chains of multiply-adds that do not wait for each other, in vectors of an instruction set.
struct FmaLoop {
  float (*run)(long rounds, float factor, float term);
  int chains, lanes;  ///< one round is a multiply-add in every lane of every chain
};

/// More chains hide more latency, until the registers are used up.
constexpr int kFmaLoops = 3;

}  // namespace hone
