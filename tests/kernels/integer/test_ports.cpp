#include "port_cases.hpp"
#if defined(HONE_HAS_PORT_compact)
#include "ports/compact/integer_table.hpp"
#endif

// Every port against portable, on every target. (That portable is right is checked against exact
// integers of 128 bits, where the target has them: the other files of this folder.)

using namespace hone_test;

TEST_CASE("integer ports: 1200 random layers give the bits of portable") {
  for (std::uint32_t seed = 1; seed <= 1200; ++seed) {
    const std::uint32_t kind = seed % 5 == 4 ? 1 : seed % 5;
    compare_ports(Case(seed, kind), seed, kind, Ports::all);
  }
}

// Lanes follow the winners of such pools.
TEST_CASE("integer ports: 300 convolutions in front of pools of 2x2 give the bits of portable") {
  for (std::uint32_t seed = 5001; seed <= 5300; ++seed)
    compare_ports(Case(seed, 4), seed, 4, Ports::lanes);
}

// Lanes take two such pixels at once, but the last one of an odd row.
TEST_CASE("integer ports: 200 convolutions to eight channels give the bits of portable") {
  for (std::uint32_t seed = 7001; seed <= 7200; ++seed) {
    const std::uint32_t kind = seed % 2 ? 1 : 3;
    compare_ports(Case(seed, kind, 8), seed, kind, Ports::lanes);
  }
}

// Every product is the largest there is: sums pass 32 bits, forward and backward.
TEST_CASE("integer ports: sums beyond 32 bits are those of portable") {
  const auto window = [](int side, int in_c, int out_c, int groups) {
    Window s;
    s.kernel_h = s.kernel_w = s.in_h = s.in_w = s.side(static_cast<std::uint32_t>(side));
    s.pad_top = s.pad_left = s.side(static_cast<std::uint32_t>(side / 2));
    s.out_h = s.out_w = s.in_h;
    s.in_c = static_cast<std::uint32_t>(in_c), s.out_c = static_cast<std::uint32_t>(out_c);
    s.groups = s.side(static_cast<std::uint32_t>(groups));
    return s;
  };
  const struct {
    std::uint32_t kind;
    Window s;
  } layers[] = {{0, window(1, 1100, 9, 1)},   {0, window(1, 9, 1100, 1)},
                {0, window(1, 100, 1031, 1)}, {1, window(3, 130, 8, 1)},
                {1, window(3, 6, 130, 1)},    {2, window(25, 5, 5, 5)}};
  for (const auto& layer : layers)
    for (std::uint32_t seed = 1; seed <= 4; ++seed) {
      Case c(seed, layer.kind);
      c.s = layer.s, c.n = seed == 4 ? 5 : 1;
      const std::size_t weights =
          std::size_t{c.s.kernel_h} * c.s.kernel_w * (c.s.in_c / c.s.groups) * c.s.out_c;
      c.x.assign(c.n * c.s.in_size(), 127), c.dx = c.x;
      c.dy.assign(c.n * c.s.out_size(), seed % 2 ? 127 : -127);
      c.start.w.assign(weights, seed < 3 ? 32767 : -32767);
      c.start.b.assign(c.s.out_c, 1 << 25), c.start.bias_sum.assign(c.s.out_c, 0x7FFFFFFF);
      c.start.bias_velocity.assign(c.s.out_c, 1 << 24);
      c.start.sum.assign(weights, 0x7FFFFFFF), c.start.velocity.assign(weights, 0x7FFFFFFF);
      c.start.velocity16.assign(weights, 32767);
      c.out.shift = 27, c.end.shift = 27;
      c.out.act = c.end.act = Activation::none;
      c.has_dx = true;
      compare_ports(c, seed, layer.kind, Ports::all);
    }
}

#if defined(HONE_HAS_PORT_compact)
// A random case of a job whose batches are whole.
Case case_of_job(std::uint32_t seed, bool has_momentum, bool decays) {
  Case c(seed, seed % 4);
  c.splits = c.update.velocity16 = c.update.decoupled = false;
  c.update.momentum = has_momentum;
  c.update.first = c.update.last = true;
  if (!decays) c.update.decay = {};
  const Multiplier rate = c.bias_update.rate;
  c.bias_update = c.update;
  c.bias_update.rate = rate;
  return c;
}

