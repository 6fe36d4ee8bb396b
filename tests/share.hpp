#pragma once

// Where every step takes long (no optimisation, emulators) the tests whose cases ask nothing of the
// machine, but of the plan, take one of kShare: preset `host` takes all.
#ifndef HONE_TEST_SHARE
#define HONE_TEST_SHARE 1
#endif

namespace hone_test {

constexpr unsigned kShare = HONE_TEST_SHARE;
static_assert(kShare % 2 != 0 && kShare % 5 != 0, "seeds choose batch and velocity by remainders");

}  // namespace hone_test
