#pragma once
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "hone/integer_kernels.hpp"
#include "hone/random.hpp"
#include "ports/dispatch.hpp"

namespace hone_test {

using namespace hone;

using Codes = std::vector<std::int8_t>;

class Draw {
 public:
  explicit Draw(std::uint32_t seed) : stream_(mix(seed)) {}
  std::uint32_t below(std::uint32_t n) { return stream_.below(n); }
  int between(int low, int high) {
    const auto range = static_cast<std::uint32_t>(std::int64_t{high} - low + 1);
    return static_cast<int>(std::int64_t{low} + below(range));
  }
  template <class T>
  std::vector<T> numbers(std::size_t n, int most) {
    const std::uint32_t kind = below(4);
    std::vector<T> all(n);
    for (T& v : all) {
      if (kind == 0) v = static_cast<T>(below(2) ? most : -most);
      if (kind == 1) v = static_cast<T>(below(3) ? 0 : between(-most, most));
      if (kind >= 2) v = static_cast<T>(between(-most, most));
    }
    return all;
  }

 private:
  Stream stream_;
};

struct Weights {
  std::vector<std::int16_t> w;
  std::vector<std::int32_t> b, sum, bias_sum, velocity, bias_velocity;
  std::vector<std::int16_t> velocity16;

  bool operator==(const Weights& o) const {
    return w == o.w && b == o.b && sum == o.sum && bias_sum == o.bias_sum &&
           velocity == o.velocity && bias_velocity == o.bias_velocity && velocity16 == o.velocity16;
  }
};

/// A random layer, by its seed, of kind 0 dense, 1 convolution, 2 depthwise, 3 convolution and
/// pool, 4 convolution and a pool of 2x2.
struct Case {
  Window s;
  std::size_t n = 1;
  Codes x, dy, dx;
  Weights start;
  IntegerOutput out;
  IntegerGradient end;
  IntegerUpdate update, bias_update;
  int bias_shift = 0;
  bool has_dx = false, splits = false, frozen = false, ordinary = false;
  Window pool;  ///< of kinds 3 and 4
  std::vector<std::uint8_t> routes;

