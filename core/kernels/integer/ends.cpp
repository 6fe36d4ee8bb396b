#include "ends.hpp"

namespace hone {
namespace HONE_LEAF_NS {
namespace integer {
namespace {

#if !defined(__OPTIMIZE_SIZE__)
// Sums and biases below this, in 32 bits, leave room for their sum and its rounding.
constexpr int kSafeBits = 29;

std::uint32_t bits_of(const std::int32_t* x, std::size_t n) {
  std::uint32_t bits = 0;
  for (std::size_t i = 0; i < n; ++i) bits |= static_cast<std::uint32_t>(x[i] ^ (x[i] >> 31));
  return bits;
}

// The same result in 32 bits, many columns at once, where they are enough.
bool put_narrow_row(std::uint64_t& seen, std::int8_t* y, const std::int32_t* sums, std::size_t cols,
                    const Start& bias, const IntegerOutput& end) {
  const int up = bias.at ? -bias.shift : 0;
  if (end.act == Activation::leaky_relu || end.sums || end.shift < 1 || end.shift > kSafeBits ||
      up < 0 || up > kSafeBits || bits_of(sums, cols) >> kSafeBits != 0 ||
      (bias.at && bits_of(bias.at, cols) >> (kSafeBits - up) != 0))
    return false;
  constexpr std::int32_t kMost = 0x7FFFFFFF;
  const std::int32_t low = end.act == Activation::none ? -kMost : 0;
  const std::int32_t high =
      end.act == Activation::relu6 && end.six < kMost ? static_cast<std::int32_t>(end.six) : kMost;
  const std::int32_t half = std::int32_t{1} << (end.shift - 1);
  std::int32_t t[kTile];
  for (std::size_t c = 0; c < cols; ++c) t[c] = sums[c];
  if (bias.at)
    for (std::size_t c = 0; c < cols; ++c) t[c] += bias.at[c] * (std::int32_t{1} << up);
  for (std::size_t c = 0; c < cols; ++c) t[c] = t[c] > high ? high : t[c] < low ? low : t[c];
  seen = bits_of(t, cols);
  for (std::size_t c = 0; c < cols; ++c) {
    const std::int32_t q = (t[c] + half) >> end.shift;
    y[c] = static_cast<std::int8_t>(q > kMaxMantissa8    ? kMaxMantissa8
                                    : q < -kMaxMantissa8 ? -kMaxMantissa8
                                                         : q);
  }
  return true;
}
#endif

}  // namespace

std::uint64_t put_row(std::int8_t* y, std::size_t at, const Sums& t, std::size_t first,
                      std::size_t cols, const Start& bias, const IntegerOutput& end) {
  std::uint64_t seen = 0;
#if !defined(__OPTIMIZE_SIZE__)
  if (!t.spilled && put_narrow_row(seen, y + at, t.narrow + first, cols, bias, end)) return seen;
#endif
  for (std::size_t c = 0; c < cols; ++c) {
    const std::int64_t start = bias.at ? start_of_sum(bias.at[c], bias.shift) : 0;
    seen |= put(y, at + c, start + total(t, first + c), end);
  }
  return seen;
}

}  // namespace integer
}  // namespace HONE_LEAF_NS
}  // namespace hone
