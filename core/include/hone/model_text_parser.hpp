#pragma once
#include <cstdint>

#include "hone/model.hpp"
#include "hone/model_text_error.hpp"
#include "hone/model_text_reader.hpp"
#include "hone/model_words.hpp"
#include "hone/nearest_word.hpp"

// The grammar of the model text; model_text.hpp shows it.

namespace hone {

/// The most a layer may have of channels, features or groups, and the largest other size.
constexpr int kMaxTextChannels = 1 << 20;
constexpr int kMaxTextSize = 65535;
/// The least slope of leaky_relu besides 0: a stored value times it is no subnormal.
constexpr float kLeastSlope = 0x1p-40f;
/// The most residual blocks inside each other.
constexpr int kMaxNesting = 32;

namespace detail {

class ModelTextParser {
 public:
  constexpr ModelTextParser(Text text, LayerSpec* out, int max, ModelTextError& error,
                            TextPlace* place)
      : r_(text, error), out_(out), place_(place), max_(max < INT16_MAX ? max : INT16_MAX) {}

  constexpr int parse() {
    while (r_.next_layer()) layer_or_block();
    if (r_.ok() && depth_ > 0)
      r_.fail_unclosed(open_[depth_ - 1].place, "an add that closes this residual");
    if (r_.ok() && n_ == 0) r_.fail_at_end("a model that starts with input");
    if (r_.ok() && (n_ == 1 || (n_ == 2 && is_loss(out_[1].op))))
      r_.fail_at_end("a layer besides input");
    Status why = Status::ok;
    // All that resolve() refuses has been refused before, with its place.
    if (r_.ok() && resolve(out_, n_, why) >= 0) r_.fail_at_end("a model whose inputs fit");
    return r_.ok() ? n_ : 0;
  }

 private:
  struct Block {
    int first = 0;
    TextPlace place;
  };

  constexpr void layer_or_block() {
    const Text w = r_.word();
    const int op = find_op(w);
    const bool opens = w == Text(kResidualWord);
    if (op < 0 && !opens) return fail_layer_word(w);
    if ((n_ == 0) != (op == static_cast<int>(Op::input)))
      return r_.fail(w, n_ == 0 ? "input as the first layer" : "input only as the first layer");
    if (n_ > 0 && is_loss(out_[n_ - 1].op)) return r_.fail(w, "nothing after the loss");
    if (opens) return open_block(w);
    if (n_ >= max_) return r_.fail(w, "no more layers: this is one more than there is room for");
    LayerSpec s = arguments(static_cast<Op>(op), w);
    modifiers(s);
    if (s.op == Op::add && r_.ok()) check_sum(s, w);
    if (!r_.ok()) return;
    out_[n_] = s;
    if (place_) place_[n_] = r_.place(w);
    ++n_;
  }

  constexpr void fail_layer_word(Text w) {
    NearestWord near(w);
    for (int i = 0; i < kOps; ++i) near.consider(word_of(static_cast<Op>(i)));
    near.consider(kResidualWord);
    r_.fail(w, "a layer name", near.best);
  }

  constexpr void open_block(Text w) {
    if (depth_ == kMaxNesting) return r_.fail(w, "at most 32 residual blocks inside each other");
    open_[depth_].first = n_;
    open_[depth_].place = r_.place(w);
    ++depth_;
    if (!r_.layer_ends()) r_.fail(r_.word(), "'|' or the end of the line after residual");
  }

  constexpr LayerSpec arguments(Op op, Text w) {
    switch (op) {
      case Op::input:
        return input_sizes();
      case Op::linear:
        return linear(r_.whole(1, kMaxTextChannels, kOutputs));
      case Op::conv2d: {
        const int out = r_.whole(1, kMaxTextChannels, kOutputs);
        const Pair k = pair(1, "a kernel size from 1 to 65535, such as 3x3");
        return conv2d(out, k.h, k.w);
      }
      case Op::depthwise: {
        const Pair k = pair(1, "a kernel size from 1 to 65535, such as 3x3");
        return depthwise(k.h, k.w);
      }
      case Op::max_pool:
      case Op::avg_pool: {
        const Pair k = pair(1, "a window size from 1 to 65535, such as 2 or 3x3");
        return op == Op::max_pool ? max_pool(k.h, k.w) : avg_pool(k.h, k.w);
      }
      case Op::leaky_relu:
        return leaky();
      case Op::dropout:
        return dropout(chance());
      case Op::add:
        return sum(w);
      default:
        return layer(op);
    }
  }

  constexpr LayerSpec input_sizes() {
    constexpr const char* kExpected =
        "sizes such as 64x64x1 or 784: height and width to 65535, channels to 1048576";
    const Text w = r_.peek();
    bool flat = true;
    for (std::size_t i = 0; i < w.size; ++i) flat = flat && w[i] != 'x';
    if (flat) return input(r_.whole(1, kMaxTextChannels, kExpected));
    constexpr int kHigh[3] = {kMaxTextSize, kMaxTextSize, kMaxTextChannels};
    int v[3] = {1, 1, 1};
    r_.sizes(v, 1, kHigh, 3, kExpected);
    return input(v[0], v[1], v[2]);
  }

  struct Pair {
    int h = 1, w = 1;
  };
  constexpr Pair pair(int low, const char* expected) {
    constexpr int kHigh[2] = {kMaxTextSize, kMaxTextSize};
    int v[2] = {1, 1};
    const int n = r_.sizes(v, low, kHigh, 2, expected);
    return {v[0], v[n == 2 ? 1 : 0]};
  }

