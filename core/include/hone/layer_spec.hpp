#pragma once
#include <cstddef>
#include <cstdint>

#include "hone/span.hpp"
#include "hone/status.hpp"

namespace hone {

enum class Op : std::uint8_t {
  input,
  linear,
  conv2d,
  depthwise,
  relu,
  relu6,
  leaky_relu,
  max_pool,
  avg_pool,
  global_avg_pool,
  flatten,
  dropout,
  add,
  cross_entropy,  ///< the loss; only as the last spec. A model without one has this
  mse,            ///< the loss; only as the last spec
};
constexpr int kOps = 15;

constexpr bool is_activation(Op op) {
  return op == Op::relu || op == Op::relu6 || op == Op::leaky_relu;
}
constexpr bool is_loss(Op op) { return op == Op::cross_entropy || op == Op::mse; }
constexpr bool has_weights(Op op) {
  return op == Op::linear || op == Op::conv2d || op == Op::depthwise;
}
constexpr bool has_window(Op op) {
  return op == Op::conv2d || op == Op::depthwise || op == Op::max_pool || op == Op::avg_pool;
}

enum class Padding : std::uint8_t { valid, same, fixed };
enum class Init : std::uint8_t { he, xavier };

constexpr const char* word_of(Op op) {
  constexpr const char* kWords[kOps] = {"input",    "linear",          "conv2d",     "depthwise",
                                        "relu",     "relu6",           "leaky_relu", "max_pool",
                                        "avg_pool", "global_avg_pool", "flatten",    "dropout",
                                        "add",      "cross_entropy",   "mse"};
  return kWords[static_cast<int>(op)];
}

/// A name inside a spec: up to 23 letters, digits or underscores, so that specs stay plain data.
struct Name {
  static constexpr int kSize = 24;
  char chars[kSize] = {};

  constexpr Name() = default;
  constexpr Name(const char* s) : Name(Text(s)) {}
  /// A longer text gives "?", which resolve() refuses.
  constexpr Name(Text t) {
    if (t.size >= kSize) t = Text("?");
    for (std::size_t i = 0; i < t.size; ++i) chars[i] = t[i];
  }
  constexpr bool empty() const { return chars[0] == 0; }
  constexpr Text text() const { return Text(chars); }
  constexpr bool operator==(const Name& o) const { return text() == o.text(); }
};

/// A size as specs hold it; 0, which no shape accepts, where it does not fit 16 bits.
constexpr std::uint16_t size16(int v) {
  return v > 0 && v <= 65535 ? static_cast<std::uint16_t>(v) : std::uint16_t{0};
}

/// One layer as its user wrote it. Made by the functions below or by the text parser; both give
/// the same bytes. Modifiers return a changed copy.
struct LayerSpec {
  Op op = Op::input;
  Padding padding_mode = Padding::valid;
  Init init = Init::he;
  bool has_bias = true;
  bool is_frozen = false;
  bool decays_bias = false;     ///< weight decay reaches the bias too
  bool drops_channels = false;  ///< dropout: one draw per sample and channel
  std::uint16_t kernel_h = 1, kernel_w = 1, stride_ = 1;
  std::uint16_t pad_h = 0, pad_w = 0;
  std::uint16_t layers_back = 0;  ///< add: the second input is this many specs back; 0: by name
  std::uint32_t height = 1, width = 1;  ///< input only
  std::uint32_t channels = 0;           ///< input: channels; linear, conv2d: outputs
  std::uint32_t groups_ = 1;            ///< conv2d
  double drop = 0;                      ///< dropout: the chance to drop, in [0, 1]
  float slope = 0;                      ///< leaky_relu
  std::int16_t from[2] = {-1, -1};      ///< inputs by index, set by resolve()
  Name name, from_name[2];

