#include "integer_sums.hpp"

namespace hone {
namespace HONE_LEAF_NS {
namespace integer {

void activate(std::int8_t* y, const std::int8_t* x, std::size_t n, const IntegerOutput& end) {
  IntegerOutput of_mantissas = end;
  of_mantissas.shift = 0;
  of_mantissas.sums = nullptr;
  for (std::size_t i = 0; i < n; ++i) put_output(y, i, x[i], of_mantissas);
}

void finish_gradient(std::int8_t* d, std::size_t n, const IntegerGradient& end) {
  if (end.act == Activation::none) return;  // which has no y
  for (std::size_t i = 0; i < n; ++i) d[i] = masked(d[i], end.y[i], end);
}

void keep_mask(std::uint8_t* bits, const std::int8_t* y, std::size_t n, Activation act,
               std::int32_t six) {
  IntegerGradient keeps;
  keeps.act = act == Activation::leaky_relu ? Activation::relu : act;
  keeps.six = six;
  for (std::size_t i = 0; i < n; ++i) {
    const std::uint32_t kept = i % 8 == 0 ? 0u : bits[i / 8];
    const std::uint32_t bit = static_cast<std::uint32_t>(masked(1, y[i], keeps));
    bits[i / 8] = static_cast<std::uint8_t>(kept | bit << (i % 8));
  }
}

void finish_gradient_masked(std::int8_t* d, const std::uint8_t* bits, std::size_t n, Activation act,
                            Multiplier slope) {
  IntegerGradient end;
  end.act = act == Activation::leaky_relu ? act : Activation::relu;
  end.slope = slope;
  for (std::size_t i = 0; i < n; ++i) d[i] = masked(d[i], bits[i / 8] >> (i % 8) & 1, end);
}

std::uint64_t add(std::int8_t* y, const std::int8_t* a, int a_shift, const std::int8_t* b,
                  int b_shift, std::size_t n, int shift) {
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < n; ++i) {
    const std::int64_t sum = start_of_sum(a[i], -a_shift) + start_of_sum(b[i], -b_shift);
    seen |= magnitude_bits(sum);
    y[i] = quantised(sum, shift);
  }
  return seen;
}

}  // namespace integer
}  // namespace HONE_LEAF_NS
}  // namespace hone
