#pragma once
#include "exact_layer.hpp"
#include "kernels/conv_cases.hpp"

// The ends and updates that the tests of the integer layers run, and how they call a backward leaf.
namespace hone_test {

/// Those of the float leaves, more than 32 of everything, and sums of more than 512 products.
inline std::vector<hone::Window> integer_conv_cases() {
  std::vector<hone::Window> all = conv_cases();
  const Pad one{1, 1, 1, 1};
  all.push_back(window(4, 6, 65, 9, 3, 3, 1, one, 1));
  all.push_back(window(3, 5, 3, 40, 2, 2, 1, {}, 1));
  all.push_back(window(3, 4, 70, 70, 3, 3, 1, one, 2));
  all.push_back(window(4, 5, 513, 3, 1, 1, 1, {}, 1));
  all.push_back(window(2, 3, 4, 517, 1, 1, 1, {}, 1));
  all.push_back(window(12, 20, 1, 2, 5, 40, 1, {2, 20, 2, 20}, 1));
  return all;
}

/// Every activation with shifts that multiply, keep, round and lose everything.
inline std::vector<hone::IntegerOutput> integer_outputs() {
  std::vector<hone::IntegerOutput> all;
  for (const int shift : {-62, -3, 0, 1, 6, 13, 22, 29, 30, 31, 50, 62, 63, 90})
    for (const hone::Activation act : kActivations) {
      hone::IntegerOutput end;
      end.act = act;
      end.slope = {26214, 18};  // 0.1
      end.six = shift % 2 ? std::int64_t{900} : std::int64_t{6} << 40;
      end.shift = shift;
      all.push_back(end);
    }
  return all;
}

inline std::vector<hone::IntegerGradient> integer_gradients() {
  std::vector<hone::IntegerGradient> all;
  for (const int shift : {-62, -3, 0, 1, 6, 13, 22, 31, 50, 62, 63, 90})
    for (const hone::Activation act : kActivations)
      for (const int resumed : {-99, -70, -2, 0, 9, 21, 70}) {
        hone::IntegerGradient end;
        end.resumes = resumed > -99;
        end.resumed_shift = resumed;
        end.act = act;
        end.slope = {26214, 18};
        end.six = shift % 2 ? 128 : 48;
        end.shift = shift;
        all.push_back(end);
      }
  return all;
}

struct IntegerWay {
  const char* name;
  hone::IntegerUpdate weights, bias;
  bool has_sum;
};
inline std::vector<IntegerWay> integer_ways() {
  std::vector<IntegerWay> all;
  const hone::Multiplier decay{20000, 27}, mu{29491, 15}, large_mu{32767, 13};
  auto add = [&](const char* name, int shift, hone::Multiplier wd, hone::Multiplier m, int flags,
                 bool first = true, bool last = true) {
    hone::IntegerUpdate u;
    u.rate = {shift > 80 ? 0 : 23457, shift};
    u.decay = wd;
    u.mu = m;
    u.momentum = flags > 0, u.decoupled = flags % 3 == 2, u.velocity16 = flags > 2;
    u.first = first, u.last = last;
    u.stream = 0x12345678u + static_cast<std::uint32_t>(all.size());
    hone::IntegerUpdate bias = u;
    bias.rate = u.rate.times(3);
    if (all.size() % 3 == 0) bias.decay = {};
    all.push_back({name, u, bias, !(first && last)});
  };
  add("plain", 9, {}, {}, 0);
  add("small", 17, {}, {}, 0);
  add("large", -2, {}, {}, 0);
  add("unscaled", 0, {}, {}, 0);
  add("overflow", -60, decay, {}, 0);
  add("vanishing", 70, {}, {}, 0);
  for (const int shift : {1, 2, 29, 30, 31, 32, 33}) add("edge of 32 bits", shift, decay, {}, 0);
  for (const int shift : {16, 17, 46, 47, 48, 49})
    add("decay at the edge of 32 bits", 12, {32767, shift}, {}, 0);
  add("rate 0", 90, decay, {}, 0);
  add("decay", 8, decay, {}, 0);
  add("steep decay", 8, {17000, 11}, {}, 0);
  add("momentum", 7, {}, mu, 1);
  add("momentum and decay", 7, decay, mu, 1);
  add("decoupled", 7, decay, mu, 2);
  add("velocity at its limit", 0, decay, large_mu, 1);
  add("momentum of 16 bits", 7, {}, mu, 3);
  add("momentum of 16 bits and decay", 9, decay, mu, 4);
  add("decoupled, momentum of 16 bits", 7, decay, mu, 5);
  add("velocity of 16 bits at its limit", 0, decay, large_mu, 3);
  add("first of a batch", 9, decay, {}, 0, true, false);
  add("middle of a batch", 9, {}, mu, 1, false, false);
  add("last of a batch", 9, {}, {}, 0, false, true);
  add("last with momentum", 9, decay, mu, 2, false, true);
  add("last with momentum of 16 bits", 9, decay, mu, 3, false, true);
  return all;
}

/// Parameters with values everywhere, some at their limits.
inline ExactParameters parameters(const hone::Window& s, std::uint32_t seed) {
  const std::size_t n = weights_of(s);
  ExactParameters p;
  p.w = weights(n, seed);
  p.sum = numbers<std::int32_t>(n, seed % 2 ? 31 : 20, seed + 2);
  p.velocity = numbers<std::int32_t>(n, seed % 3 ? 22 : 31, seed + 3);
  p.velocity16 = numbers<std::int16_t>(n, seed % 3 ? 10 : 15, seed + 7);
  p.bias = numbers<std::int32_t>(s.out_c, seed % 2 ? 22 : 31, seed + 4);
  p.bias_sum = numbers<std::int32_t>(s.out_c, seed % 2 ? 31 : 20, seed + 5);
  p.bias_velocity = numbers<std::int32_t>(s.out_c, seed % 3 ? 22 : 31, seed + 6);
  return p;
}

/// What a leaf is given. way null: frozen.
inline hone::IntegerParameters parameters_of(ExactParameters& p, const IntegerWay* way,
                                             bool has_bias) {
  hone::IntegerParameters use;
  use.w = p.w;
  if (!way) return use;
  use.update = &way->weights;
  if (way->has_sum) use.sum = p.sum;
  if (way->weights.velocity16)
    use.velocity16 = p.velocity16;
  else if (way->weights.momentum)
    use.velocity = p.velocity;
  if (!has_bias) return use;
  use.bias = p.bias;
  use.bias_update = &way->bias;
  if (way->has_sum) use.bias_sum = p.bias_sum;
  if (way->bias.momentum) use.bias_velocity = p.bias_velocity;
  return use;
}

/// d: the gradient of the layer's own map; dy: what its bias sums.
inline void exact_way(ExactParameters& p, const Codes& x, const Codes& d, const Codes& dy,
                      const hone::Window& s, std::size_t n, const IntegerWay* way, bool has_bias) {
  if (!way) return;
  exact_update(p, x, d, s, n, way->weights, way->has_sum);
  if (has_bias) exact_bias_update(p, dy, way->bias, way->has_sum);
}

/// Does `report` say of the weights what it may?
inline bool tells(const hone::IntegerReport& report, const ExactParameters& p, bool updated) {
  if (!updated) return report.weights == 0 && report.changes == 0;
  return report.weights >= p.largest_changed && report.weights <= p.largest &&
         (report.changes != 0) == p.changed;
}

}  // namespace hone_test
