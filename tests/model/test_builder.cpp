#include <doctest/doctest.h>

#include <cstring>

#include "hone/job.hpp"
#include "hone/model_text.hpp"
#include "hone/trainer.hpp"

// What the builder refuses where the text parser would never have let it pass.

using namespace hone;

namespace {

template <class... L>
Status status_of(const L&... layers) {
  const auto m = model(layers...);
  return training(m, sgd(0.1), batch(2)).report.status;
}

}  // namespace

TEST_CASE("builder: sizes that do not fit their fields are errors, not other sizes") {
  CHECK(status_of(input(9, 9, 1), conv2d(4, 3)) == Status::ok);
  CHECK(status_of(input(9, 9, 1), conv2d(4, 65539)) == Status::bad_shape);
  CHECK(status_of(input(9, 9, 1), conv2d(4, -1)) == Status::bad_shape);
  CHECK(status_of(input(9, 9, 1), conv2d(4, 3).stride(65537)) == Status::bad_shape);
  CHECK(status_of(input(9, 9, 1), conv2d(4, 3).padding(65537)) == Status::bad_shape);
  CHECK(status_of(input(9, 9, 1), max_pool(0)) == Status::bad_shape);
  CHECK(status_of(input(-1, 9, 1), conv2d(4, 3)) == Status::too_large);
}

TEST_CASE("builder: a model as text makes the same job, at build time") {
  static constexpr auto text =
      model_from_text<16>("input 9x9x1 | conv2d 4 3x3 | relu | flatten | linear 3");
  static constexpr auto built = model(input(9, 9, 1), conv2d(4, 3), relu(), flatten(), linear(3));
  static constexpr auto a = training(text, sgd(0.1), batch(2));
  static constexpr auto b = training(built, sgd(0.1), batch(2));
  static_assert(a.bytes == b.bytes && a.bytes < 8192, "RAM budget of a model that is text");
  CHECK(a.program.n == b.program.n);
  alignas(kAlignment) std::uint8_t ram_a[a.bytes], ram_b[b.bytes];
  Trainer one, other;
  REQUIRE(one.init(a, {ram_a, sizeof ram_a}, 5) == Status::ok);
  REQUIRE(other.init(b, {ram_b, sizeof ram_b}, 5) == Status::ok);
  std::uint8_t hash_a[32], hash_b[32];
  weights_sha256(one, hash_a);
  weights_sha256(other, hash_b);
  CHECK(std::memcmp(hash_a, hash_b, sizeof hash_a) == 0);
}

TEST_CASE("builder: two layers cannot have one name in a checkpoint") {
  CHECK(status_of(input(8), linear(4), linear(4).as("head")) == Status::ok);
  CHECK(status_of(input(8), linear(4), linear(4).as("linear_0")) == Status::bad_argument);
  CHECK(status_of(input(8), linear(4).as("a"), linear(4).as("a")) == Status::bad_argument);
  CHECK(status_of(input(8), linear(4).as("w/b")) == Status::bad_argument);
  CHECK(status_of(input(8), linear(4).as("a_name_of_more_than_23_letters")) ==
        Status::bad_argument);
}

TEST_CASE("builder: a job whose model does not fit is refused by every budget and by the trainer") {
  const auto job = training(model(input(8, 8, 1), linear(4)), sgd(0.1), batch(4));
  CHECK(job.report.status == Status::bad_shape);
  CHECK(job.report.bad_layer == 1);
  CHECK(job.bytes == ~std::uint64_t{0});
  alignas(kAlignment) std::uint8_t ram[1024];
  Trainer trainer;
  CHECK(trainer.init(job, {ram, sizeof ram}, 1) == Status::bad_argument);
}

TEST_CASE("builder: counts beyond 64 bits are errors") {
  const auto m =
      model(input(1024, 1024, 1), conv2d(1, 511), global_avg_pool(), flatten(), linear(2));
  CHECK(training(m, sgd(0.1), batch(64).micro(1)).report.status == Status::ok);
  CHECK(training(m, sgd(0.1), batch(2147483647).micro(1)).report.status == Status::too_large);
}
