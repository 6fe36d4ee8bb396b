#pragma once
#include <vector>

#include "hone/kernels.hpp"
#include "tests/bench/kernel_cases.hpp"

namespace hone::bench {

/// The memory of one case, and calls of the leaves on it.
class KernelRun {
 public:
  explicit KernelRun(const KernelCase& c);
  KernelRun(const KernelRun&) = delete;
  KernelRun& operator=(const KernelRun&) = delete;

  void forward(const Kernels& k);
  /// Non-zero if a weight has become NaN or infinite. Wants a forward() of this case before.
  std::uint32_t backward(const Kernels& k);

  const char* forward_name() const;
  const char* backward_name() const;
  /// Of one call, dense count: two for every weight that meets a pixel of the output.
  double forward_flops() const;
  double backward_flops() const { return forward_flops() * (case_.has_dx ? 2 : 1); }

 private:
  /// Floats from a cache line on, as the arena of a program has them.
  class Floats {
   public:
    void resize(std::size_t n);
    float* data() { return storage_.empty() ? nullptr : storage_.data() + begin_; }
    std::size_t size() const { return size_; }

   private:
    std::vector<float> storage_;
    std::size_t begin_ = 0, size_ = 0;
  };

  float* dx() { return case_.has_dx ? dx_.data() : nullptr; }
  const Pooled* pooled() const { return case_.pool ? &pooled_ : nullptr; }
  /// Rows of x that a linear layer or a 1x1 convolution sees.
  std::size_t rows() const { return std::size_t{case_.n} * window_.out_h * window_.out_w; }
  GradientEnd gradient_end();
  ConvWeights weights();

  const KernelCase& case_;
  LayerShape shape_;
  Window window_, pool_;
  Update update_;
  Pooled pooled_{pool_, nullptr};
  Floats x_, y_, w_, bias_, sum_, bias_sum_, dx_, dy_, forward_scratch_, backward_scratch_;
  std::vector<std::uint8_t> routes_;
};

}  // namespace hone::bench
