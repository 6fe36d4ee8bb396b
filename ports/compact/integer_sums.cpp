#include "integer_sums.hpp"

namespace hone {
namespace HONE_LEAF_NS {
namespace integer {
namespace {

template <class B>
std::int64_t products(std::int64_t sum, const std::int8_t* a, std::size_t a_step, const B* b,
                      std::size_t b_step, std::size_t n) {
  for (; n != 0; --n, a += a_step, b += b_step) sum += std::int64_t{*a * *b};
  return sum;
}

}  // namespace

std::int64_t start_of_sum(std::int64_t x, int s) { return clamp(rounded_shift(x, s), kMaxSum / 2); }

std::int8_t masked(std::int8_t d, std::int32_t y, const IntegerGradient& end) {
  if (end.act == Activation::none) return d;
  if (y > 0) return end.act == Activation::relu6 && y >= end.six ? std::int8_t{0} : d;
  if (end.act != Activation::leaky_relu) return 0;
  return quantised(std::int64_t{d * end.slope.mantissa}, end.slope.shift);
}

std::uint64_t put_output(std::int8_t* y, std::size_t at, std::int64_t sum,
                         const IntegerOutput& end) {
  if (end.act != Activation::none) {
    if (sum < 0) sum = end.act == Activation::leaky_relu ? scaled_by(sum, end.slope) : 0;
    if (end.act == Activation::relu6 && sum > end.six) sum = end.six;
  }
  if (end.sums) {
    end.sums[at] = sum;
  } else {
    y[at] = quantised(sum, end.shift);
  }
  return magnitude_bits(sum);
}

std::uint64_t put_gradient(std::int8_t* dx, std::size_t at, std::int64_t sum,
                           const IntegerGradient& end) {
  if (end.resumes) sum += start_of_sum(dx[at], -end.resumed_shift);
  dx[at] = masked(quantised(sum, end.shift), end.y ? end.y[at] : 0, end);
  return magnitude_bits(sum);
}

__attribute__((noinline)) std::int64_t add_products(std::int64_t sum, const std::int8_t* a,
                                                    std::size_t a_step, const std::int8_t* b,
                                                    std::size_t b_step, std::size_t n) {
  return products(sum, a, a_step, b, b_step, n);
}
__attribute__((noinline)) std::int64_t add_products(std::int64_t sum, const std::int8_t* a,
                                                    std::size_t a_step, const std::int16_t* b,
                                                    std::size_t b_step, std::size_t n) {
  return products(sum, a, a_step, b, b_step, n);
}

}  // namespace integer
}  // namespace HONE_LEAF_NS
}  // namespace hone