  constexpr LayerSpec stride(int s) const {
    LayerSpec r = *this;
    r.stride_ = size16(s);
    return r;
  }
  /// Zeros on each side, the same left and right, top and bottom.
  constexpr LayerSpec padding(int h, int w) const {
    LayerSpec r = *this;
    r.padding_mode = Padding::fixed;
    r.pad_h = size16(h);
    r.pad_w = size16(w);
    if (r.pad_h != h || r.pad_w != w) r.stride_ = 0;
    return r;
  }
  constexpr LayerSpec padding(int p) const { return padding(p, p); }
  /// out = ceil(in / stride); of an odd number of zeros the larger half lies right and below.
  constexpr LayerSpec same() const {
    LayerSpec r = *this;
    r.padding_mode = Padding::same;
    return r;
  }
  constexpr LayerSpec groups(int g) const {
    LayerSpec r = *this;
    r.groups_ = static_cast<std::uint32_t>(g);
    return r;
  }
  constexpr LayerSpec no_bias() const {
    LayerSpec r = *this;
    r.has_bias = false;
    return r;
  }
  constexpr LayerSpec frozen() const {
    LayerSpec r = *this;
    r.is_frozen = true;
    return r;
  }
  constexpr LayerSpec xavier() const {
    LayerSpec r = *this;
    r.init = Init::xavier;
    return r;
  }
  constexpr LayerSpec decay_bias() const {
    LayerSpec r = *this;
    r.decays_bias = true;
    return r;
  }
  /// dropout: whole channels.
  constexpr LayerSpec whole_channels() const {
    LayerSpec r = *this;
    r.drops_channels = true;
    return r;
  }
  constexpr LayerSpec as(Name n) const {
    LayerSpec r = *this;
    r.name = n;
    return r;
  }
  /// Takes its (first) input from the earlier layer of that name, not from the previous one.
  constexpr LayerSpec of(Name n) const {
    LayerSpec r = *this;
    r.from_name[0] = n;
    return r;
  }
};

constexpr LayerSpec layer(Op op) {
  LayerSpec s;
  s.op = op;
  return s;
}
constexpr LayerSpec input(int height, int width, int channels) {
  LayerSpec s;
  s.height = static_cast<std::uint32_t>(height);
  s.width = static_cast<std::uint32_t>(width);
  s.channels = static_cast<std::uint32_t>(channels);
  return s;
}
constexpr LayerSpec input(int features) { return input(1, 1, features); }
constexpr LayerSpec linear(int out) {
  LayerSpec s = layer(Op::linear);
  s.channels = static_cast<std::uint32_t>(out);
  return s;
}
constexpr LayerSpec window(Op op, int kernel_h, int kernel_w, int stride) {
  LayerSpec s = layer(op).stride(stride);
  s.kernel_h = size16(kernel_h);
  s.kernel_w = size16(kernel_w);
  return s;
}
/// Weights [kernel_h, kernel_w, in / groups, out].
constexpr LayerSpec conv2d(int out, int kernel_h, int kernel_w) {
  LayerSpec s = window(Op::conv2d, kernel_h, kernel_w, 1);
  s.channels = static_cast<std::uint32_t>(out);
  return s;
}
constexpr LayerSpec conv2d(int out, int kernel) { return conv2d(out, kernel, kernel); }
/// Every channel with a kernel of its own. Weights [kernel_h, kernel_w, channels].
constexpr LayerSpec depthwise(int kernel_h, int kernel_w) {
  return window(Op::depthwise, kernel_h, kernel_w, 1);
}
constexpr LayerSpec depthwise(int kernel) { return depthwise(kernel, kernel); }
/// The stride is the height of the window unless .stride() says otherwise.
constexpr LayerSpec max_pool(int kernel_h, int kernel_w) {
  return window(Op::max_pool, kernel_h, kernel_w, kernel_h);
}
constexpr LayerSpec max_pool(int kernel) { return max_pool(kernel, kernel); }
/// Divides by the number of real pixels: padding does not count.
constexpr LayerSpec avg_pool(int kernel_h, int kernel_w) {
  return window(Op::avg_pool, kernel_h, kernel_w, kernel_h);
}
constexpr LayerSpec avg_pool(int kernel) { return avg_pool(kernel, kernel); }
constexpr LayerSpec global_avg_pool() { return layer(Op::global_avg_pool); }
constexpr LayerSpec relu() { return layer(Op::relu); }
constexpr LayerSpec relu6() { return layer(Op::relu6); }
constexpr LayerSpec leaky_relu(double slope = 0.01) {
  LayerSpec s = layer(Op::leaky_relu);
  s.slope = static_cast<float>(slope);
  return s;
}
constexpr LayerSpec flatten() { return layer(Op::flatten); }
/// p is the chance to drop. Kept values are scaled by 1 / (1 - p); nothing is drawn in evaluation.
constexpr LayerSpec dropout(double p) {
  LayerSpec s = layer(Op::dropout);
  s.drop = p;
  return s;
}
/// Adds the output of an earlier layer to that of the previous one.
constexpr LayerSpec add(Name other) {
  LayerSpec s = layer(Op::add);
  s.from_name[1] = other;
  return s;
}
constexpr LayerSpec cross_entropy() { return layer(Op::cross_entropy); }
/// Mean squared error over batch and outputs.
constexpr LayerSpec mse() { return layer(Op::mse); }

}  // namespace hone