  /// `outputs`, if not 0: those of a convolution of few channels.
  explicit Case(std::uint32_t seed, std::uint32_t kind, std::uint32_t outputs = 0) {
    Draw draw(seed);
    n = 1 + draw.below(kind == 0 && draw.below(8) == 0 ? (draw.below(2) ? 140 : 700) : 9);
    if (kind == 0) {
      s.in_c = 1 + draw.below(draw.below(4) ? 70 : 600);
      s.out_c = 1 + draw.below(draw.below(4) ? 70 : 300);
    } else {
      const std::uint32_t side = kind == 4 && draw.below(3) == 0 ? 7 : 3;
      s.kernel_h = s.side(1 + draw.below(side)), s.kernel_w = s.side(1 + draw.below(side + 1));
      s.stride = s.side(1 + draw.below(draw.below(4) ? 2 : 3));
      s.in_h = s.side(s.kernel_h + draw.below(6)), s.in_w = s.side(s.kernel_w + draw.below(9));
      s.pad_top = s.side(draw.below(s.kernel_h)), s.pad_left = s.side(draw.below(s.kernel_w));
      if (kind == 4 || (kind == 3 && draw.below(3))) s.stride = 1;
      if (kind != 2 && draw.below(3) == 0) s.in_w = s.side(s.in_w + 8 * draw.below(6));
      s.out_h = s.side((s.in_h + 2u * s.pad_top - s.kernel_h) / s.stride + 1);
      s.out_w = s.side((s.in_w + 2u * s.pad_left - s.kernel_w) / s.stride + 1);
      s.groups = s.side(kind == 2 ? 1 + draw.below(40) : kind != 4 && draw.below(4) == 0 ? 2 : 1);
      const std::uint32_t most = draw.below(5) == 0 ? 70 : 18;
      s.in_c = kind == 2 ? s.groups : s.groups * channels(draw, most);
      s.out_c = kind == 2 ? s.groups : s.groups * channels(draw, most);
      if (kind == 4) s.out_c = 8 * (1 + draw.below(draw.below(4) ? 4 : 40));
      if (outputs) s.groups = 1, s.in_c = 1 + draw.below(4), s.out_c = outputs;
    }
    if (kind >= 3) draw_pool(draw, kind == 4);
    const Window& last = kind >= 3 ? pool : s;
    x = draw.numbers<std::int8_t>(n * s.in_size(), 127);
    dx = draw.numbers<std::int8_t>(n * s.in_size(), 127);
    dy = draw.numbers<std::int8_t>(n * last.out_size(), 127);
    const std::size_t weights =
        std::size_t{s.kernel_h} * s.kernel_w * (s.in_c / s.groups) * s.out_c;
    // Any, or no larger than training leaves them, which some ports divide into bytes.
    // 32,639 is the last that splits into a byte and another.
    constexpr int kMostWeight[] = {32767, 30719, 30719, 32639, 32640};
    start.w = draw.numbers<std::int16_t>(weights, kMostWeight[draw.below(5)]);
    start.b = draw.numbers<std::int32_t>(s.out_c, 1 << 25);
    start.sum = draw.numbers<std::int32_t>(weights, draw.below(5) ? 1 << 20 : 0x7FFFFFFF);
    start.bias_sum = draw.numbers<std::int32_t>(s.out_c, 1 << 20);
    // Of 28 and 30 bits: beyond, ports take another way.
    constexpr int kMostVelocity[] = {1 << 24, 1 << 24, (1 << 28) + 9, (1 << 30) + 9, 0x7FFFFFFF};
    start.velocity = draw.numbers<std::int32_t>(weights, kMostVelocity[draw.below(5)]);
    start.velocity16 = draw.numbers<std::int16_t>(weights, 32767);
    start.bias_velocity = draw.numbers<std::int32_t>(s.out_c, 1 << 24);
    bias_shift = draw.between(-6, 6);
    out.act = static_cast<Activation>(draw.below(4));
    out.slope = multiplier_of(0.2f);
    out.six = draw.between(100, 100000);
    out.shift = draw.between(-2, 24);
    end.resumes = draw.below(3) == 0;
    end.resumed_shift = draw.between(-3, 12);
    end.act = static_cast<Activation>(draw.below(4));
    end.slope = multiplier_of(0.3f);
    end.six = draw.between(20, 128);
    end.shift = draw.between(-2, 24);
    has_dx = draw.below(4) != 0, splits = draw.below(4) == 0, frozen = draw.below(6) == 0;
    const int mantissa = 16384 + static_cast<int>(draw.below(16384));
    update.rate = {mantissa, draw.between(-4, 40)};
    if (draw.below(2)) update.decay = {20000, draw.between(10, 50)};
    update.momentum = draw.below(3) == 0, update.decoupled = draw.below(2) == 0;
    update.mu = multiplier_of(0.9f);
    if (draw.below(3) == 0) update.mu = {16384 + static_cast<int>(draw.below(16384)), 15};
    if (draw.below(6) == 0) update.mu = {update.mu.mantissa, draw.between(15, 70)};
    if (draw.below(12) == 0) update.mu = {};
    update.first = !splits || draw.below(2), update.last = !splits || draw.below(2);
    update.stream = draw.below(0xFFFFFFFFu);
    ordinary = kind == 4 || draw.below(3) != 0;
    if (ordinary) {  // what layers mostly are
      out.shift = draw.between(8, 20), end.shift = draw.between(8, 20), end.resumes = false;
      bias_shift = draw.between(0, 6);
      if (out.act == Activation::leaky_relu) out.act = Activation::relu;
      update.rate = {mantissa, draw.between(-17, 47)};
    }
    update.velocity16 = update.momentum && draw.below(3) == 0;
    bias_update = update;
    bias_update.rate = {mantissa, draw.between(-4, 30)};
  }

 private:
  static std::uint32_t channels(Draw& draw, std::uint32_t most) {
    constexpr std::uint32_t kCommon[] = {1, 3, 7, 8, 9, 15, 16, 17, 24, 31, 32, 33};
    return draw.below(2) ? kCommon[draw.below(most > 30 ? 12 : 8)] : 1 + draw.below(most);
  }
  // A pool without padding or overlap over the map, and what won in its windows.
  void draw_pool(Draw& draw, bool two) {
    const std::uint32_t least = s.out_h < s.out_w ? s.out_h : s.out_w;
    std::uint32_t side = two || draw.below(3) ? 2 : 1 + draw.below(4);
    if (side > least) side = least;
    pool.kernel_h = pool.kernel_w = pool.side(side);
    pool.stride = pool.side(side + (!two && draw.below(4) == 0 ? 1 : 0));
    pool.in_h = s.out_h, pool.in_w = s.out_w, pool.in_c = pool.out_c = s.out_c;
    pool.out_h = pool.side((s.out_h - side) / pool.stride + 1);
    pool.out_w = pool.side((s.out_w - side) / pool.stride + 1);
    const std::uint32_t window = side * side, bits = route_bits(window);
    routes.assign(n * pool.out_size() * bits / 8 + 16, 0);
    for (std::size_t i = 0; i < n * pool.out_size(); ++i) {
      const std::size_t bit = i * bits;
      routes[bit / 8] = static_cast<std::uint8_t>(routes[bit / 8] | draw.below(window) << bit % 8);
    }
  }
};

inline IntegerParameters parameters_of(const Case& c, Weights& w) {
  IntegerParameters p;
  p.w = w.w.data();
  if (c.frozen) return p;
  p.update = &c.update, p.bias_update = &c.bias_update, p.bias = w.b.data();
  if (c.splits) p.sum = w.sum.data(), p.bias_sum = w.bias_sum.data();
  if (c.update.momentum) p.bias_velocity = w.bias_velocity.data();
  if (c.update.velocity16)
    p.velocity16 = w.velocity16.data();
  else if (c.update.momentum)
    p.velocity = w.velocity.data();
  return p;
}

struct Result {
  Codes y, dx;
  std::vector<std::uint8_t> routes;
  std::vector<std::int64_t> sums;
  Weights weights;
  std::uint64_t seen = 0;
  IntegerReport report;