  constexpr LayerSpec leaky() {
    constexpr const char* kExpected = "a slope: 0, or from 1e-12 to below 1, such as 0.01";
    const Text w = r_.peek();
    if (w.size == 0 || !(w[0] == '.' || w[0] == '-' || w[0] == '+' || (w[0] >= '0' && w[0] <= '9')))
      return leaky_relu();
    const double slope = r_.decimal(r_.word(), kExpected);
    // As a float, too: 0.99999999999 would be 1.
    const bool good = slope >= 0 && slope < 1 && static_cast<float>(slope) < 1.0f &&
                      (slope == 0 || static_cast<float>(slope) >= kLeastSlope);
    if (!good) r_.fail(w, kExpected);
    return leaky_relu(good ? slope : 0);
  }

  constexpr double chance() {
    constexpr const char* kExpected = "a chance to drop from 0 to 1, such as 0.3";
    const Text w = r_.word();
    const double p = r_.decimal(w, kExpected);
    if (!(p >= 0 && p <= 1)) r_.fail(w, kExpected);
    return p;
  }

  /// `add NAME`, or the bare add that closes a block.
  constexpr LayerSpec sum(Text w) {
    if (!r_.layer_ends() && find_modifier(r_.peek()) < 0) {
      const Text name = r_.word();
      check_earlier(name);
      return add(Name(name));
    }
    LayerSpec s = layer(Op::add);
    if (depth_ == 0) {
      r_.fail(w, "add NAME, or a residual before that this add closes");
      return s;
    }
    const int first = open_[--depth_].first;
    if (first == n_) r_.fail(w, "a layer between residual and add");
    s.layers_back = static_cast<std::uint16_t>(n_ - first + 1);
    return s;
  }

  /// Neither input of an add may be the other one.
  constexpr void check_sum(const LayerSpec& s, Text w) {
    const int a = s.from_name[0].empty() ? n_ - 1 : find_layer(s.from_name[0].text());
    const int b = s.layers_back ? n_ - s.layers_back : find_layer(s.from_name[1].text());
    if (a == b) r_.fail(w, "two different layers to add");
  }

  constexpr void modifiers(LayerSpec& s) {
    unsigned seen = 0;
    while (r_.ok() && !r_.layer_ends()) {
      const Text w = r_.word();
      const int found = find_modifier(w);
      if (found < 0 || !takes(s.op, static_cast<Modifier>(found))) return fail_modifier(s.op, w);
      const Modifier m = static_cast<Modifier>(found);
      const unsigned group = group_of(m);
      if (seen & group) return r_.fail(w, "each modifier once, and one way of padding or init");
      seen |= group;
      apply(s, m);
    }
  }

  /// Modifiers that exclude each other share a bit.
  static constexpr unsigned group_of(Modifier m) {
    if (m == Modifier::padding || m == Modifier::same || m == Modifier::valid) return 1u << 30;
    if (m == Modifier::he || m == Modifier::xavier) return 1u << 31;
    return 1u << static_cast<int>(m);
  }

  constexpr void fail_modifier(Op op, Text w) {
    NearestWord near(w);
    for (int i = 0; i < kModifiers; ++i)
      if (takes(op, static_cast<Modifier>(i))) near.consider(word_of(static_cast<Modifier>(i)));
    // A word that exists was meant as itself.
    const bool exists = find_modifier(w) >= 0 || find_op(w) >= 0;
    r_.fail(w, modifiers_of(op), exists ? Text() : near.best);
  }

  constexpr void apply(LayerSpec& s, Modifier m) {
    switch (m) {
      case Modifier::stride:
        s = s.stride(r_.whole(1, kMaxTextSize, kStride));
        break;
      case Modifier::padding: {
        const Pair p = pair(0, "a padding from 0 to 65535, such as 1 or 1x2");
        s = s.padding(p.h, p.w);
        break;
      }
      case Modifier::same:
        s = s.same();
        break;
      case Modifier::groups:
        s = s.groups(r_.whole(1, kMaxTextChannels, kGroups));
        break;
      case Modifier::no_bias:
        s = s.no_bias();
        break;
      case Modifier::xavier:
        s = s.xavier();
        break;
      case Modifier::decay_bias:
        s = s.decay_bias();
        break;
      case Modifier::channels:
        s = s.whole_channels();
        break;
      case Modifier::frozen:
        s = s.frozen();
        break;
      case Modifier::of:
        s = s.of(earlier_name());
        break;
      case Modifier::as:
        s = s.as(own_name());
        break;
      case Modifier::valid:
      case Modifier::he:
        break;  // as it is without them
    }
  }

  constexpr Name own_name() {
    const Text w = r_.word();
    if (const char* fault = name_fault(w)) r_.fail(w, fault);
    if (find_layer(w) >= 0) r_.fail(w, "a name that no earlier layer has");
    return Name(w);
  }
  constexpr Name earlier_name() {
    const Text w = r_.word();
    check_earlier(w);
    return Name(w);
  }
  constexpr void check_earlier(Text w) {
    if (w.size > 0 && find_layer(w) >= 0) return;
    NearestWord near(w);
    for (int i = 0; i < n_; ++i)
      if (!out_[i].name.empty()) near.consider(out_[i].name.text());
    r_.fail(w, "the name of an earlier layer", near.best);
  }
  constexpr int find_layer(Text name) const {
    int i = n_ - 1;
    while (i >= 0 && out_[i].name.text() != name) --i;
    return i;
  }

  static constexpr const char* kOutputs = "a number of outputs from 1 to 1048576";
  static constexpr const char* kStride = "a stride from 1 to 65535";
  static constexpr const char* kGroups = "a number of groups from 1 to 1048576";

  ModelReader r_;
  LayerSpec* out_;
  TextPlace* place_;
  int max_, n_ = 0, depth_ = 0;
  Block open_[kMaxNesting] = {};
};

}  // namespace detail
}  // namespace hone
