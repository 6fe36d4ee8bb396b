#include "random_model.hpp"

#include <cstdlib>

#include "hone/random.hpp"
#include "hone/shapes.hpp"

namespace hone_test {

using namespace hone;

namespace {

class Builder {
 public:
  Builder(std::uint32_t seed, bool leaky) : random_(seed), leaky_(leaky) {
    const bool flat = chance(20);
    const int h = between(3, 9), w = between(3, 9), c = between(1, 5);
    append(flat ? input(between(2, 30)) : input(h, w, c), -1, -1);
  }

  OwnedModel build(std::uint32_t seed) {
    const int pieces = between(1, 4);
    for (int i = 0; i < pieces; ++i) add_piece();
    add_head();
    freeze();
    Status why = Status::ok;
    if (resolve(layer_.data(), static_cast<int>(layer_.size()), why) >= 0) std::abort();
    return {"random " + std::to_string(seed), layer_};
  }

 private:
  int between(int low, int high) {
    return low + static_cast<int>(random_.below(static_cast<std::uint32_t>(high - low + 1)));
  }
  bool chance(int percent) { return between(1, 100) <= percent; }
  int last() const { return static_cast<int>(layer_.size()) - 1; }
  const Shape& shape(int i) const { return shape_[static_cast<std::size_t>(i)]; }
  bool is_flat(int i) const { return shape(i).h == 1 && shape(i).w == 1; }

  Name name(int i) {
    LayerSpec& l = layer_[static_cast<std::size_t>(i)];
    if (l.name.empty()) l.name = Name(("t" + std::to_string(i)).c_str());
    return l.name;
  }

  // False, with nothing changed, where the layer does not fit.
  bool append(LayerSpec s, int from, int second) {
    LayerShape r;
    const Shape a = from >= 0 ? shape(from) : Shape{}, b = second >= 0 ? shape(second) : Shape{};
    if (shape_of(s, a, b, r) != Status::ok || r.out.size() > 600) return false;
    if (from >= 0 && from != last()) s = s.of(name(from));
    if (second >= 0) s.from_name[1] = name(second);
    layer_.push_back(s);
    shape_.push_back(r.out);
    return true;
  }

  LayerSpec weighty(LayerSpec s) {
    if (chance(15)) s = s.no_bias();
    if (chance(10)) s = s.decay_bias();
    return s;
  }

  LayerSpec elementwise() {
    switch (leaky_ ? between(2, 3) : between(0, 4)) {
      case 0:
        return relu();
      case 1:
        return relu6();
      case 2:
        return leaky_relu(0.3);  // no power of two, whose products are exact
      case 3:
        return dropout(0.3);
      default:
        return dropout(0.4).whole_channels();
    }
  }

  // A layer whose output has the shape of its input.
  LayerSpec keeping(int from) {
    const int c = static_cast<int>(shape(from).c);
    if (chance(50)) return elementwise();
    if (is_flat(from) && chance(80)) return weighty(linear(c));
    switch (between(0, 5)) {
      case 0:
        return weighty(conv2d(c, 3).same());
      case 1:
        return weighty(conv2d(c, 1));
      case 2:
        return weighty(depthwise(3).same());
      case 3:
        return max_pool(3).stride(1).same();
      case 4:
        return avg_pool(2).stride(1).same();
      default:
        return weighty(conv2d(c, 2).same().groups(c));
    }
  }

  LayerSpec changing(int from) {
    if (chance(35)) return keeping(from);
    if (is_flat(from)) return weighty(linear(between(1, 20)));
    switch (between(0, 8)) {
      case 0: {
        // One draw a statement: the order of arguments is the compiler's choice.
        const int out = between(1, 9), kernel_h = between(1, 3), kernel_w = between(1, 3);
        const int pad_h = between(0, 2), pad_w = between(0, 2), step = between(1, 2);
        return weighty(conv2d(out, kernel_h, kernel_w).padding(pad_h, pad_w).stride(step));
      }
      case 1:
        return weighty(conv2d(between(1, 18), 3).same());
      case 2:
        return weighty(conv2d(between(1, 6), 1));
      case 3:
        return weighty(depthwise(3).stride(between(1, 2)).padding(1));
      case 4:
        return max_pool(2);
      case 5:
        return max_pool(3).stride(between(1, 3)).padding(1);
      case 6:
        return avg_pool(between(2, 3)).same();
      case 7:
        return flatten();
      default:
        return weighty(conv2d(2 * static_cast<int>(shape(from).c), 3)
                           .same()
                           .groups(static_cast<int>(shape(from).c)));
    }
  }