TEST_CASE("integer ports: compact's leaves for momentum give the bits of portable") {
  const IntegerKernels table = compact::integer_table_by<compact::integer::MomentumRule>();
  for (std::uint32_t seed = 4001; seed <= 4400; ++seed) {
    const Case c = case_of_job(seed, true, seed % 3 != 0);
    CAPTURE(seed);
    CHECK(run(c, table, seed % 4) == run(c, *portable::kKernels.integer, seed % 4));
  }
}
TEST_CASE("integer ports: compact's leaves for a plain update give the bits of portable") {
  const IntegerKernels table = compact::integer_table_by<compact::integer::PlainRule>();
  for (std::uint32_t seed = 5001; seed <= 5400; ++seed) {
    const Case c = case_of_job(seed, false, false);
    CAPTURE(seed);
    CHECK(run(c, table, seed % 4) == run(c, *portable::kKernels.integer, seed % 4));
  }
}

TEST_CASE("integer ports: compact's leaves of short rules are for no other job") {
  using compact::integer::dense_backward_by;
  const auto is_by = [](auto* leaf, const ProgramView& program) {
    return compact::integer_table(program).dense_backward == leaf;
  };
  const auto any = dense_backward_by<compact::integer::AnyRule>;
  const auto momentum = dense_backward_by<compact::integer::MomentumRule>;
  ProgramView program;
  CHECK(is_by(dense_backward_by<compact::integer::PlainRule>, program));
  program.weight_decay = 0.1f;
  CHECK(is_by(any, program));
  program.has_momentum = true;
  CHECK(is_by(momentum, program));
  program.weight_decay = 0;
  CHECK(is_by(momentum, program));
  program.velocity16 = true;
  CHECK(is_by(any, program));
  program.velocity16 = false;
  program.decoupled_decay = true;
  CHECK(is_by(any, program));
  program = ProgramView{};
  program.batch = 2;
  CHECK(is_by(any, program));
  program.has_momentum = true;
  CHECK(is_by(any, program));
}
#endif

// Sums of -1 have no magnitude bits, and are not 0.
TEST_CASE(
    "integer ports: one gradient of -1 in front of a 2x2 pool moves weights as portable does") {
  for (std::uint32_t seed = 6001; seed <= 6060; ++seed) {
    Case c(seed, 4);
    Draw draw(seed);
    for (std::int8_t& x : c.x) x = static_cast<std::int8_t>(draw.below(2));
    for (std::int8_t& d : c.dy) d = 0;
    c.dy[draw.below(static_cast<std::uint32_t>(c.dy.size()))] = -1;
    c.frozen = c.splits = false;
    c.update = {};
    c.update.rate = {20000, draw.between(-4, 18)};
    c.update.first = c.update.last = true;
    c.update.stream = seed;
    c.bias_update = c.update;
    compare_ports(c, seed, 4, Ports::lanes);
  }
}

TEST_CASE("integer ports: the gradient of a dense layer over its input") {
  for (const Kernels* port : available_kernels())
    for (std::uint32_t seed = 3001; seed <= 3200; ++seed) {
      Case c(seed, 0);
      if (seed % 4 == 0) c.frozen = true;
      c.end.resumes = false, c.end.act = Activation::none;
      CAPTURE(std::string(port->name));
      CAPTURE(seed);
      Codes dx[2] = {c.x, c.x};
      Weights weights[2] = {c.start, c.start};
      const IntegerKernels* const both[2] = {port->integer, portable::kKernels.integer};
      std::vector<std::int8_t> scratch(static_cast<std::size_t>(integer_dense_scratch(c.n)));
      for (int i = 0; i < 2; ++i)
        (void)both[i]->dense_backward(parameters_of(c, weights[i]), dx[i].data(), dx[i].data(),
                                      c.dy.data(), c.n, c.s.in_c, c.s.out_c, c.end,
                                      c.frozen ? nullptr : scratch.data());
      CHECK(dx[0] == dx[1]);
      CHECK(weights[0] == weights[1]);
    }
}
