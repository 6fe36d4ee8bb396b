#include "ends.hpp"

#include <cstring>

namespace hone {
namespace HONE_LEAF_NS {
namespace integer {
namespace {

#if !defined(__OPTIMIZE_SIZE__)
// Sums and starts of fewer bits, in 32, leave room for their total and its rounding.
constexpr int kSafeBits = 29;

std::uint32_t bits_of(const std::int32_t* x, std::size_t n) {
  std::uint32_t bits = 0;
  for (std::size_t i = 0; i < n; ++i) bits |= static_cast<std::uint32_t>(x[i] ^ (x[i] >> 31));
  return bits;
}
bool is_safe(const std::int32_t* x, std::size_t n, int bits) { return bits_of(x, n) >> bits == 0; }

// The whole tile at once, also what lies beside its columns, where 0 stays 0, and below its rows.
std::uint64_t put_narrow(std::int8_t* y, std::size_t step, const Sums& t, std::size_t rows,
                         std::size_t cols, const Starts& starts, const IntegerOutput& end) {
  constexpr std::int32_t kMost = 0x7FFFFFFF;
  const bool is_six = end.act == Activation::relu6 && end.six < kMost;
  const std::int32_t low = end.act == Activation::none ? -kMost : 0;
  const std::int32_t high = is_six ? static_cast<std::int32_t>(end.six) : kMost;
  const std::int32_t half = std::int32_t{1} << (end.shift - 1);
  std::int32_t sums[kTile];
  std::int8_t codes[kTile];
  for (std::size_t i = 0; i < kTile; ++i) {
    const std::int32_t sum = t.narrow[i] + starts.narrow[i];
    sums[i] = sum > high ? high : sum < low ? low : sum;
  }
  for (std::size_t i = 0; i < kTile; ++i) {
    const std::int32_t q = (sums[i] + half) >> end.shift, most = kMaxMantissa8;
    codes[i] = static_cast<std::int8_t>(q > most ? most : q < -most ? -most : q);
  }
  for (std::size_t r = 0; r < rows; ++r)
    std::memcpy(y + r * step, codes + r * tile_stride(cols), cols);
  return bits_of(sums, rows * tile_stride(cols));
}
#endif

}  // namespace

void start_outputs(Starts& starts, const std::int32_t* bias, int shift, std::size_t column,
                   std::size_t cols, const IntegerOutput& end) {
  starts.bias = bias ? bias + column : nullptr;
  starts.shift = shift;
#if !defined(__OPTIMIZE_SIZE__)
  const int up = bias ? -shift : 0;
  starts.is_narrow = end.act != Activation::leaky_relu && !end.sums && end.shift >= 1 &&
                     end.shift <= kSafeBits && up >= 0 && up <= kSafeBits &&
                     (!bias || is_safe(starts.bias, cols, kSafeBits - up));
  for (std::size_t i = 0; i < kTile; ++i) {
    const std::size_t c = i % tile_stride(cols);
    starts.narrow[i] =
        bias && starts.is_narrow && c < cols ? starts.bias[c] * (std::int32_t{1} << up) : 0;
  }
#endif
}

std::uint64_t put_outputs(std::int8_t* y, std::size_t at, std::size_t step, const Sums& t,
                          std::size_t rows, std::size_t cols, const Starts& starts,
                          const IntegerOutput& end) {
#if !defined(__OPTIMIZE_SIZE__)
  if (starts.is_narrow && !t.spilled && is_safe(t.narrow, kTile, kSafeBits))
    return put_narrow(y + at, step, t, rows, cols, starts, end);
#endif
  std::uint64_t seen = 0;
  for (std::size_t r = 0; r < rows; ++r)
    for (std::size_t c = 0; c < cols; ++c) {
      const std::int64_t start = starts.bias ? start_of_sum(starts.bias[c], starts.shift) : 0;
      const std::int64_t sum = start + total(t, r * tile_stride(cols) + c);
      seen |= put(y, at + r * step + c, sum, end);
    }
  return seen;
}

std::uint64_t put_gradients(std::int8_t* dx, std::size_t at, std::size_t step,
                            const std::int64_t* sums, std::size_t count,
                            const IntegerGradient& end) {
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < count; ++i) seen |= put(dx, at + i * step, sums[i], end);
  return seen;
}

}  // namespace integer
}  // namespace HONE_LEAF_NS
}  // namespace hone
