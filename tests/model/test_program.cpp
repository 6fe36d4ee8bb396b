#include "hone/program.hpp"

#include <doctest/doctest.h>

#include "hone/job.hpp"
#include "train/owned_model.hpp"

using namespace hone;

TEST_CASE("program: a dropout's threshold and factor") {
  constexpr auto job = training(model(input(4), dropout(0.3), linear(2)), sgd(0.1), batch(1));
  CHECK(job.layer[1].drop_threshold() == 19661);  // round(65536 * 0.3)
  CHECK(job.layer[1].factor.f32 == 1.0f / 0.7f);
  constexpr auto none = training(model(input(4), dropout(0), linear(2)), sgd(0.1), batch(1));
  CHECK(none.layer[1].drop_threshold() == 0);
  CHECK(none.layer[1].factor.f32 == 1.0f);
  CHECK(!none.layer[1].is(LayerRun::kDrops));
  constexpr auto all = training(model(input(4), dropout(1), linear(2)), sgd(0.1), batch(1));
  CHECK(all.layer[1].drop_threshold() == 65536);
  constexpr auto half =
      training(model(input(4), dropout(0.5), linear(2)).in(w16a8), sgd(0.1), batch(1));
  CHECK(half.layer[1].factor.w16a8.mantissa == 1 << 14);
  CHECK(half.layer[1].factor.w16a8.shift == 13);
  CHECK(half.layer[1].is(LayerRun::kDrops));
  // As few as none, and yet scaled: in place of a copy.
  constexpr auto few = training(model(input(4), dropout(1e-6), linear(2)), sgd(0.1), batch(1));
  CHECK(few.layer[1].drop_threshold() == 0);
  CHECK(few.layer[1].is(LayerRun::kDrops));
}

TEST_CASE("program: the gradient of a tensor with several users is one chain in backward order") {
  constexpr auto job = training(
      model(input(4), linear(3).as("a"), linear(3), linear(3).of("a").as("c"), add("a"), linear(2)),
      sgd(0.1), batch(1));
  // "a" is layer 1, used by layers 2?, 3 and 4.
  static_assert(job.report.status == Status::bad_argument, "layer 2 has no user");
  constexpr auto good = training(model(input(4), linear(3).as("a"), linear(3).as("b"),
                                       linear(3).of("a"), add("b"), add("a"), linear(2)),
                                 sgd(0.1), batch(1));
  static_assert(good.report.status == Status::ok);
  const LayerRun *b = good.layer + 2, *c = good.layer + 3, *last = good.layer + 5;
  CHECK(!last->dx2.resumes);
  CHECK(!last->dx2.finishes);
  CHECK(c->dx.resumes);
  CHECK(!c->dx.finishes);
  CHECK(b->dx.resumes);
  CHECK(b->dx.finishes);
  CHECK(b->from == last->from2);
}

TEST_CASE("program: every layer has its functions, the input none") {
  constexpr auto job = training(model(input(4), linear(3), relu(), linear(2)), sgd(0.1), batch(1));
  CHECK((job.functions[0].forward == nullptr));
  CHECK((job.functions[0].backward == nullptr));
  CHECK((job.functions[1].forward == layers::linear_forward));
  CHECK((job.functions[2].backward == layers::activation_backward));
  CHECK((job.functions[3].backward == layers::linear_backward));
}

TEST_CASE("program: a copy of a job runs on its own records") {
  constexpr auto job = training(model(input(4), linear(3), relu(), linear(2)), sgd(0.1), batch(1));
  const auto copy = job;
  const JobView view = copy;
  CHECK(view.program.layer == copy.layer);
  CHECK(view.functions == copy.functions);
}

TEST_CASE("model: what resolve refuses, with the layer") {
  struct Case {
    std::vector<LayerSpec> layer;
    int bad;
    Status why;
  };
  const Case cases[] = {
      {{linear(3)}, 0, Status::bad_argument},
      {{input(3)}, 0, Status::bad_argument},
      {{input(3), mse()}, 0, Status::bad_argument},
      {{input(3), input(3), linear(2)}, 1, Status::bad_argument},
      {{input(3), mse(), linear(2)}, 1, Status::bad_argument},
      {{input(3), linear(3), add("x")}, 2, Status::unknown_name},
      {{input(3), linear(3).of("x")}, 1, Status::unknown_name},
      {{input(3), linear(3).as("x"), add("x")}, 2, Status::bad_argument},
      {{input(3), linear(3).as("x"), linear(3).as("x")}, 2, Status::bad_argument},
      {{input(3), linear(3), layer(Op::add)}, 2, Status::bad_argument},
  };
  for (Case c : cases) {
    Status why = Status::ok;
    CHECK(resolve(c.layer.data(), static_cast<int>(c.layer.size()), why) == c.bad);
    CHECK(why == c.why);
  }
}

TEST_CASE("model: names of layers are their own or type and place") {
  constexpr auto m = model(input(3), linear(3), linear(3).as("head"), relu(), linear(3));
  CHECK(name_of(m, 1).text() == Text("linear_0"));
  CHECK(name_of(m, 2).text() == Text("head"));
  CHECK(name_of(m, 4).text() == Text("linear_2"));
}
