#include "ends.hpp"

#include <cstring>

namespace hone {
namespace HONE_LEAF_NS {
namespace integer {
namespace {

#if !defined(__OPTIMIZE_SIZE__)
std::uint32_t bits_of(const std::int32_t* x, std::size_t n) {
  std::uint32_t bits = 0;
  for (std::size_t i = 0; i < n; ++i) bits |= static_cast<std::uint32_t>(x[i] ^ (x[i] >> 31));
  return bits;
}
constexpr std::size_t kFew = 8;  // where a whole tile is not worth it
void quantise(std::int8_t* codes, const std::int32_t* sums, int shift) {
  for (std::size_t i = 0; i < kTile; ++i) codes[i] = code_of(sums[i], shift);
}

// The whole tile at once, also what lies beside its columns, where 0 stays 0, and below its rows.
std::uint64_t put_narrow(std::int8_t* y, std::size_t step, const Sums& t, std::size_t rows,
                         std::size_t cols, const Starts& starts, const IntegerOutput& end) {
  constexpr std::int32_t kMost = 0x7FFFFFFF;
  const bool is_six = end.act == Activation::relu6 && end.six < kMost;
  const std::int32_t low = end.act == Activation::none ? -kMost : 0;
  const std::int32_t high = is_six ? static_cast<std::int32_t>(end.six) : kMost;
  std::int32_t sums[kTile];
  std::int8_t codes[kTile];
  for (std::size_t i = 0; i < kTile; ++i) {
    const std::int32_t sum = t.narrow[i] + starts.narrow[i];
    sums[i] = sum > high ? high : sum < low ? low : sum;
  }
  quantise(codes, sums, end.shift);
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
  std::uint64_t bits = 0;
  for (std::size_t i = 0; i < kTile; ++i) starts.narrow[i] = 0;
  starts.is_narrow = end.act != Activation::leaky_relu && !end.sums && is_safe_shift(end.shift);
  if (bias && shift > -kSafeBits && shift <= kSafeBits &&
      bits_of(starts.bias, cols) >> (shift < 0 ? kSafeBits + shift : kSafeBits) == 0) {
    const std::int32_t half = shift > 0 ? 1 << (shift - 1) : 0;
    for (std::size_t c = 0; c < cols; ++c) {
      const std::int32_t b = starts.bias[c];
      const std::int32_t start = shift > 0 ? (b + half) >> shift : b * (1 << -shift);
      for (std::size_t i = c; i < kTile; i += tile_stride(cols)) starts.narrow[i] = start;
    }
    return;
  }
  for (std::size_t c = 0; bias && c < cols; ++c) {
    const std::int64_t start = start_of_sum(starts.bias[c], shift);
    bits |= magnitude_bits(start);
    const std::int64_t limited = clamp(start, std::int64_t{1} << kSafeBits);
    for (std::size_t i = c; i < kTile; i += tile_stride(cols))
      starts.narrow[i] = static_cast<std::int32_t>(limited);
  }
  starts.is_narrow = starts.is_narrow && bits >> kSafeBits == 0;
#else
  (void)cols, (void)end;
#endif
}

std::uint64_t put_outputs(std::int8_t* y, std::size_t at, std::size_t step, const Sums& t,
                          std::size_t rows, std::size_t cols, const Starts& starts,
                          const IntegerOutput& end) {
#if !defined(__OPTIMIZE_SIZE__)
  if (starts.is_narrow && !t.spilled && bits_of(t.narrow, kTile) >> kSafeBits == 0)
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
#if !defined(__OPTIMIZE_SIZE__)
  for (std::size_t i = 0; i < count; ++i) seen |= magnitude_bits(sums[i]);
  if (!end.resumes && seen >> kSafeBits == 0 && is_safe_shift(end.shift) && count <= kFew) {
    for (std::size_t i = 0; i < count; ++i)
      put_code(dx, at + i * step, code_of(static_cast<std::int32_t>(sums[i]), end.shift), end);
    return seen;
  }
  if (!end.resumes && seen >> kSafeBits == 0 && is_safe_shift(end.shift)) {
    std::int32_t narrow[kTile];
    std::int8_t codes[kTile];
    for (std::size_t i = 0; i < kTile; ++i)
      narrow[i] = static_cast<std::int32_t>(i < count ? sums[i] : 0);
    quantise(codes, narrow, end.shift);
    for (std::size_t i = 0; i < count; ++i) put_code(dx, at + i * step, codes[i], end);
    return seen;
  }
  seen = 0;
#endif
  for (std::size_t i = 0; i < count; ++i) seen |= put(dx, at + i * step, sums[i], end);
  return seen;
}

}  // namespace integer
}  // namespace HONE_LEAF_NS
}  // namespace hone
