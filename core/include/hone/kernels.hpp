#pragma once
#include <cstddef>
#include <cstdint>

namespace hone {

/// Sizes of one window op (convolution, depthwise, pooling) on one sample.
/// x is [in_h, in_w, in_c], y is [out_h, out_w, out_c]. Output row oy reads input rows
/// oy * stride - pad_top + ky; whatever lies outside the image is not read and adds nothing.
struct Window {
  std::uint16_t in_h = 1, in_w = 1;  // no side is longer (hone/shapes.hpp); a record is in flash
  std::uint32_t in_c = 1;
  std::uint16_t out_h = 1, out_w = 1;
  std::uint32_t out_c = 1;
  std::uint16_t kernel_h = 1, kernel_w = 1, stride = 1;
  std::uint16_t pad_top = 0, pad_left = 0;
  std::uint16_t groups = 1;

  static constexpr std::uint16_t side(std::uint32_t n) { return static_cast<std::uint16_t>(n); }
  constexpr std::size_t in_size() const { return std::size_t{in_h} * in_w * in_c; }
  constexpr std::size_t out_size() const { return std::size_t{out_h} * out_w * out_c; }
};

/// Piecewise linear activations. Their derivative is read from the output y.
enum class Activation : std::uint8_t { none, relu, relu6, leaky_relu };

/// How the gradient chain c of a weight w starts and what becomes of it (docs/CONTRACT.md,
/// "Update"). `sum` is the memory of the chain: null when it lives in registers only (plain SGD,
/// whole batch), the velocity under momentum, else an accumulator for micro-batches.
///
///   start, if first:  c = momentum ? fma(pull, w, mu * sum) : +0;      otherwise c = sum
///   end, unless last: sum = c  (not floored: a chain in memory is not a stored value)
///   end, if last:     without momentum  w = floor(fma(-lr, c, fma(-shrink, w, w)))
///                     with momentum     sum = floor(c), w = floor(fma(-lr, sum, fma(-shrink, w,
///                     w)))
struct Update {
  float lr = 0;
  float shrink = 0;  ///< lr * weight_decay where the decay acts on the weight itself, else 0
  float pull = 0;    ///< weight_decay where it is part of the velocity (coupled momentum), else 0
  float mu = 0;
  bool momentum = false;
  bool first = true, last = true;  ///< micro-batch: first of its batch, last of its batch
};

/// How the chain of an input gradient starts and ends: at +0, or at what memory holds (`resumes`);
/// as it is, or floored and times the derivative of `act` at y (`finishes`). y has the shape of the
/// gradient and may be the same memory: each element is read before it is written.
struct GradientEnd {
  bool resumes = false, finishes = true;
  Activation act = Activation::none;
  float slope = 0;
  const float* y = nullptr;  ///< null for Activation::none
};

/// What forward does with the finished chain of an output: act(floor(chain)).
struct OutputEnd {
  Activation act = Activation::none;
  float slope = 0;  ///< of leaky_relu
};

/// A max pool that runs in one pass with the convolution before it. Its windows lie whole inside
/// the image, without padding, and do not overlap: stride >= kernel_h, kernel_w.
struct Pooled {
  const Window& window;            ///< of the pool; its input is the output of the convolution
  std::uint8_t* routes = nullptr;  ///< as max_pool_forward; null in evaluation
};

/// The parameters of a convolution in its backward pass. bias null: none. update null: frozen. Both
/// sums are null, or (where there is a bias) none; without momentum they are undefined after
/// `last`.
struct ConvWeights {
  float* w = nullptr;
  float* sum = nullptr;  ///< struct Update
  float* bias = nullptr;
  float* bias_sum = nullptr;
  const Update* update = nullptr;
  const Update* bias_update = nullptr;
};

/// The positions that a gradient chain visits, in this order: n, then rows, then columns. The
/// strides count floats.
struct Walk {
  std::size_t n = 1, h = 1, w = 1;
  std::size_t x_n = 0, x_h = 0, x_w = 0;
  std::size_t dy_n = 0, dy_h = 0, dy_w = 0;
};

/// Rows of W that dense_backward takes at a time; its panel is this many rows wide.
constexpr std::size_t kPanelRows = 32;
/// For so few samples it needs no panel: their dx fits beside a block of rows.
constexpr std::size_t kPanelFreeSamples = 2;

struct IntegerKernels;

/// The float leaves of one port. Every port gives the same bits; the portable leaves define them.
/// Tensors are dense float arrays in NHWC order. n counts samples unless said otherwise. Outputs
/// named y and dx pass the store floor unless said otherwise. Pointers may not overlap unless said
/// otherwise. No leaf checks its arguments: layers and the plan do.
struct Kernels {
  const char* name;
  const IntegerKernels* integer;  ///< the leaves of w16a8: hone/integer_kernels.hpp

