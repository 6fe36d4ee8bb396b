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

/// Sums and starts of fewer bits, in 32, leave room for their total and its rounding.
constexpr int kSafeBits = 29;
static inline bool is_safe(std::int32_t x) { return (x ^ (x >> 31)) >> kSafeBits == 0; }
static inline bool is_safe_shift(int s) { return s >= 1 && s <= kSafeBits; }
/// q, limited to a mantissa.
static inline std::int8_t limited_code(std::int32_t q) {
  const std::int32_t most = kMaxMantissa8;
  return static_cast<std::int8_t>(q > most ? most : q < -most ? -most : q);
}
/// quantised() of what is safe.
static inline std::int8_t code_of(std::int32_t sum, int shift) {
  return limited_code((sum + (std::int32_t{1} << (shift - 1))) >> shift);
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

/// Element `at` of dx from its mantissa: what the derivative leaves of it.
static inline void put_code(std::int8_t* dx, std::size_t at, std::int8_t code,
                            const IntegerGradient& end) {
  const std::int32_t y = end.act != Activation::none ? end.y[at] : 0;
  if (end.act == Activation::leaky_relu && y <= 0) {
    code = static_cast<std::int8_t>(clamp(scaled_by(code, end.slope), kMaxMantissa8));
  } else if (end.act != Activation::none &&
             (y <= 0 || (end.act == Activation::relu6 && y >= end.six))) {
    code = 0;
  }
  dx[at] = code;
}

/// Element `at` of dx, which may resume; end.y counts from the same element. Returns the
/// magnitude_bits() of the sum before the derivative, which acts on the mantissa: so it may as well
/// be applied later, by the layer of the activation.
static inline std::uint64_t put(std::int8_t* dx, std::size_t at, std::int64_t sum,
                                const IntegerGradient& end) {
  if (end.resumes) sum += start_of_sum(dx[at], -end.resumed_shift);
  put_code(dx, at, quantised(sum, end.shift), end);
  return magnitude_bits(sum);
}

/// What the sums of the outputs of a tile start from. Elsewhere than on the smallest cores also in
/// 32 bits, once in each row of the tile, where these are enough for most sums.
struct Starts {
  const std::int32_t* bias;  ///< of the first column; null: 0
  int shift;
#if !defined(__OPTIMIZE_SIZE__)
  bool is_narrow;
  std::int32_t narrow[kTile];
#endif
};
/// bias: of all channels, or null; the tile has the columns [column, column + cols).
void start_outputs(Starts& starts, const std::int32_t* bias, int shift, std::size_t column,
                   std::size_t cols, const IntegerOutput& end);

/// A finished tile: its rows, `cols` wide, go to the elements `at`, at + step, ... of y, or of
/// end.sums. Returns the OR of the magnitude_bits().
std::uint64_t put_outputs(std::int8_t* y, std::size_t at, std::size_t step, const Sums& t,
                          std::size_t rows, std::size_t cols, const Starts& starts,
                          const IntegerOutput& end);

/// Finished sums, at most 32, go to the elements `at`, at + step, ... of dx. Returns the OR of what
/// put() returns.
std::uint64_t put_gradients(std::int8_t* dx, std::size_t at, std::size_t step,
                            const std::int64_t* sums, std::size_t count,
                            const IntegerGradient& end);

}  // namespace integer
}  // namespace HONE_LEAF_NS
}  // namespace hone
