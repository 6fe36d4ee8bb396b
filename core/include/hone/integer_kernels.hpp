#pragma once
#include <cstddef>
#include <cstdint>

#include "hone/fixed.hpp"
#include "hone/kernels.hpp"

namespace hone {

/// What becomes of the finished sum of an output: act, then the nearest at the exponent of the
/// output, limited to 8 bits.
struct IntegerOutput {
  Activation act = Activation::none;
  Multiplier slope;      ///< of leaky_relu
  std::int64_t six = 0;  ///< of relu6, in units of the sums
  int shift = 0;         ///< exponent of the output - exponent of the sums
  /// Where the sums themselves go instead, as they are; null: nowhere.
  std::int64_t* sums = nullptr;
};

/// The sum of an input gradient: it starts from 0, or from what memory holds; then the nearest at
/// the exponent of the gradient, then on the mantissa the derivative of `act` at y
/// (hone::GradientEnd; leaky_relu: to the nearest).
struct IntegerGradient {
  bool resumes = false;
  int resumed_shift = 0;  ///< the mantissa in memory times 2^this is in units of the sums
  Activation act = Activation::none;
  Multiplier slope;                ///< of leaky_relu
  std::int32_t six = 128;          ///< of relu6, in units of y; above 127: y never reaches it
  const std::int8_t* y = nullptr;  ///< null for Activation::none; may be the memory of the gradient
  int shift = 0;                   ///< exponent of the gradient - exponent of the sums
};

/// One update of the weights of a layer, or of its biases (docs/CONTRACT.md, "Integer"). acc: the
/// whole-batch sum of products of mantissas, limited to 31 bits (of a split batch: after each
/// part). V: velocity, RN: to the nearest.
///
///   g = RN(acc * rate.mantissa, rate.shift)               in units of 2^-16 of a weight's unit
///   d = RN(M * decay.mantissa, decay.shift - 16)
///   plain         t = g + d
///   momentum      V = RN(V * mu) + g + d, limited to 31 bits; t = V
///   decoupled     V = RN(V * mu) + g;                         t = V + d
///   velocity16    V in units of 2^-4: V = (V' + u16 mod 2^12) >> 12, limited to 15 bits, V' the V
///                 above; t = V * 2^12 (+ d); biases keep the other velocity
///   weights       M = clamp(M - ((t + u16) >> 16)), u16: the next value of the row's stream
///   biases        the same with 2^-8 for 2^-16, RN(t, 8) in place of the stream, and 31 bits
struct IntegerUpdate {
  Multiplier rate;   ///< lr / n
  Multiplier decay;  ///< lr * weight decay
  Multiplier mu;
  bool momentum = false, decoupled = false;
  bool velocity16 = false;  ///< with momentum: IntegerParameters::velocity16, of biases no matter
  bool first = true, last = true;  ///< micro-batch: first of its batch, last of its batch
  /// The hash of the words of the stream but its index, which is the row (hone/random.hpp).
  std::uint32_t stream = 0;
};

/// The parameters of a layer in its backward pass. Sums (of a split batch: added to unless `first`,
/// used when `last`) and velocities are null where the plan has none.
struct IntegerParameters {
  std::int16_t* w = nullptr;
  std::int32_t *sum = nullptr, *velocity = nullptr;
  std::int16_t* velocity16 = nullptr;     ///< in place of velocity
  const IntegerUpdate* update = nullptr;  ///< null: frozen
  std::int32_t* bias = nullptr;           ///< null: none
  std::int32_t *bias_sum = nullptr, *bias_velocity = nullptr;
  const IntegerUpdate* bias_update = nullptr;  ///< null: frozen, or no bias
};

/// What a backward pass saw.
struct IntegerReport {
  std::uint64_t gradient = 0;  ///< OR of magnitude_bits() of the sums of dx
  /// The largest magnitude among the new weights that changed, at least; before `last` 0.
  std::uint32_t weights = 0;
  std::uint32_t changes = 0;  ///< OR of old ^ new weight: 0 if none changed
};

/// The leaves of the numeric w16a8 of one port: activations and gradients int8, weights int16,
/// biases int32 at 2^-20. Sums are exact, so every port gives the same bits; layouts, windows and
/// walks are those of hone/kernels.hpp. Unless said otherwise the result is the OR of
/// magnitude_bits() of the sums of y after the activation, or of dx before its derivative.
struct IntegerKernels {
  /// y[n, out] from bias * 2^-bias_shift (to the nearest, at most kMaxSum / 2, as is what resumes)
  /// + x[n, in] W[in, out].
  std::uint64_t (*dense_forward)(std::int8_t* y, const std::int8_t* x, const std::int16_t* w,
                                 const std::int32_t* bias, int bias_shift, std::size_t n,
                                 std::size_t in, std::size_t out, const IntegerOutput& end);
  /// dx[n, in] (null: not wanted) = dy[n, out] W^T from the old weights, then the update: row by
  /// row, so that dx may be x itself. scratch: integer_dense_scratch(n) bytes where it is and there
  /// is an update.
  IntegerReport (*dense_backward)(const IntegerParameters& p, std::int8_t* dx, const std::int8_t* x,
                                  const std::int8_t* dy, std::size_t n, std::size_t in,
                                  std::size_t out, const IntegerGradient& end,
                                  std::int8_t* scratch);