  /// y[n, out] = bias + x[n, in] W[in, out], k ascending. bias may be null (+0).
  void (*dense_forward)(float* y, const float* x, const float* w, const float* bias, std::size_t n,
                        std::size_t in, std::size_t out, const OutputEnd& end);

  /// Backward of dense_forward, kPanelRows rows of W at a time: the block's dx from the old
  /// weights, then its update (outer_update over n), so that dx may be x itself: the block of x is
  /// read by the update before dx is written there. dx[n, in] (+)= dy[n, out] W^T, each one chain
  /// over out ascending; `end` says how it starts and ends. dx null: only the update; update null:
  /// only dx. panel[kPanelRows * out] is scratch, null without dx or
  /// for n <= kPanelFreeSamples. Returns as outer_update.
  std::uint32_t (*dense_backward)(float* w, float* sum, float* dx, const float* x, const float* dy,
                                  float* panel, std::size_t n, std::size_t in, std::size_t out,
                                  const Update* update, const GradientEnd& end);

  /// For every row r and column o of a weight block W[rows, cols] (row length w_stride): the chain
  ///   c = fma(x[walk + r], dy[walk + o], c)  over the positions of `walk`, then the update.
  /// `sum` has the layout of w (same offsets and stride) or is null. Returns non-zero if a new
  /// weight is NaN or infinite; before the last micro-batch 0.
  std::uint32_t (*outer_update)(float* w, float* sum, std::size_t w_stride, std::size_t rows,
                                std::size_t cols, const float* x, const float* dy, const Walk& walk,
                                const Update& update);

  /// y = bias + W * x, W [kernel_h, kernel_w, in_c / groups, out_c], chain in memory order of W.
  /// With `pool` y is the pooled map and the map between exists only in `scratch`.
  /// scratch: conv_forward_floats(s, pool, fast) of conv_scratch.hpp; `fast`: which of its sizes.
  void (*conv_forward)(float* y, const float* x, const float* w, const float* bias, const Window& s,
                       const Pooled* pool, std::size_t n, const OutputEnd& end, float* scratch,
                       bool fast);
  /// Backward of conv_forward: dx (null: not wanted) from the old weights, then the update of
  /// weights and bias. dy is the gradient of y, with `pool` that of the pooled map: finished, and
  /// masked by what lies between. dx: per input element by output pixel in raster order, then
  /// output channel ascending. dx and x may not be the same memory. dy is left as it is.
  /// scratch: conv_backward_floats(s, pool, dx, fast). Returns as outer_update.
  std::uint32_t (*conv_backward)(const ConvWeights& weights, float* dx, const float* x,
                                 const float* dy, const Window& s, const Pooled* pool,
                                 std::size_t n, const GradientEnd& end, float* scratch, bool fast);

  /// The same for depthwise convolution: groups = in_c = out_c, W [kernel_h, kernel_w, c]. Needs
  /// no scratch.
  void (*depthwise_forward)(float* y, const float* x, const float* w, const float* bias,
                            const Window& s, std::size_t n, const OutputEnd& end);
  std::uint32_t (*depthwise_backward)(const ConvWeights& weights, float* dx, const float* x,
                                      const float* dy, const Window& s, std::size_t n,
                                      const GradientEnd& end);

