#include "tests/bench/kernel_cases.hpp"

namespace hone::bench {
namespace {

constexpr Activation kNone = Activation::none, kRelu = Activation::relu, kRelu6 = Activation::relu6;
constexpr bool kFirst = false, kInner = true, kMomentum = true;

constexpr Shape features(std::uint32_t n) { return {1, 1, n}; }
constexpr LayerSpec conv(int out, int kernel) { return conv2d(out, kernel).same(); }
constexpr LayerSpec halving(LayerSpec s) { return s.stride(2).padding(1); }

const KernelCase kCases[] = {
    {"W1b32", 32, features(784), linear(128), kRelu, 0, kFirst},
    {"W1b32", 32, features(128), linear(10)},
    {"W1b1", 1, features(784), linear(128), kRelu, 0, kFirst},
    {"W1b1", 1, features(128), linear(10)},
    {"W2b64", 64, features(784), linear(256), kRelu, 0, kFirst},
    {"W2b64", 64, features(256), linear(128), kRelu},
    {"W3b16", 16, {28, 28, 1}, conv(8, 3), kRelu, 2, kFirst, kMomentum},
    {"W3b16", 16, {14, 14, 8}, conv(16, 3), kRelu, 2, kInner, kMomentum},
    {"W3b16", 16, features(784), linear(64), kRelu, 0, kInner, kMomentum},
    {"W3b1", 1, {28, 28, 1}, conv(8, 3), kRelu, 2, kFirst, kMomentum},
    {"W3b1", 1, {14, 14, 8}, conv(16, 3), kRelu, 2, kInner, kMomentum},
    {"W3b1", 1, features(784), linear(64), kRelu, 0, kInner, kMomentum},
    {"W4b8", 8, {64, 64, 1}, halving(conv2d(16, 3)), kRelu6, 0, kFirst, kMomentum},
    {"W4b8", 8, {32, 32, 16}, halving(depthwise(3)), kRelu6, 0, kInner, kMomentum},
    {"W4b8", 8, {16, 16, 16}, conv2d(32, 1), kRelu6, 0, kInner, kMomentum},
    {"W4b8", 8, {16, 16, 32}, halving(depthwise(3)), kRelu6, 0, kInner, kMomentum},
    {"W4b8", 8, {8, 8, 32}, conv2d(64, 1), kRelu6, 0, kInner, kMomentum},
    {"other", 7, features(100), linear(33), kRelu, 0, kFirst},
    {"other", 7, features(33), linear(7)},
    {"other", 1, features(100), linear(33), kRelu, 0, kFirst},
    {"other", 1, features(33), linear(7)},
    {"other", 7, {23, 17, 3}, conv2d(20, 5).stride(2)},
    {"other", 1, {23, 17, 3}, conv2d(20, 5).stride(2)},
    {"other", 7, {19, 19, 5}, depthwise(3).same()},
    {"other", 7, {16, 16, 16}, conv(32, 3), kRelu},
    {"other", 1, {16, 16, 16}, conv(32, 3), kRelu},
    {"other", 7, {16, 16, 16}, depthwise(5).same(), kRelu},
    {"other", 7, {20, 20, 3}, conv(7, 3), kRelu},
    {"other", 7, {14, 14, 16}, conv(32, 3).groups(4), kNone},
    {"other", 7, {14, 14, 12}, conv2d(20, 2, 3), kRelu, 3},
};

}  // namespace

LayerShape KernelCase::shape() const {
  LayerShape r;
  if (shape_of(layer, x, {}, r) != Status::ok) r = LayerShape{};
  return r;
}

LayerShape KernelCase::pool_shape() const {
  LayerShape r;
  if (shape_of(max_pool(pool), shape().out, {}, r) != Status::ok) r = LayerShape{};
  return r;
}

std::string KernelCase::text() const {
  const auto number = [](std::uint32_t v) { return std::to_string(v); };
  const LayerShape s = shape();
  std::string out = word_of(layer.op);
  if (layer.op != Op::linear) out += " " + number(layer.kernel_h) + "x" + number(layer.kernel_w);
  out += " " + number(x.c) + "->" + number(s.out.c);
  if (layer.op != Op::linear) out += " on " + number(x.h) + "x" + number(x.w);
  if (layer.stride_ > 1) out += " stride " + number(layer.stride_);
  if (layer.groups_ > 1) out += " groups " + number(layer.groups_);
  if (pool) out += " pool " + std::to_string(pool);
  if (!has_dx) out += " no dx";
  if (momentum) out += " momentum";
  return out;
}

Span<const KernelCase> kernel_cases() { return {kCases, sizeof kCases / sizeof kCases[0]}; }

}  // namespace hone::bench