  LayerSpec activation() {
    if (leaky_) return leaky_relu(0.3);
    return chance(60) ? relu() : chance(50) ? relu6() : leaky_relu(0.3);
  }

  // A convolution with what may run in its pass: an activation, a pool. Windows with gaps and with
  // rows left over, and some that overlap. False if already the convolution does not fit.
  bool pooled(int from) {
    const int c = static_cast<int>(shape(from).c);
    const int out = chance(30) ? 2 * c : between(1, 9), kernel = between(1, 3);
    LayerSpec conv = weighty(conv2d(out, kernel, between(1, 3)).same());
    if (out == 2 * c) conv = conv.groups(c);
    if (is_flat(from) || !append(conv, from, -1)) return false;
    if (chance(80)) (void)append(activation(), last(), -1);
    const int high = between(1, 3), wide = between(1, 3), longer = high > wide ? high : wide;
    const int stride = chance(85) ? between(longer, longer + 1) : 1;
    const LayerSpec pool = chance(25) ? avg_pool(high, wide) : max_pool(high, wide);
    (void)append(pool.stride(stride), last(), -1);
    return true;
  }

  void chain(int from, int length, bool keeps) {
    for (int i = 0; i < length; ++i) {
      const int at = i == 0 ? from : last();
      if (!keeps && chance(40) && pooled(at)) continue;
      const bool done = append(keeps ? keeping(at) : changing(at), at, -1);
      if (!done && i == 0 && !append(relu(), at, -1)) std::abort();
    }
  }

  void add_piece() {
    const int from = last(), kind = between(0, 3);
    if (kind == 0) return chain(from, between(1, 4), false);
    chain(from, between(1, 4), true);
    if (kind == 1) {  // residual
      (void)append(layer(Op::add), last(), from);
      return;
    }
    std::vector<int> ends = {last()};
    for (int i = between(1, 2); i > 0; --i) {  // branches out of one tensor, or of each other
      const int start = chance(60) ? from : ends[0], length = between(1, 3);
      chain(start, length, true);
      ends.push_back(last());
    }
    ends.pop_back();
    while (!ends.empty()) {
      const std::size_t i = static_cast<std::size_t>(between(0, static_cast<int>(ends.size()) - 1));
      (void)append(layer(Op::add), last(), ends[i]);
      ends.erase(ends.begin() + static_cast<std::ptrdiff_t>(i));
    }
    if (kind == 3) (void)append(layer(Op::add), last(), from);
  }

  void add_head() {
    if (!is_flat(last()) && chance(20)) {
      (void)append(weighty(conv2d(between(2, 5), 1)), last(), -1);
      if (chance(70)) (void)append(activation(), last(), -1);
      (void)append(global_avg_pool(), last(), -1);
    } else {
      if (!is_flat(last())) (void)append(flatten(), last(), -1);
      (void)append(weighty(linear(between(2, 5))), last(), -1);
    }
    if (chance(20)) (void)append(elementwise(), last(), -1);
    // Sums of sums grow: the squared error of a deep model would diverge at any useful rate.
    const bool is_deep = layer_.size() > 12;
    if (chance(30)) layer_.push_back(chance(50) && !is_deep ? mse() : cross_entropy());
  }

  void freeze() {
    const int n = static_cast<int>(layer_.size());
    const int first = chance(35) ? between(1, n / 2 + 1) : 0;
    for (int i = 0; i < n; ++i) {
      LayerSpec& l = layer_[static_cast<std::size_t>(i)];
      if (has_weights(l.op) && (i < first || chance(7))) l.is_frozen = true;
    }
  }

  Stream random_;
  bool leaky_;
  std::vector<LayerSpec> layer_;
  std::vector<Shape> shape_;
};

}  // namespace

OwnedModel random_model(std::uint32_t seed, bool leaky) { return Builder(seed, leaky).build(seed); }

Optimizer random_rule(std::uint32_t seed) {
  const Optimizer plain = sgd(0.002).weight_decay(0.1);
  switch (seed % 4) {
    case 0:
      return plain;
    case 1:
      return plain.momentum(0.9);
    case 2:
      return plain.momentum(0.9).decoupled();
    default:
      return plain.decay_bias();
  }
}

}  // namespace hone_test
