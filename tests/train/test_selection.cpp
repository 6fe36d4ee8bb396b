#include <cmath>
#include <initializer_list>

#include "doctest/doctest.h"
#include "examples/hone/training/selection.hpp"

using hone::PartScore;
using hone::Selection;

namespace {

PartScore score(std::uint64_t correct, std::uint64_t samples, double loss = 1) {
  PartScore s;
  s.correct = correct, s.samples = samples, s.loss = loss;
  return s;
}
// The epoch, from 1, that is kept of epochs with these hits; 0: none.
int kept_of(Selection selection, std::uint64_t samples,
            std::initializer_list<std::uint64_t> correct) {
  int kept = 0, epoch = 0;
  for (const std::uint64_t c : correct) {
    ++epoch;
    if (selection.keeps(score(c, samples))) kept = epoch;
  }
  return kept;
}

}  // namespace

TEST_CASE("selection: the latest epoch within one standard error of the best") {
  // sqrt(0.9 * 0.1 * 100) = 3 images.
  CHECK(kept_of({}, 100, {50, 90, 87, 86, 80}) == 3);
  CHECK(kept_of({}, 100, {50, 90, 86, 86}) == 2);
  CHECK(kept_of({}, 100, {50, 90, 86, 91, 89}) == 5);
  // A new best is kept, and so is what follows near it.
  CHECK(kept_of({}, 1000, {500, 510, 900, 891, 880}) == 4);
  CHECK(kept_of({}, 100, {40}) == 1);
}

TEST_CASE("selection: one image is never told apart") {
  CHECK(kept_of({}, 12, {12, 11, 10}) == 2);
  CHECK(kept_of({}, 12, {12, 10, 10}) == 1);
  CHECK(kept_of({}, 1000000, {1000000, 999999, 999998}) == 2);
  CHECK(kept_of({}, 1, {1, 0}) == 2);
  CHECK(kept_of({}, 0, {0, 0, 0}) == 3);
}

TEST_CASE("selection: the bound is that of the formula") {
  for (const std::uint64_t n : {2u, 13u, 90u, 1000u, 60000u})
    for (std::uint64_t most = 0; most <= n; most += 1 + n / 13) {
      const double p = static_cast<double>(most) / static_cast<double>(n);
      const double error = std::sqrt(p * (1 - p) / static_cast<double>(n));
      for (std::uint64_t fewer = 2; fewer <= most && fewer < 400; ++fewer) {
        const double distance = static_cast<double>(fewer) / static_cast<double>(n);
        if (std::fabs(distance - error) < 1e-9) continue;
        Selection selection;
        REQUIRE(selection.keeps(score(most, n)));
        CHECK(selection.keeps(score(most - fewer, n)) == (distance < error));
      }
    }
}

TEST_CASE("selection: a fine-tuning keeps only what beats the model that it began with") {
  Selection tuned;
  tuned.begin(score(90, 100, 0.5));
  CHECK(kept_of(tuned, 100, {88, 90, 89}) == 0);  // 90: no lower loss
  CHECK(kept_of(tuned, 100, {91, 90, 89}) == 1);
  CHECK(kept_of(tuned, 100, {95, 92, 93}) == 3);
  Selection selection = tuned;
  CHECK(selection.keeps(score(90, 100, 0.4)));
  CHECK_FALSE(selection.keeps(score(90, 100, 0.5)));
  CHECK_FALSE(selection.keeps(score(89, 100, 0.1)));
  // Near the best of a fine-tuning that is far above the old model.
  CHECK(selection.keeps(score(99, 100, 0.9)));
  CHECK_FALSE(selection.keeps(score(91, 100, 0.1)));
}

TEST_CASE("selection: epochs do not lower the bar of the best") {
  Selection selection;
  CHECK(selection.keeps(score(900, 1000)));
  // Each within one error, 9.5 images, of the one before it, but not of the best.
  CHECK(selection.keeps(score(891, 1000)));
  CHECK_FALSE(selection.keeps(score(882, 1000)));
  CHECK_FALSE(selection.keeps(score(873, 1000)));
  CHECK(selection.most_correct == 900);
}
