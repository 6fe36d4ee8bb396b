#include "tests/bench/kernel_run.hpp"

#include "hone/conv_scratch.hpp"
#include "hone/random.hpp"

namespace hone::bench {
namespace {

/// Neither 0, which a kernel may skip, nor so large that training runs away.
void fill_random(float* x, std::size_t n, float scale, std::uint32_t seed) {
  Stream random(seed);
  for (std::size_t i = 0; i < n; ++i) {
    const std::int32_t odd = 2 * static_cast<std::int32_t>(random.next16()) + 1 - 65536;
    x[i] = scale * static_cast<float>(odd) * 0x1p-16f;
  }
}

}  // namespace

void KernelRun::Floats::resize(std::size_t n) {
  constexpr std::size_t kCacheLine = 64;
  storage_.assign(n + kCacheLine / sizeof(float), 0.0f);
  const std::size_t off = reinterpret_cast<std::uintptr_t>(storage_.data()) % kCacheLine;
  begin_ = (kCacheLine - off) % kCacheLine / sizeof(float);
  size_ = n;
}

KernelRun::KernelRun(const KernelCase& c) : case_(c), shape_(c.shape()), window_(shape_.window) {
  x_.resize(c.n * window_.in_size());
  w_.resize(shape_.weights);
  bias_.resize(shape_.biases);
  sum_.resize(c.momentum ? shape_.weights : 0);
  bias_sum_.resize(c.momentum ? shape_.biases : 0);
  dx_.resize(c.has_dx ? x_.size() : 0);
  std::size_t outputs = c.n * window_.out_size();
  if (c.pool) {
    pool_ = c.pool_shape().window;
    outputs = c.n * pool_.out_size();
    const std::uint32_t places = pool_.kernel_h * pool_.kernel_w;
    routes_.resize(route_bytes(places, outputs));
    pooled_.routes = routes_.data();
  }
  y_.resize(outputs);
  dy_.resize(outputs);
  const Window* const pool = c.pool ? &pool_ : nullptr;
  if (shape_.kernel == Op::linear) {
    backward_scratch_.resize(kPanelRows * window_.out_c);
  } else if (shape_.kernel == Op::conv2d) {
    forward_scratch_.resize(conv_forward_floats(window_, pool, true));
    backward_scratch_.resize(conv_backward_floats(window_, pool, c.has_dx, true));
  }
  fill_random(x_.data(), x_.size(), 1.0f, 1);
  fill_random(w_.data(), w_.size(), 0.1f, 2);
  fill_random(dy_.data(), dy_.size(), 0.01f, 3);
  update_.lr = 1e-6f;
  update_.momentum = c.momentum;
  if (c.momentum) update_.mu = 0.9f;
}

const char* KernelRun::forward_name() const {
  if (shape_.kernel == Op::linear) return "dense_forward";
  return shape_.kernel == Op::conv2d ? "conv_forward" : "depthwise_forward";
}

const char* KernelRun::backward_name() const {
  if (shape_.kernel == Op::linear) return "dense_backward";
  return shape_.kernel == Op::conv2d ? "conv_backward" : "depthwise_backward";
}

double KernelRun::forward_flops() const { return 2.0 * static_cast<double>(shape_.macs) * case_.n; }

GradientEnd KernelRun::gradient_end() {
  GradientEnd end;
  end.act = case_.act;
  if (case_.act != Activation::none) end.y = x_.data();
  return end;
}

ConvWeights KernelRun::weights() {
  ConvWeights w;
  w.w = w_.data();
  w.bias = bias_.data();
  w.sum = case_.momentum ? sum_.data() : nullptr;
  w.bias_sum = case_.momentum ? bias_sum_.data() : nullptr;
  w.update = w.bias_update = &update_;
  return w;
}

void KernelRun::forward(const Kernels& k) {
  const OutputEnd end{case_.act, 0};
  if (shape_.kernel == Op::linear) {
    k.dense_forward(y_.data(), x_.data(), w_.data(), bias_.data(), rows(), window_.in_c,
                    window_.out_c, end);
  } else if (shape_.kernel == Op::conv2d) {
    k.conv_forward(y_.data(), x_.data(), w_.data(), bias_.data(), window_, pooled(), case_.n, end,
                   forward_scratch_.data(), true);
  } else {
    k.depthwise_forward(y_.data(), x_.data(), w_.data(), bias_.data(), window_, case_.n, end);
  }
}

std::uint32_t KernelRun::backward(const Kernels& k) {
  if (shape_.kernel == Op::linear) {
    const bool has_panel = case_.has_dx && rows() > kPanelFreeSamples;
    return k.dense_backward(w_.data(), case_.momentum ? sum_.data() : nullptr, dx(), x_.data(),
                            dy_.data(), has_panel ? backward_scratch_.data() : nullptr, rows(),
                            window_.in_c, window_.out_c, &update_, gradient_end());
  }
  if (shape_.kernel == Op::conv2d)
    return k.conv_backward(weights(), dx(), x_.data(), dy_.data(), window_, pooled(), case_.n,
                           gradient_end(), backward_scratch_.data(), true);
  return k.depthwise_backward(weights(), dx(), x_.data(), dy_.data(), window_, case_.n,
                              gradient_end());
}

}  // namespace hone::bench
