#include "chain.hpp"

namespace hone {
namespace HONE_LEAF_NS {
namespace {

/// c + the products of n pairs, in order.
float add_products(float c, const float* a, std::size_t a_stride, const float* b,
                   std::size_t b_stride, std::size_t n) {
  for (; n != 0; --n, a += a_stride, b += b_stride) c = fma(*a, *b, c);
  return c;
}

}  // namespace

void dense_forward(float* y, const float* x, const float* w, const float* bias, std::size_t n,
                   std::size_t in, std::size_t out, const OutputEnd& end) {
  for (; n != 0; --n, x += in)
    for (std::size_t o = 0; o < out; ++o) {
      const float chain = add_products(bias ? bias[o] : 0.0f, x, 1, w + o, out, in);
      *y++ = activated(store_floor(chain), end.act, end.slope);
    }
}

std::uint32_t dense_backward(float* w, float* sum, float* dx, const float* x, const float* dy,
                             float* panel, std::size_t n, std::size_t in, std::size_t out,
                             const Update* update, const GradientEnd& end) {
  const Walk walk{1, 1, n, 0, 0, in, 0, 0, out};  // the samples innermost: its loop is the fast one
  const bool is_few = n <= kPanelFreeSamples;
  std::uint32_t bad = 0;
  // An input at a time. Its gradients need the old weights, its update the inputs that they may
  // overwrite: with a panel the old row is kept there, else the few gradients are.
  for (std::size_t k = 0; k < in; ++k, ++x, w += out) {
    float few[kPanelFreeSamples];
    for (std::size_t i = 0; dx && is_few && i < n; ++i)
      few[i] = add_products(end.resumes ? dx[i * in + k] : 0.0f, dy + i * out, 1, w, 1, out);
    if (dx && !is_few) std::memcpy(panel, w, out * sizeof(float));
    if (update) bad |= outer_update(w, at(sum, k * out), out, 1, out, x, dy, walk, *update);
    for (std::size_t i = 0; dx && i < n; ++i) {
      float* const d = dx + i * in + k;
      const float chain =
          is_few ? few[i] : add_products(end.resumes ? *d : 0.0f, dy + i * out, 1, panel, 1, out);
      *d = end.finishes ? finished(chain, end.y ? end.y[i * in + k] : 0.0f, end.act, end.slope)
                        : chain;
    }
  }
  return bad;
}

std::uint32_t outer_update(float* w, float* sum, std::size_t w_stride, std::size_t rows,
                           std::size_t cols, const float* x, const float* dy, const Walk& walk,
                           const Update& update) {
  std::uint32_t bad = 0;
  for (std::size_t r = 0; r < rows; ++r)
    for (std::size_t c = 0; c < cols; ++c) {
      float* const weight = w + r * w_stride + c;
      float* const memory = at(sum, r * w_stride + c);
      float chain = start_chain(weight, memory, update);
      for (std::size_t i = 0; i < walk.n; ++i)
        for (std::size_t h = 0; h < walk.h; ++h)
          chain = add_products(chain, x + i * walk.x_n + h * walk.x_h + r, walk.x_w,
                               dy + i * walk.dy_n + h * walk.dy_h + c, walk.dy_w, walk.w);
      bad |= end_chain(chain, weight, memory, update);
    }
  return bad;
}

}  // namespace HONE_LEAF_NS
}  // namespace hone