  /// y[i] = act(x[i]); x may be y. relu: x > 0 ? x : 0. relu6: also at most 6.
  /// leaky_relu: x > 0 ? x : floor(slope * x). n counts elements.
  void (*activate)(float* y, const float* x, std::size_t n, Activation act, float slope);
  /// d = floor(d), then times the derivative of act at y: 0 at 0, and for relu6 at 6;
  /// leaky_relu: y > 0 ? d : floor(slope * d). y may be null for Activation::none. n: elements.
  void (*finish_gradient)(float* d, const float* y, std::size_t n, Activation act, float slope);
  /// One bit an element, bit i % 8 of byte i / 8: the derivative of act at y is 1.
  void (*keep_mask)(std::uint8_t* bits, const float* y, std::size_t n, Activation act);
  /// finish_gradient with the kept bits in place of y.
  void (*finish_gradient_masked)(float* d, const std::uint8_t* bits, std::size_t n, Activation act,
                                 float slope);

  /// Pools: out_c = in_c, and every window holds at least one real pixel.
  /// y = max over the real pixels of the window; the first in raster order wins. `routes` (may be
  /// null) gets the winner's place in the window, ky * kernel_w + kx, route_bits(kernel) bits each,
  /// element i at bit (i * bits) % 8 of byte i * bits / 8; 16-bit routes are little-endian. Element
  /// 0 is the first output of sample 0; bytes are written whole, unused bits 0.
  void (*max_pool_forward)(float* y, std::uint8_t* routes, const float* x, const Window& s,
                           std::size_t n);
  /// dx[route] += dy * derivative of act at y (leaky_relu: floor(slope * dy)), outputs in raster
  /// order. Not floored. y [n, out] is the pool's output; null for Activation::none.
  void (*max_pool_backward)(float* dx, const float* dy, const std::uint8_t* routes, const float* y,
                            Activation act, float slope, const Window& s, std::size_t n);
  /// y = (plain sum in raster order from +0) / (number of real pixels).
  void (*avg_pool_forward)(float* y, const float* x, const Window& s, std::size_t n);
  /// dx (+)= dy / (number of real pixels), outputs in raster order; `end` says how the chains start
  /// and end. dx may be end.y if no windows overlap.
  void (*avg_pool_backward)(float* dx, const float* dy, const Window& s, std::size_t n,
                            const GradientEnd& end);

  /// y[i] = floor(a[i] + b[i]); y may be a or b. n: elements.
  void (*add)(float* y, const float* a, const float* b, std::size_t n);
  /// sum[i] += d[i], not floored. n: elements.
  void (*accumulate)(float* sum, const float* d, std::size_t n);

  /// One sample: value i of the stream u belongs to element i (spatial = 1) or to channel i
  /// (whole channels, x [spatial, channels]). y = value < threshold ? +0 : floor(x * scale).
  /// x may be y. The same call with dy gives dx.
  void (*dropout)(float* y, const float* x, std::size_t spatial, std::size_t channels,
                  std::uint32_t u, std::uint32_t threshold, float scale);

  /// One sample: p[i] = e / S with e = floor(exp(z - max)), S summed by lanes. p may be z.
  void (*softmax)(float* p, const float* z, std::size_t classes);
  /// One sample: returns log(S) - (z[label] - max), the cross-entropy; if `train`, z becomes the
  /// gradient floor((p - t) * inv).
  float (*cross_entropy)(float* z, std::size_t classes, std::uint32_t label, float inv, bool train);
  /// One sample: returns the sum of (y - t)^2 by lanes (fma); if `train`, y becomes the gradient
  /// floor((2 * (y - t)) * inv).
  float (*squared_error)(float* y, const float* t, std::size_t n, float inv, bool train);

  /// Non-zero if any x[i] is NaN or infinite. n: elements.
  std::uint32_t (*any_not_finite)(const float* x, std::size_t n);
  /// x[i] = floor(x[i]). Returns as any_not_finite. n: elements.
  std::uint32_t (*floor_all)(float* x, std::size_t n);
};

/// Bits that hold a place in a pooling window of this many pixels: 2, 4, 8 or 16.
constexpr std::uint32_t route_bits(std::uint32_t window) {
  return window <= 4 ? 2u : window <= 16 ? 4u : window <= 256 ? 8u : 16u;
}
constexpr std::size_t route_bytes(std::uint32_t window, std::size_t outputs) {
  return (outputs * route_bits(window) + 7) / 8;
}

/// The table of the best port for this CPU; HONE_ISA in the environment may only lower the
/// choice. Defined by ports/.
const Kernels& kernels();

namespace portable {
/// The reference leaves, built for the baseline CPU of the target.
extern const Kernels kKernels;
}  // namespace portable

}  // namespace hone