  bool operator==(const Result& o) const {
    // Rows that did not change may be left out of the largest weight.
    return y == o.y && dx == o.dx && routes == o.routes && sums == o.sums && weights == o.weights &&
           seen == o.seen && report.gradient == o.report.gradient &&
           report.changes == o.report.changes;
  }
};

// Bits of the last byte of routes that no window has: a leaf may leave what was there.
inline void clear_beyond(std::vector<std::uint8_t>& routes, const Window& pool, std::size_t n) {
  const std::size_t used = n * pool.out_size() * route_bits(pool.kernel_h * pool.kernel_w);
  if (used % 8 == 0) return;
  std::uint8_t& last = routes[used / 8];
  last = static_cast<std::uint8_t>(last & ((1u << used % 8) - 1));
}

inline Result run(const Case& c, const IntegerKernels& k, std::uint32_t kind) {
  Result r;
  const bool pools = kind >= 3;
  r.y.assign(c.n * (pools ? c.pool : c.s).out_size(), 99);
  r.routes.assign(c.routes.size(), 99);
  r.dx = c.dx;
  r.weights = c.start;
  IntegerOutput out = c.out;
  r.sums.assign(r.y.size(), 0);
  if (c.n % 3 == 0 && !pools) out.sums = r.sums.data(), out.act = Activation::none;
  IntegerGradient end = c.end;
  if (end.act != Activation::none) end.y = c.x.data();
  const Window& s = c.s;
  const std::int16_t* const w = c.start.w.data();
  const std::int32_t* const b = c.start.b.data();
  std::int8_t* const dx = c.has_dx ? r.dx.data() : nullptr;
  const IntegerParameters p = parameters_of(c, r.weights);
  const std::uint64_t room = integer_conv_scratch(s, pools ? &c.pool : nullptr, false) +
                             integer_conv_scratch(s, pools ? &c.pool : nullptr, true);
  std::vector<std::int8_t> scratch(static_cast<std::size_t>(room) + 1024);
  if (kind == 0) {
    r.seen = k.dense_forward(r.y.data(), c.x.data(), w, b, c.bias_shift, c.n, s.in_c, s.out_c, out);
    r.report =
        k.dense_backward(p, dx, c.x.data(), c.dy.data(), c.n, s.in_c, s.out_c, end, scratch.data());
  } else if (kind != 2) {
    Pooled forward{c.pool, r.routes.data()}, backward{c.pool, nullptr};
    std::vector<std::uint8_t> routes = c.routes;
    backward.routes = routes.data();
    r.seen = k.conv_forward(r.y.data(), c.x.data(), w, b, c.bias_shift, s,
                            pools ? &forward : nullptr, c.n, out, scratch.data());
    if (pools) clear_beyond(r.routes, c.pool, c.n);
    r.report = k.conv_backward(p, dx, c.x.data(), c.dy.data(), s, pools ? &backward : nullptr, c.n,
                               end, dx ? scratch.data() : nullptr);
  } else {
    r.seen = k.depthwise_forward(r.y.data(), c.x.data(), w, b, c.bias_shift, s, c.n, out);
    r.report = k.depthwise_backward(p, dx, c.x.data(), c.dy.data(), s, c.n, end);
  }
  return r;
}

// Every port with portable; or those with lanes, where only these have ways of their own and
// compact would take most of the time.
enum class Ports { all, lanes };
inline void compare_ports(const Case& c, std::uint32_t seed, std::uint32_t kind, Ports which) {
  CAPTURE(seed);
  const auto want = run(c, *portable::kKernels.integer, kind);
  for (const Kernels* port : available_kernels()) {
    const std::string name = port->name;
    if (name == "portable" || (which == Ports::lanes && name == "compact")) continue;
    CAPTURE(name);
    CHECK(run(c, *port->integer, kind) == want);
  }
}

}  // namespace hone_test