  /// With `pool` y is the pooled map; scratch: integer_conv_scratch() bytes. The result is
  /// that of the whole map before the pool.
  std::uint64_t (*conv_forward)(std::int8_t* y, const std::int8_t* x, const std::int16_t* w,
                                const std::int32_t* bias, int bias_shift, const Window& s,
                                const Pooled* pool, std::size_t n, const IntegerOutput& end,
                                std::int8_t* scratch);
  /// dx and x may not be the same memory. With `pool` dy is the gradient of the pooled map.
  /// scratch: integer_conv_scratch() bytes where dx is wanted.
  IntegerReport (*conv_backward)(const IntegerParameters& p, std::int8_t* dx, const std::int8_t* x,
                                 const std::int8_t* dy, const Window& s, const Pooled* pool,
                                 std::size_t n, const IntegerGradient& end, std::int8_t* scratch);
  std::uint64_t (*depthwise_forward)(std::int8_t* y, const std::int8_t* x, const std::int16_t* w,
                                     const std::int32_t* bias, int bias_shift, const Window& s,
                                     std::size_t n, const IntegerOutput& end);
  IntegerReport (*depthwise_backward)(const IntegerParameters& p, std::int8_t* dx,
                                      const std::int8_t* x, const std::int8_t* dy, const Window& s,
                                      std::size_t n, const IntegerGradient& end);

  /// y = act(x) at the same exponent; y may be x. relu6: at most end.six (here in units of x, any
  /// value above 127 is no limit). No result. n: elements.
  void (*activate)(std::int8_t* y, const std::int8_t* x, std::size_t n, const IntegerOutput& end);
  /// d times the derivative of end.act at end.y, in place (leaky_relu: to the nearest, limited);
  /// only act, slope, six and y of `end` are used.
  void (*finish_gradient)(std::int8_t* d, std::size_t n, const IntegerGradient& end);
  /// As the float leaf: bit i: the derivative at y is 1 (relu6: 0 < y < six).
  void (*keep_mask)(std::uint8_t* bits, const std::int8_t* y, std::size_t n, Activation act,
                    std::int32_t six);
  void (*finish_gradient_masked)(std::int8_t* d, const std::uint8_t* bits, std::size_t n,
                                 Activation act, Multiplier slope);

  void (*max_pool_forward)(std::int8_t* y, std::uint8_t* routes, const std::int8_t* x,
                           const Window& s, std::size_t n);
  /// `end` ends the sums of dx, but its act, slope, six and y are those of the pool's output y
  /// [n, out]: they apply to each dy before it is added (leaky_relu: to the nearest).
  std::uint64_t (*max_pool_backward)(std::int8_t* dx, const std::int8_t* dy,
                                     const std::uint8_t* routes, const Window& s, std::size_t n,
                                     const IntegerGradient& end);
  /// Sums: of pixels, times 2^kAverageBits / (number of real pixels) to the nearest. Backward: of
  /// dy times the same of its window.
  std::uint64_t (*avg_pool_forward)(std::int8_t* y, const std::int8_t* x, const Window& s,
                                    std::size_t n, int shift);
  std::uint64_t (*avg_pool_backward)(std::int8_t* dx, const std::int8_t* dy, const Window& s,
                                     std::size_t n, const IntegerGradient& end);

  /// y = a * 2^a_shift + b * 2^b_shift (to the nearest where negative, each limited to half of
  /// kMaxSum), then the nearest / 2^shift, limited. y may be a or b. n: elements.
  std::uint64_t (*add)(std::int8_t* y, const std::int8_t* a, int a_shift, const std::int8_t* b,
                       int b_shift, std::size_t n, int shift);
  /// One sample, as the float leaf: y = value < threshold ? 0 : x * scale, to the nearest after
  /// `shift`. Sums are x * scale (dropped: 0). y may be x.
  std::uint64_t (*dropout)(std::int8_t* y, const std::int8_t* x, std::size_t spatial,
                           std::size_t channels, std::uint32_t u, std::uint32_t threshold,
                           std::int32_t scale, int shift);

  /// One sample of logits z at exponent e: p[classes] in units of 2^-15; fewer than 2^16 classes.
  /// Returns the cross-entropy of `label` in units of 2^-16, at most that of 31 octaves below the
  /// largest logit.
  std::int64_t (*softmax)(std::int32_t* p, const std::int64_t* z, std::size_t classes, int e,
                          std::uint32_t label);
};

/// Sums of an average pool: 2^kAverageBits times the average.
constexpr int kAverageBits = 23;

/// Samples of which dense_backward keeps a column of x on its stack.
constexpr std::size_t kIntegerColumn = 128;
/// Bytes that dense_backward needs beside it where dx is x.
constexpr std::uint64_t integer_dense_scratch(std::uint64_t n) {
  return n > kIntegerColumn ? n : 0;
}

/// Bytes that conv_forward and conv_backward need for the map between a convolution and its pool.
constexpr std::uint64_t integer_conv_scratch(const Window& s, const Window* pool, bool backward) {
  if (!pool) return 0;
  return std::uint64_t{backward ? s.kernel_h : pool->kernel_h} * s.out_w * s.out_c;
}

namespace portable {
extern const IntegerKernels kIntegerKernels;
}  // namespace portable

}  // namespace hone
