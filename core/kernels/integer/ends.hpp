#pragma once
#include "sums.hpp"

// What becomes of finished sums: struct IntegerOutput and struct IntegerGradient.
namespace hone {
namespace HONE_LEAF_NS {
namespace integer {

/// What a sum starts from, a bias or a gradient in memory, is limited to this, so that no total
/// passes kMaxSum: the products of a sum stay far below the other half.
constexpr std::int64_t kMaxStart = kMaxSum / 2;

/// x / 2^s to the nearest, as the start of a sum.
static inline std::int64_t start_of_sum(std::int64_t x, int s) {
  return clamp(rounded_shift(x, s), kMaxStart);
}

static inline std::int64_t activated(const IntegerOutput& end, std::int64_t sum) {
  switch (end.act) {
    case Activation::none:
      break;
    case Activation::relu:
      return sum > 0 ? sum : 0;
    case Activation::relu6:
      return sum > end.six ? end.six : sum > 0 ? sum : 0;
    case Activation::leaky_relu:
      return sum > 0 ? sum : scaled_by(sum, end.slope);
  }
  return sum;
}

/// Times the derivative of the activation at y.
static inline std::int64_t masked(const IntegerGradient& end, std::int64_t sum, std::int32_t y) {
  switch (end.act) {
    case Activation::none:
      break;
    case Activation::relu:
      return y > 0 ? sum : 0;
    case Activation::relu6:
      return y > 0 && y < end.six ? sum : 0;
    case Activation::leaky_relu:
      return y > 0 ? sum : scaled_by(sum, end.slope);
  }
  return sum;
}

/// Element `at` of y, or of end.sums. Returns the magnitude_bits() of what `end` made of the sum.
static inline std::uint64_t put(std::int8_t* y, std::size_t at, std::int64_t sum,
                                const IntegerOutput& end) {
  sum = activated(end, sum);
  if (end.sums) {
    end.sums[at] = sum;
  } else {
    y[at] = quantised(sum, end.shift);
  }
  return magnitude_bits(sum);
}

/// Element `at` of dx, which may resume; end.y counts from the same element. Returns the
/// magnitude_bits() of the sum before the derivative, which acts on the mantissa: so it may as well
/// be applied later, by the layer of the activation.
static inline std::uint64_t put(std::int8_t* dx, std::size_t at, std::int64_t sum,
                                const IntegerGradient& end) {
  if (end.resumes) sum += start_of_sum(dx[at], -end.resumed_shift);
  std::int64_t d = quantised(sum, end.shift);
  if (end.act != Activation::none) d = clamp(masked(end, d, end.y[at]), kMaxMantissa8);
  dx[at] = static_cast<std::int8_t>(d);
  return magnitude_bits(sum);
}

/// What the sums of an output start from; at null: 0.
struct Start {
  const std::int32_t* at;
  int shift;
};

/// Elements [at, at + cols) of y, or of end.sums, from one row of a tile, which begins at sum
/// `first`; the biases count from its first column. Returns the OR of the magnitude_bits().
std::uint64_t put_row(std::int8_t* y, std::size_t at, const Sums& t, std::size_t first,
                      std::size_t cols, const Start& bias, const IntegerOutput& end);

}  // namespace integer
}  // namespace HONE_LEAF_NS
}  // namespace hone
