#pragma once
#include "hone/model_words.hpp"

namespace hone {

/// Several layers that travel together.
template <int N>
struct Layers {
  LayerSpec layer[N] = {};
  static constexpr int kSize = N;
};

/// What a model computes with: floats, or int16 weights with int8 activations and gradients and no
/// float at all (docs/CONTRACT.md, "Integer"). model(...).in(w16a8) is all it takes.
enum class Numeric : std::uint8_t { f32, w16a8 };
constexpr Numeric w16a8 = Numeric::w16a8;
constexpr const char* word_of(Numeric n) { return n == Numeric::f32 ? "f32" : "w16a8"; }

struct ModelView {
  const LayerSpec* layer = nullptr;
  int n = 0;
  Numeric numeric = Numeric::f32;
};

/// A resolved model: inputs by index, or the first wrong layer with its Status.
template <int N>
struct Model : Layers<N> {
  Status status = Status::ok;
  int bad_layer = -1;
  Numeric numeric = Numeric::f32;
  constexpr operator ModelView() const { return {this->layer, N, numeric}; }
  /// The same model in another numeric.
  constexpr Model in(Numeric other) const {
    Model m = *this;
    m.numeric = other;
    return m;
  }
};

/// Sets the inputs of every layer. Returns the index of the first wrong layer, or -1.
/// unknown_name: a name that no earlier layer bears; bad_argument: an input or a loss out of
/// place, a name that name_fault() refuses or that is given twice, a block that reaches before the
/// model, or a layer that is added to itself.
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
    if (l[i].name.empty()) continue;
    if (name_fault(l[i].name.text())) return i;
    for (int j = 0; j < i; ++j)
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
