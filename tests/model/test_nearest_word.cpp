#include "hone/nearest_word.hpp"

#include <doctest/doctest.h>

namespace {

using namespace hone;

Text nearest(Text word) {
  NearestWord near(word);
  constexpr const char* kCandidates[] = {"stride", "same", "as", "of", "learning-rate", "add"};
  for (const char* c : kCandidates) near.consider(c);
  return near.best;
}

static_assert(edit_distance("conv2", "conv2d") == 1, "");

}  // namespace

TEST_CASE("edit_distance: insert, delete, replace, swap, and no difference of case") {
  CHECK(edit_distance("", "") == 0);
  CHECK(edit_distance("", "abc") == 3);
  CHECK(edit_distance("abc", "") == 3);
  CHECK(edit_distance("relu", "ReLU") == 0);
  CHECK(edit_distance("kitten", "sitting") == 3);
  CHECK(edit_distance("stirde", "stride") == 1);
  CHECK(edit_distance("ca", "abc") == 3);
  CHECK(edit_distance("1234567890123456789012345678901", "x") == 31);
  CHECK(edit_distance("12345678901234567890123456789012", "x") == 32);
}

TEST_CASE("NearestWord: at most two edits, one for short words") {
  CHECK(nearest("strde") == Text("stride"));
  CHECK(nearest("sde") == Text());
  CHECK(nearest("learning_rates") == Text("learning-rate"));
  CHECK(nearest("addd") == Text("add"));
  CHECK(nearest("x") == Text());
  CHECK(nearest("") == Text());
}
