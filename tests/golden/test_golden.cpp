#include <doctest/doctest.h>

#include "ports/dispatch.hpp"
#include "scenarios.hpp"
#include "share.hpp"

// The hashes in scenarios.cpp are the contract: a change that alters them raises its version.

using namespace hone;
using namespace hone_test;

TEST_CASE("golden: every kernel table and micro-batch split gives the weights on record") {
  for (const Scenario& s : scenarios()) {
    CAPTURE(s.model.name);
    CHECK(s.steps() >= 200);
    int runs = 0;
    for (const Kernels* table : available_kernels())
      for (const int micro : {7, 3, 1, 5}) {
        if (micro > s.batch) continue;
        if (kShare > 1 && s.batch > 1 && micro != 7 && micro != 3) continue;
        ++runs;
        CAPTURE(std::string(table->name));
        CAPTURE(micro);  // 7; 3 + 3 + 1; seven times 1; 5 + 2
        const Outcome outcome = run_scenario(s, *table, micro);
        CHECK(outcome.weights_sha256 == s.weights_sha256);
        CHECK(outcome.last_loss < 0.9 * outcome.first_loss);
      }
    CHECK(runs > 0);
  }
}

TEST_CASE("golden: the seed and the dropout's step number reach the weights") {
  Scenario s = scenarios()[0];
  s.epochs = 2;
  const std::string one = run_scenario(s, kernels(), 7).weights_sha256;
  s.seed += std::uint64_t{1} << 40;
  CHECK(run_scenario(s, kernels(), 7).weights_sha256 != one);
}
