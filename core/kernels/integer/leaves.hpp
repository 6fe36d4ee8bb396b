#pragma once
#include "hone/integer_kernels.hpp"

// The integer leaves of one build (HONE_LEAF_NS). Contracts: hone/integer_kernels.hpp.
namespace hone {
namespace HONE_LEAF_NS {
namespace integer {

std::uint64_t dense_forward(std::int8_t* y, const std::int8_t* x, const std::int16_t* w,
                            const std::int32_t* bias, int bias_shift, std::size_t n, std::size_t in,
                            std::size_t out, const IntegerOutput& end);
IntegerReport dense_backward(const IntegerParameters& p, std::int8_t* dx, const std::int8_t* x,
                             const std::int8_t* dy, std::size_t n, std::size_t in, std::size_t out,
                             const IntegerGradient& end, std::int8_t* scratch);
std::uint64_t conv_forward(std::int8_t* y, const std::int8_t* x, const std::int16_t* w,
                           const std::int32_t* bias, int bias_shift, const Window& s,
                           const Pooled* pool, std::size_t n, const IntegerOutput& end,
                           std::int8_t* scratch);
IntegerReport conv_backward(const IntegerParameters& p, std::int8_t* dx, const std::int8_t* x,
                            const std::int8_t* dy, const Window& s, const Pooled* pool,
                            std::size_t n, const IntegerGradient& end, std::int8_t* scratch);
std::uint64_t depthwise_forward(std::int8_t* y, const std::int8_t* x, const std::int16_t* w,
                                const std::int32_t* bias, int bias_shift, const Window& s,
                                std::size_t n, const IntegerOutput& end);
IntegerReport depthwise_backward(const IntegerParameters& p, std::int8_t* dx, const std::int8_t* x,
                                 const std::int8_t* dy, const Window& s, std::size_t n,
                                 const IntegerGradient& end);
void activate(std::int8_t* y, const std::int8_t* x, std::size_t n, const IntegerOutput& end);
void finish_gradient(std::int8_t* d, std::size_t n, const IntegerGradient& end);
void keep_mask(std::uint8_t* bits, const std::int8_t* y, std::size_t n, Activation act,
               std::int32_t six);
void finish_gradient_masked(std::int8_t* d, const std::uint8_t* bits, std::size_t n, Activation act,
                            Multiplier slope);
void max_pool_forward(std::int8_t* y, std::uint8_t* routes, const std::int8_t* x, const Window& s,
                      std::size_t n);
std::uint64_t max_pool_backward(std::int8_t* dx, const std::int8_t* dy, const std::uint8_t* routes,
                                const Window& s, std::size_t n, const IntegerGradient& end);
std::uint64_t avg_pool_forward(std::int8_t* y, const std::int8_t* x, const Window& s, std::size_t n,
                               int shift);
std::uint64_t avg_pool_backward(std::int8_t* dx, const std::int8_t* dy, const Window& s,
                                std::size_t n, const IntegerGradient& end);
std::uint64_t add(std::int8_t* y, const std::int8_t* a, int a_shift, const std::int8_t* b,
                  int b_shift, std::size_t n, int shift);
std::uint64_t dropout(std::int8_t* y, const std::int8_t* x, std::size_t spatial,
                      std::size_t channels, std::uint32_t u, std::uint32_t threshold,
                      std::int32_t scale, int shift);
std::int64_t softmax(std::int32_t* p, const std::int64_t* z, std::size_t classes, int e,
                     std::uint32_t label);

}  // namespace integer
}  // namespace HONE_LEAF_NS
}  // namespace hone
