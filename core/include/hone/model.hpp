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

/// A name inside a spec: up to 23 letters, digits or underscores, so that specs stay plain data.
struct Name {
  static constexpr int kSize = 24;
  char chars[kSize] = {};

  constexpr Name() = default;
  constexpr Name(const char* s) : Name(Text(s)) {}
  constexpr Name(Text t) {
    for (std::size_t i = 0; i < t.size && i + 1 < kSize; ++i) chars[i] = t[i];
  }
  constexpr bool empty() const { return chars[0] == 0; }
  constexpr Text text() const { return Text(chars); }
  constexpr bool operator==(const Name& o) const { return text() == o.text(); }
};

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
    r.stride_ = static_cast<std::uint16_t>(s);
    return r;
  }
  /// Zeros on each side, the same left and right, top and bottom.
  constexpr LayerSpec padding(int h, int w) const {
    LayerSpec r = *this;
    r.padding_mode = Padding::fixed;
    r.pad_h = static_cast<std::uint16_t>(h);
    r.pad_w = static_cast<std::uint16_t>(w);
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
  s.kernel_h = static_cast<std::uint16_t>(kernel_h);
  s.kernel_w = static_cast<std::uint16_t>(kernel_w);
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

/// Several layers that travel together.
template <int N>
struct Layers {
  LayerSpec layer[N] = {};
  static constexpr int kSize = N;
};

struct ModelView {
  const LayerSpec* layer = nullptr;
  int n = 0;
};

/// A resolved model: inputs by index, or the first wrong layer with its Status.
template <int N>
struct Model : Layers<N> {
  Status status = Status::ok;
  int bad_layer = -1;
  constexpr operator ModelView() const { return {this->layer, N}; }
};

/// Sets the inputs of every layer. Returns the index of the first wrong layer, or -1.
/// unknown_name: a name that no earlier layer bears; bad_argument: an input or a loss out of
/// place, a name given twice, a block that reaches before the model, or a layer that is added to
/// itself.
constexpr int resolve(LayerSpec* l, int n, Status& why) {
  why = Status::bad_argument;
  for (int i = 0; i < n; ++i) {
    if ((i == 0) != (l[i].op == Op::input)) return i;
    if (is_loss(l[i].op) && i + 1 != n) return i;
    l[i].from[0] = static_cast<std::int16_t>(i - 1);
    l[i].from[1] = -1;
    if (l[i].layers_back) {
      if (l[i].layers_back > i) return i;
      l[i].from[1] = static_cast<std::int16_t>(i - l[i].layers_back);
    }
    for (int k = 0; k < 2; ++k) {
      if (l[i].from_name[k].empty()) continue;
      int j = i - 1;
      while (j >= 0 && !(l[j].name == l[i].from_name[k])) --j;
      if (j < 0) {
        why = Status::unknown_name;
        return i;
      }
      l[i].from[k] = static_cast<std::int16_t>(j);
    }
    if (l[i].op == Op::add && (l[i].from[1] < 0 || l[i].from[0] == l[i].from[1])) return i;
    for (int j = 0; j < i && !l[i].name.empty(); ++j)
      if (l[j].name == l[i].name) return i;
  }
  why = n > 1 && (n > 2 || !is_loss(l[1].op)) ? Status::ok : Status::bad_argument;
  return why == Status::ok ? -1 : 0;
}

namespace detail {

template <class T>
struct LayerCount {
  static constexpr int kValue = T::kSize;
};
template <>
struct LayerCount<LayerSpec> {
  static constexpr int kValue = 1;
};
constexpr void append(LayerSpec* to, int& n, const LayerSpec& s) { to[n++] = s; }
template <int N>
constexpr void append(LayerSpec* to, int& n, const Layers<N>& b) {
  for (int i = 0; i < N; ++i) to[n++] = b.layer[i];
}

// Not constexpr on purpose: a wrong model in a constant expression stops the build with this name
// in the message, which -fno-exceptions would refuse of a throw.
inline void model_error_at_layer(int, Status) {}

}  // namespace detail

/// Layers one after another, so that a constexpr function can name a block type.
template <class... L>
constexpr auto block(const L&... l) {
  Layers<(0 + ... + detail::LayerCount<L>::kValue)> b;
  int n = 0;
  (detail::append(b.layer, n, l), ...);
  return b;
}

/// The layers, then the sum of their output and their input.
template <class... L>
constexpr auto residual(const L&... l) {
  constexpr int n = (0 + ... + detail::LayerCount<L>::kValue);
  LayerSpec sum = layer(Op::add);
  sum.layers_back = n + 1;
  return block(l..., sum);
}

template <class... L>
constexpr auto model(const L&... l) {
  Model<(0 + ... + detail::LayerCount<L>::kValue)> m;
  int n = 0;
  (detail::append(m.layer, n, l), ...);
  m.bad_layer = resolve(m.layer, n, m.status);
  if (m.status != Status::ok) detail::model_error_at_layer(m.bad_layer, m.status);
  return m;
}

/// The same model with every layer before `first` frozen.
template <int N>
constexpr Model<N> train_from(Model<N> m, int first) {
  for (int i = 0; i < first && i < N; ++i) m.layer[i].is_frozen = true;
  return m;
}

constexpr const char* word_of(Op op) {
  constexpr const char* kWords[kOps] = {"input",    "linear",          "conv2d",     "depthwise",
                                        "relu",     "relu6",           "leaky_relu", "max_pool",
                                        "avg_pool", "global_avg_pool", "flatten",    "dropout",
                                        "add",      "cross_entropy",   "mse"};
  return kWords[static_cast<int>(op)];
}

/// The name of layer i: its own, or its type and its place among the layers of that type
/// (conv2d_0, conv2d_1, linear_0), which is what tensors in a checkpoint are called by.
constexpr Name name_of(ModelView m, int i) {
  if (!m.layer[i].name.empty()) return m.layer[i].name;
  int place = 0;
  for (int j = 0; j < i; ++j)
    if (m.layer[j].op == m.layer[i].op) ++place;
  Name r;
  int n = 0;
  for (const char* w = word_of(m.layer[i].op); *w; ++w) r.chars[n++] = *w;
  r.chars[n++] = '_';
  int digit = 1;
  while (digit <= place / 10) digit *= 10;
  for (; digit > 0; digit /= 10) r.chars[n++] = static_cast<char>('0' + place / digit % 10);
  return r;
}

}  // namespace hone
