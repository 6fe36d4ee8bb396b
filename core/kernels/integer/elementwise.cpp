#include <cstring>

#include "ends.hpp"

namespace hone {
namespace HONE_LEAF_NS {
namespace integer {
namespace {

// Elements at a time, through a local array: no compiler needs to ask whether y is x.
constexpr std::size_t kBlock = 32;
std::size_t block_at(std::size_t i, std::size_t n) { return n - i < kBlock ? n - i : kBlock; }

// The derivative of an activation at y is 1 where above < y <= most.
struct Kept {
  std::int8_t above, most;
};
Kept kept_by(Activation act, std::int32_t six) {
  if (act == Activation::none) return {-128, 127};
  const std::int64_t most = act == Activation::relu6 ? std::int64_t{six} - 1 : kMaxMantissa8;
  return {0, static_cast<std::int8_t>(clamp(most, kMaxMantissa8))};
}

std::int8_t leaked(std::int8_t x, Multiplier slope) {
  return static_cast<std::int8_t>(clamp(scaled_by(x, slope), kMaxMantissa8));
}

// x * 2^s to the nearest, for s <= kOrdinaryShift and a sum of two such x in 32 bits.
constexpr int kOrdinaryShift = 20;
struct Aligner {
  std::int32_t up, half, down;
};
Aligner aligner_of(int s) {
  if (s >= 0) return {1 << s, 0, 0};
  const int down = s < -30 ? 30 : -s;  // further down 28 bits are 0 as well
  return {1, 1 << (down - 1), down};
}
inline std::int32_t aligned(std::int32_t x, const Aligner& by) {
  return (x * by.up + by.half) >> by.down;
}

}  // namespace

void activate(std::int8_t* y, const std::int8_t* x, std::size_t n, const IntegerOutput& end) {
  if (end.act == Activation::none) {
    std::memmove(y, x, n);
    return;
  }
  const auto most = static_cast<std::int8_t>(
      end.act == Activation::relu6 ? clamp(end.six, kMaxMantissa8) : kMaxMantissa8);
  for (std::size_t i = 0; i < n; i += kBlock) {
    const std::size_t count = block_at(i, n);
    std::int8_t t[kBlock];
    if (end.act == Activation::leaky_relu) {
      for (std::size_t j = 0; j < count; ++j)
        t[j] = x[i + j] > 0 ? x[i + j] : leaked(x[i + j], end.slope);
    } else {
      for (std::size_t j = 0; j < count; ++j) {
        const std::int8_t positive = x[i + j] > 0 ? x[i + j] : std::int8_t{0};
        t[j] = positive < most ? positive : most;
      }
    }
    std::memcpy(y + i, t, count);
  }
}

void finish_gradient(std::int8_t* d, std::size_t n, const IntegerGradient& end) {
  if (end.act == Activation::none) return;
  const Kept kept = kept_by(end.act, end.six);
  for (std::size_t i = 0; i < n; i += kBlock) {
    const std::size_t count = block_at(i, n);
    std::int8_t t[kBlock];
    if (end.act == Activation::leaky_relu) {
      for (std::size_t j = 0; j < count; ++j)
        t[j] = end.y[i + j] > 0 ? d[i + j] : leaked(d[i + j], end.slope);
    } else {
      for (std::size_t j = 0; j < count; ++j) {
        const std::int8_t g = d[i + j], v = end.y[i + j];  // both, or gcc keeps the loop scalar
        const std::int8_t below = v <= kept.most ? g : std::int8_t{0};
        t[j] = v > kept.above ? below : std::int8_t{0};
      }
    }
    std::memcpy(d + i, t, count);
  }
}

void keep_mask(std::uint8_t* bits, const std::int8_t* y, std::size_t n, Activation act,
               std::int32_t six) {
  const Kept kept = kept_by(act, six);
  for (std::size_t i = 0; i < n; i += 8) {
    const std::size_t count = n - i < 8 ? n - i : 8;
    std::uint32_t byte = 0;
    for (std::size_t j = 0; j < count; ++j)
      byte |= (y[i + j] > kept.above && y[i + j] <= kept.most ? 1u : 0u) << j;
    bits[i / 8] = static_cast<std::uint8_t>(byte);
  }
}

void finish_gradient_masked(std::int8_t* d, const std::uint8_t* bits, std::size_t n, Activation act,
                            Multiplier slope) {
  std::int8_t y[kBlock];  // one that has these bits
  IntegerGradient end;
  end.act = act == Activation::leaky_relu ? act : Activation::relu;
  end.slope = slope;
  end.y = y;
  for (std::size_t i = 0; i < n; i += kBlock) {
    const std::size_t count = block_at(i, n);
    for (std::size_t j = 0; j < count; ++j)
      y[j] = static_cast<std::int8_t>(bits[(i + j) / 8] >> (j % 8) & 1);
    finish_gradient(d + i, count, end);
  }
}

std::uint64_t add(std::int8_t* y, const std::int8_t* a, int a_shift, const std::int8_t* b,
                  int b_shift, std::size_t n, int shift) {
  if (a_shift > kOrdinaryShift || b_shift > kOrdinaryShift || shift < 0) {
    std::uint64_t seen = 0;
    for (std::size_t i = 0; i < n; ++i) {
      const std::int64_t sum = start_of_sum(a[i], -a_shift) + start_of_sum(b[i], -b_shift);
      seen |= magnitude_bits(sum);
      y[i] = quantised(sum, shift);
    }
    return seen;
  }
  const Aligner of_a = aligner_of(a_shift), of_b = aligner_of(b_shift), of_sum = aligner_of(-shift);
  std::int32_t seen = 0;
  for (std::size_t i = 0; i < n; i += kBlock) {
    const std::size_t count = block_at(i, n);
    std::int8_t t[kBlock];
    for (std::size_t j = 0; j < count; ++j) {
      const std::int32_t sum = aligned(a[i + j], of_a) + aligned(b[i + j], of_b);
      seen |= sum ^ (sum >> 31);
      const std::int32_t whole = aligned(sum, of_sum);
      t[j] = static_cast<std::int8_t>(whole > 127 ? 127 : whole < -127 ? -127 : whole);
    }
    std::memcpy(y + i, t, count);
  }
  return static_cast<std::uint32_t>(seen);
}

}  // namespace integer
}  // namespace HONE_LEAF_NS
}  // namespace hone
