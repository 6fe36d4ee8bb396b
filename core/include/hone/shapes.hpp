#pragma once
#include <cstdint>

#include "hone/kernels.hpp"
#include "hone/model.hpp"

namespace hone {

/// One sample of a tensor: [h, w, c].
struct Shape {
  std::uint32_t h = 0, w = 0, c = 0;
  constexpr std::uint64_t size() const { return std::uint64_t{h} * w * c; }
};

/// What the sizes of a model decide about one layer.
struct LayerShape {
  Shape out;
  Window window;          ///< of the first input; 1x1 for ops without one
  Op kernel = Op::input;  ///< the op that runs: a 1x1 convolution is linear over its pixels
  std::uint32_t weights = 0, biases = 0;  ///< element counts
  std::uint32_t fan_in = 0, fan_out = 0;
  std::uint64_t macs = 0;  ///< one sample forward, dense count, without bias
};

constexpr std::uint64_t kMaxElements = std::uint64_t{1} << 28;  ///< of one tensor: 1 GiB of floats

namespace detail {

/// Output size and leading zeros along one axis; 0 where the kernel does not fit.
struct Axis {
  std::uint32_t out = 0, before = 0;
};
constexpr Axis window_axis(std::uint32_t in, std::uint32_t k, std::uint32_t s, Padding mode,
                           std::uint32_t pad) {
  if (k == 0 || s == 0) return {};
  if (mode == Padding::same) {
    const std::uint32_t out = (in + s - 1) / s;
    const std::uint32_t need = (out - 1) * s + k;
    return {out, need > in ? (need - in) / 2 : 0};
  }
  const std::uint32_t p = mode == Padding::fixed ? pad : 0;
  if (in + 2 * p < k) return {};
  return {(in + 2 * p - k) / s + 1, p};
}

constexpr Status weigh(LayerShape& r, std::uint64_t weights, std::uint32_t biases,
                       std::uint64_t pixels) {
  if (weights == 0 || weights > kMaxElements) return Status::too_large;
  r.weights = static_cast<std::uint32_t>(weights);
  r.biases = biases;
  r.macs = weights * pixels;
  return Status::ok;
}

constexpr Status windowed_shape(const LayerSpec& s, Shape x, LayerShape& r) {
  const Axis h = window_axis(x.h, s.kernel_h, s.stride_, s.padding_mode, s.pad_h);
  const Axis w = window_axis(x.w, s.kernel_w, s.stride_, s.padding_mode, s.pad_w);
  if (h.out == 0 || w.out == 0) return Status::bad_shape;
  Window& win = r.window;
  win.kernel_h = s.kernel_h;
  win.kernel_w = s.kernel_w;
  win.stride = s.stride_;
  win.pad_top = Window::side(h.before);
  win.pad_left = Window::side(w.before);
  r.out = {h.out, w.out, x.c};
  const std::uint64_t taps = std::uint64_t{s.kernel_h} * s.kernel_w,
                      pixels = std::uint64_t{h.out} * w.out;
  if (s.op == Op::max_pool || s.op == Op::avg_pool) {
    // A window without a real pixel would have no maximum and no mean.
    if (s.op == Op::max_pool && taps > 65536) return Status::too_large;  // a route has 16 bits
    const bool covers =
        s.padding_mode != Padding::fixed || (s.pad_h < s.kernel_h && s.pad_w < s.kernel_w);
    return covers ? Status::ok : Status::bad_shape;
  }
  if (taps * x.c > kMaxElements) return Status::too_large;
  const std::uint32_t groups = s.op == Op::depthwise ? x.c : s.groups_;
  if (s.op == Op::conv2d) r.out.c = s.channels;
  if (groups == 0 || r.out.c == 0 || x.c % groups || r.out.c % groups) return Status::bad_shape;
  if (groups > 65535) return Status::too_large;
  win.groups = static_cast<std::uint16_t>(groups);
  const bool each_channel_alone = groups == x.c && r.out.c == x.c && groups > 1;
  const bool one_pixel = taps == 1 && s.stride_ == 1 && groups == 1 && h.before == 0 &&
                         w.before == 0 && h.out == x.h && w.out == x.w;
  if (each_channel_alone) r.kernel = Op::depthwise;
  if (one_pixel) r.kernel = Op::linear;
  r.fan_in = static_cast<std::uint32_t>(taps * (x.c / groups));
  r.fan_out = static_cast<std::uint32_t>(taps * r.out.c);
  return weigh(r, taps * (x.c / groups) * r.out.c, s.has_bias ? r.out.c : 0, pixels);
}

}  // namespace detail

/// Sizes of one layer from those of its inputs (b only for add). bad_shape: the layer does not fit
/// its input; bad_argument: a number outside its range; too_large: a tensor above kMaxElements,
/// a window or a number of groups above what records hold.
constexpr Status shape_of(const LayerSpec& s, Shape a, Shape b, LayerShape& r) {
  r = LayerShape{};
  r.kernel = s.op;
  r.out = a;
  Status status = Status::ok;
  switch (s.op) {
    case Op::input:
      r.out = a = {s.height, s.width, s.channels};
      break;
    case Op::linear:
      if (a.h != 1 || a.w != 1 || s.channels == 0) return Status::bad_shape;
      r.out = {1, 1, s.channels};
      r.fan_in = a.c;
      r.fan_out = s.channels;
      status = detail::weigh(r, std::uint64_t{a.c} * s.channels, s.has_bias ? s.channels : 0, 1);
      break;
    case Op::conv2d:
    case Op::depthwise:
    case Op::max_pool:
    case Op::avg_pool:
      status = detail::windowed_shape(s, a, r);
      break;
    case Op::global_avg_pool:
      r.kernel = Op::avg_pool;
      r.out = {1, 1, a.c};
      r.window.kernel_h = Window::side(a.h);
      r.window.kernel_w = Window::side(a.w);
      break;
    case Op::flatten:
      if (a.size() > kMaxElements) return Status::too_large;
      r.out = {1, 1, static_cast<std::uint32_t>(a.size())};
      break;
    case Op::dropout:
      if (!(s.drop >= 0 && s.drop <= 1)) return Status::bad_argument;
      break;
    case Op::leaky_relu:
      if (!(s.slope > -1.0f && s.slope < 1.0f) || (s.slope > 0 && s.slope < 0x1p-40f) ||
          s.slope < 0)
        return Status::bad_argument;
      break;
    case Op::add:
      if (a.h != b.h || a.w != b.w || a.c != b.c) return Status::bad_shape;
      break;
    case Op::relu:
    case Op::relu6:
    case Op::cross_entropy:
    case Op::mse:
      break;
  }
  if (status != Status::ok) return status;
  if (r.out.h == 0 || r.out.w == 0 || r.out.c == 0) return Status::bad_shape;
  if (r.out.h > 65535 || r.out.w > 65535 || r.out.c > kMaxElements || r.out.size() > kMaxElements)
    return Status::too_large;
  Window& w = r.window;
  w.in_h = Window::side(a.h), w.in_w = Window::side(a.w), w.in_c = a.c;
  w.out_h = Window::side(r.out.h), w.out_w = Window::side(r.out.w), w.out_c = r.out.c;
  return Status::ok;
}

}  // namespace hone
