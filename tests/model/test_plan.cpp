#include "hone/plan.hpp"

#include <doctest/doctest.h>

#include <cstring>

#include "hone/job.hpp"
#include "train/model_files.hpp"
#include "train/random_model.hpp"
#include "train/session.hpp"

using namespace hone;
using namespace hone_test;

namespace {

constexpr auto kMlp = model(input(784), linear(128), relu(), linear(10));
constexpr auto kCnn = model(input(28, 28, 1), conv2d(8, 3).same(), relu(), max_pool(2),
                            conv2d(16, 3).same(), relu(), max_pool(2), flatten(), linear(10));
constexpr auto kReference = model(input(64, 64, 1), conv2d(8, 3).same(), relu(), max_pool(2),
                                  conv2d(16, 3).same(), relu(), max_pool(2), conv2d(32, 3).same(),
                                  relu(), avg_pool(4), flatten(), dropout(0.3), linear(6));
constexpr Optimizer kPlain = sgd(0.05).weight_decay(5e-4);

constexpr auto kLenet =
    model(input(28, 28, 1), conv2d(8, 3).same(), relu(), max_pool(2), conv2d(16, 3).same(), relu(),
          max_pool(2), flatten(), linear(64), relu(), dropout(0.3), linear(10));
constexpr Optimizer kMomentum = kPlain.momentum(0.9);

// RAM that training needs, all in: parameters, optimizer, activations, scratch, one micro-batch.
constexpr std::uint64_t least(const ModelView& m, const Optimizer& rule, Batch batch) {
  LayerPlan layer[16] = {};
  Buffer buffer[buffers_of(16)] = {};
  std::int16_t order[buffers_of(16)] = {}, placed[buffers_of(16)] = {};
  PlanTotals t;
  plan_into(m, rule, batch.least_memory(), PlanKind::training, {},
            {layer, buffer, order, placed, 16}, t);
  return t.bytes;
}
static_assert(least(kMlp, kPlain, batch(1)) <= 410'928, "perceptron 784-128-10");
static_assert(least(kCnn, kPlain, batch(1)) <= 57'360, "28x28 network");
static_assert(least(kCnn, kPlain, batch(8).micro(1)) <= 93'760, "28x28 network, batch 8 by ones");
static_assert(least(kReference, kPlain, batch(1)) <= 155'808, "reference network");
static_assert(least(kReference, kPlain, batch(8).micro(1)) <= 191'680, "batch 8 by ones");
static_assert(least(kReference, kMomentum, batch(8).micro(1)) <= 191'680, "with momentum");
static_assert(least(kLenet, kMomentum, batch(16).micro(1)) <= 438'080, "LeNet, batch 16 by ones");
static_assert(training(kCnn, kPlain, batch(1)).bytes <= 110'000, "with fast kernels");
static_assert(least(kMlp.in(w16a8), kPlain, batch(1)) <= 207'000, "perceptron in integers");
static_assert(least(kCnn.in(w16a8), kPlain, batch(1)) <= 24'500, "28x28 network in integers");
static_assert(least(kReference.in(w16a8), kPlain, batch(1)) <= 51'000, "reference network");
static_assert(least(kReference.in(w16a8), kPlain, batch(8).micro(1)) <= 88'000, "batch 8 by ones");
static_assert(least(kLenet.in(w16a8), kMomentum, batch(1)) -
                      least(kLenet.in(w16a8), kMomentum.narrow_velocity(), batch(1)) ==
                  2 * 52'040,
              "half a velocity of each weight");

// The velocity takes the micro-batches, so with momentum a split costs nothing.
static_assert(training(kReference, kPlain.momentum(0.9), batch(8).micro(1)).bytes ==
              training(kReference, kPlain.momentum(0.9), batch(1)).bytes);
static_assert(training(kCnn, kPlain, batch(8).micro(1)).report.accumulator_bytes > 0);

struct PlannedBytes {
  std::vector<LayerPlan> layer;
  std::vector<Buffer> buffer;
  PlanTotals totals;
};
// Plans into memory that holds `dirt` in every byte.
PlannedBytes planned(ModelView m, const Optimizer& rule, Batch batch, unsigned char dirt) {
  PlannedBytes p;
  p.layer.resize(static_cast<std::size_t>(m.n));
  p.buffer.resize(static_cast<std::size_t>(buffers_of(m.n)));
  std::memset(static_cast<void*>(p.layer.data()), dirt, p.layer.size() * sizeof(LayerPlan));
  std::memset(static_cast<void*>(p.buffer.data()), dirt, p.buffer.size() * sizeof(Buffer));
  std::memset(static_cast<void*>(&p.totals), dirt, sizeof p.totals);
  std::vector<std::int16_t> order(p.buffer.size(), static_cast<std::int16_t>(dirt)), placed = order;
  plan_into(m, rule, batch, PlanKind::training, {},
            {p.layer.data(), p.buffer.data(), order.data(), placed.data(), m.n}, p.totals);
  return p;
}

bool same_plan(ModelView m, const PlannedBytes& a, const PlannedBytes& b) {
  bool same = a.totals.bytes == b.totals.bytes && a.totals.parameters == b.totals.parameters &&
              a.totals.macs_step == b.totals.macs_step && a.totals.labels == b.totals.labels &&
              a.totals.buffers == b.totals.buffers && a.totals.bound == b.totals.bound;
  for (int i = 0; i < a.totals.buffers; ++i) {
    const Buffer &x = a.buffer[static_cast<std::size_t>(i)],
                 &y = b.buffer[static_cast<std::size_t>(i)];
    same = same && x.offset == y.offset && x.bytes == y.bytes && x.first == y.first &&
           x.last == y.last;
  }
  const int layers = m.n - (is_loss(m.layer[m.n - 1].op) ? 1 : 0);
  for (int i = 0; i < layers; ++i) {
    const LayerPlan &x = a.layer[static_cast<std::size_t>(i)],
                    &y = b.layer[static_cast<std::size_t>(i)];
    same = same && x.y == y.y && x.dy == y.dy && x.aux == y.aux && x.scratch == y.scratch &&
           x.backward_scratch == y.backward_scratch && x.runs_in == y.runs_in && x.w == y.w &&
           x.sum_b == y.sum_b && x.mask == y.mask && x.applies == y.applies && x.users == y.users;
  }
  return same;
}

PlanTotals totals_of(ModelView m, const Optimizer& rule, Batch batch,
                     const SharingRules& rules = {}) {
  return Session(m, rule, batch, rules).totals;
}

}  // namespace

TEST_CASE("plan: into dirty memory it is the same plan") {
  for (std::uint32_t seed = 1; seed <= 60; ++seed) {
    const OwnedModel m = random_model(seed);
    const PlannedBytes a = planned(m, random_rule(seed), batch(3).micro(2), 0);
    CHECK(a.totals.status == Status::ok);
    CHECK(same_plan(m, a, planned(m, random_rule(seed), batch(3).micro(2), 0xFF)));
    CHECK(same_plan(m, a, planned(m, random_rule(seed), batch(3).micro(2), 0x5A)));
  }
}

TEST_CASE("plan: the same in a constant expression and at run time, for builder and text") {
  constexpr std::uint64_t bytes = training(kReference, kPlain, batch(4)).bytes;
  CHECK(totals_of(kReference, kPlain, batch(4)).bytes == bytes);
  for (const OwnedModel& m : example_models())
    if (m.name == "reference") CHECK(totals_of(m, kPlain, batch(4)).bytes == bytes);
}

TEST_CASE("plan: buffers that live together never overlap, and lie behind the parameters") {
  for (std::uint32_t seed = 1; seed <= 200; ++seed) {
    const OwnedModel m = random_model(seed);
    const Session s(m, random_rule(seed), batch(2));
    REQUIRE(s.status() == Status::ok);
    const std::uint64_t permanent = s.totals.bytes - s.totals.shared_bytes;
    for (std::size_t i = 0; i < s.buffers.size(); ++i) {
      const Buffer& a = s.buffers[i];
      if (!a.lives()) continue;
      CHECK(a.offset % kAlignment == 0);
      CHECK(a.offset >= permanent);
      CHECK(a.offset + a.bytes <= s.totals.bytes);
      for (std::size_t j = 0; j < i; ++j) {
        const Buffer& b = s.buffers[j];
        const bool apart = a.offset + a.bytes <= b.offset || b.offset + b.bytes <= a.offset;
        CHECK((!b.lives() || !a.overlaps(b) || apart));
      }
    }
  }
}

TEST_CASE("plan: sharing halves the shared part of every example model, or better") {
  for (const OwnedModel& m : example_models()) {
    CAPTURE(m.name);
    const PlanTotals with = totals_of(m, kPlain, batch(8)),
                     without = totals_of(m, kPlain, batch(8), no_sharing());
    CHECK(with.parameter_bytes == without.parameter_bytes);
    CHECK(with.shared_bytes < without.shared_bytes);
    if (m.name != "mlp") CHECK(2 * with.shared_bytes <= without.shared_bytes);
    CHECK(with.shared_bytes <= with.bound * 11 / 10);
  }
}

TEST_CASE("plan: bytes by kind add up, and are those of the parameters") {
  const PlanTotals t = totals_of(kMlp, kPlain.momentum(0.9), batch(4));
  CHECK(t.parameters == 101'770);
  CHECK(t.parameter_bytes == 4 * (784 * 128 + 128 + 128 * 10 + 12));
  CHECK(t.optimizer_bytes == t.parameter_bytes);
  CHECK(t.accumulator_bytes == 0);
  CHECK(t.bytes == t.parameter_bytes + t.optimizer_bytes + t.activation_bytes());
  CHECK(t.macs_forward == 784 * 128 + 128 * 10);
  CHECK(t.macs_step == 4 * (2 * 784 * 128 + 3 * 128 * 10));
}

TEST_CASE("plan: frozen layers cost no gradient, no velocity and no stored activation") {
  const auto frozen = train_from(kReference, 9);
  const PlanTotals t = totals_of(frozen, kPlain.momentum(0.9), batch(8));
  const PlanTotals forward = Session(kReference, kPlain, batch(8), {}, PlanKind::inference).totals;
  const std::uint64_t head = 4 * ((512 * 6) + 8);
  CHECK(t.optimizer_bytes == head);
  CHECK(t.macs_step == 8 * (t.macs_forward + 512 * 6));
  // The forward pass alone decides; labels come on top.
  CHECK(t.shared_bytes <= forward.shared_bytes + 8 * 2 + kAlignment);
}

TEST_CASE("plan: a wrong plan has no bytes to offer, so that every budget fails") {
  const auto wrong = model(input(4, 4, 1), conv2d(3, 7), flatten(), linear(2));
  const auto job = training(wrong, kPlain, batch(1));
  CHECK(job.report.status == Status::bad_shape);
  CHECK(job.report.bad_layer == 1);
  CHECK(job.bytes == ~std::uint64_t{0});
  CHECK(totals_of(kMlp, sgd(-1), batch(1)).status == Status::bad_argument);
  CHECK(totals_of(kMlp, sgd(0.1).momentum(1), batch(1)).status == Status::bad_argument);
  CHECK(totals_of(kMlp, sgd(0.1), batch(0)).status == Status::bad_argument);
  const Optimizer narrow = sgd(0.1).narrow_velocity();
  CHECK(totals_of(kMlp, narrow.momentum(0.9), batch(1)).status == Status::bad_argument);
  CHECK(totals_of(kMlp.in(w16a8), narrow, batch(1)).status == Status::bad_argument);
  CHECK(totals_of(kMlp.in(w16a8), narrow.momentum(0.9), batch(1)).status == Status::ok);
  CHECK(totals_of(kMlp, sgd(0.1), batch(2'000'000)).status == Status::too_large);
}

TEST_CASE("plan: more classes than labels have numbers, and averages of too many pixels") {
  constexpr int kMost = 65535;
  const auto many = [](int classes) { return model(input(2), linear(classes)); };
  CHECK(totals_of(many(kMost), kPlain, batch(1)).status == Status::ok);
  CHECK(totals_of(many(kMost + 1), kPlain, batch(1)).status == Status::too_large);
  CHECK(totals_of(many(kMost + 1), kPlain, batch(1)).bad_layer == 1);
  const auto squares = model(input(2), linear(kMost + 1), mse());
  CHECK(totals_of(squares, kPlain, batch(1)).status == Status::ok);
  CHECK(totals_of(squares.in(w16a8), kPlain, batch(1)).status == Status::ok);

  const auto wide = model(input(256, 257, 1), global_avg_pool(), flatten(), linear(2));
  const auto square = model(input(256, 256, 1), global_avg_pool(), flatten(), linear(2));
  CHECK(totals_of(wide, kPlain, batch(1)).status == Status::ok);
  CHECK(totals_of(wide.in(w16a8), kPlain, batch(1)).status == Status::too_large);
  CHECK(totals_of(wide.in(w16a8), kPlain, batch(1)).bad_layer == 1);
  CHECK(totals_of(square.in(w16a8), kPlain, batch(1)).status == Status::ok);
}

TEST_CASE("plan: an output that nobody uses is refused") {
  const auto unused = model(input(4), linear(3).as("a"), linear(3), linear(3).of("a"));
  const PlanTotals t = totals_of(unused, kPlain, batch(1));
  CHECK(t.status == Status::bad_argument);
  CHECK(t.bad_layer == 2);
}

TEST_CASE(
    "plan: within a RAM budget, the largest micro-batch with fast kernels, else with few bytes") {
  std::vector<LayerPlan> layer(16);
  std::vector<Buffer> buffer(static_cast<std::size_t>(buffers_of(16)));
  std::vector<std::int16_t> order(buffer.size()), placed(buffer.size());
  const PlanMemory memory{layer.data(), buffer.data(), order.data(), placed.data(), 16};
  const auto within = [&](std::uint64_t ram) {
    return batch_within(kReference, kMomentum, 8, ram, memory);
  };
  const auto bytes = [](Batch b) { return totals_of(kReference, kMomentum, b).bytes; };
  for (int micro = 1; micro <= 8; ++micro) {
    const Batch fast = batch(8).micro(micro);
    CHECK(within(bytes(fast)).micro_batch == micro);
    CHECK(within(bytes(fast)).workspace == Workspace::fast);
    if (micro > 1) CHECK(within(bytes(fast) - 1).micro_batch == micro - 1);
  }
  const Batch below = within(bytes(batch(8).micro(1)) - 1);
  CHECK(below.workspace == Workspace::least);
  CHECK(bytes(below) < bytes(batch(8).micro(1)));
  CHECK(bytes(below.micro(below.micro_batch + 1)) >= bytes(batch(8).micro(1)));
  const Batch least = least_batch(kReference, kMomentum, 8, memory);
  CHECK(least.micro_batch == 1);
  CHECK(within(bytes(least)).micro_batch == 1);
  CHECK(within(bytes(least) - 1).size == 0);
}

TEST_CASE("plan: a convolution, its activation and its pool leave one map") {
  constexpr auto job = training(kCnn, kPlain, batch(1));
  CHECK(job.layer[1].y == job.layer[3].y);
  CHECK(job.layer[1].pool == 3);
  CHECK(job.layer[1].activation == 2);
  CHECK(job.layer[3].is(LayerRun::kRunsBefore));
  // Neither windows that overlap, nor a map that others read, nor a mask that the loss overwrites.
  constexpr auto overlap = training(
      model(input(8, 8, 1), conv2d(4, 3), relu(), max_pool(3).stride(2), flatten(), linear(2)),
      kPlain, batch(1));
  CHECK(overlap.layer[1].pool == 0);
  CHECK(overlap.layer[1].activation == 2);
  constexpr auto read =
      training(model(input(8, 8, 1), conv2d(1, 3).same().as("a"), max_pool(2).as("b"),
                     avg_pool(2).of("a"), add("b"), flatten(), linear(2)),
               kPlain, batch(1));
  CHECK(read.layer[1].pool == 0);
  constexpr auto last = training(
      model(input(4, 4, 1), conv2d(4, 3), relu(), max_pool(2), flatten()), kPlain, batch(1));
  CHECK(last.report.status == Status::ok);
  CHECK(last.layer[1].pool == 0);
}

TEST_CASE("plan: inference fuses as well") {
  constexpr auto job = inference(kCnn);
  CHECK(job.layer[1].pool == 3);
  CHECK(job.layer[4].activation == 5);
}
