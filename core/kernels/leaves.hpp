#pragma once
#include "hone/kernels.hpp"
#include "hone/numeric.hpp"

// The leaves of one build (HONE_LEAF_NS). Contracts: hone/kernels.hpp.
namespace hone {
namespace HONE_LEAF_NS {

void dense_forward(float* y, const float* x, const float* w, const float* bias, std::size_t n,
                   std::size_t in, std::size_t out, const OutputEnd& end);
std::uint32_t dense_backward(float* w, float* sum, float* dx, const float* x, const float* dy,
                             float* panel, std::size_t n, std::size_t in, std::size_t out,
                             const Update* update, const GradientEnd& end);
std::uint32_t outer_update(float* w, float* sum, std::size_t w_stride, std::size_t rows,
                           std::size_t cols, const float* x, const float* dy, const Walk& walk,
                           const Update& update);

void conv_forward(float* y, const float* x, const float* w, const float* bias, const Window& s,
                  const Pooled* pool, std::size_t n, const OutputEnd& end, float* scratch,
                  bool fast);
std::uint32_t conv_backward(const ConvWeights& weights, float* dx, const float* x, const float* dy,
                            const Window& s, const Pooled* pool, std::size_t n,
                            const GradientEnd& end, float* scratch, bool fast);
void depthwise_forward(float* y, const float* x, const float* w, const float* bias, const Window& s,
                       std::size_t n, const OutputEnd& end);
std::uint32_t depthwise_backward(const ConvWeights& weights, float* dx, const float* x,
                                 const float* dy, const Window& s, std::size_t n,
                                 const GradientEnd& end);

void activate(float* y, const float* x, std::size_t n, Activation act, float slope);
void finish_gradient(float* d, const float* y, std::size_t n, Activation act, float slope);
void keep_mask(std::uint8_t* bits, const float* y, std::size_t n, Activation act);
void finish_gradient_masked(float* d, const std::uint8_t* bits, std::size_t n, Activation act,
                            float slope);

void max_pool_forward(float* y, std::uint8_t* routes, const float* x, const Window& s,
                      std::size_t n);
void max_pool_backward(float* dx, const float* dy, const std::uint8_t* routes, const float* y,
                       Activation act, float slope, const Window& s, std::size_t n);
void avg_pool_forward(float* y, const float* x, const Window& s, std::size_t n);
void avg_pool_backward(float* dx, const float* dy, const Window& s, std::size_t n,
                       const GradientEnd& end);

void add(float* y, const float* a, const float* b, std::size_t n);
void accumulate(float* sum, const float* d, std::size_t n);
std::uint32_t any_not_finite(const float* x, std::size_t n);
std::uint32_t floor_all(float* x, std::size_t n);

void dropout(float* y, const float* x, std::size_t spatial, std::size_t channels, std::uint32_t u,
             std::uint32_t threshold, float scale);

void softmax(float* p, const float* z, std::size_t classes);
float cross_entropy(float* z, std::size_t classes, std::uint32_t label, float inv, bool train);
float squared_error(float* y, const float* t, std::size_t n, float inv, bool train);

}  // namespace HONE_LEAF_NS
}  // namespace hone
