#pragma once
#include "kernels/integer/leaves.hpp"

// The beginnings and ends of one sum of w16a8, by the letter of hone/integer_kernels.hpp:
// functions, because a call is smaller than what it does. Sums have 64 bits from the start.
namespace hone {
namespace HONE_LEAF_NS {
namespace integer {

/// x * 2^-s to the nearest, as the start of a sum.
std::int64_t start_of_sum(std::int64_t x, int s);

/// A finished sum becomes element `at` of y, or of end.sums. Returns what adds to `seen`.
std::uint64_t put_output(std::int8_t* y, std::size_t at, std::int64_t sum,
                         const IntegerOutput& end);
/// A mantissa of a gradient through the derivative of end.act at y.
std::int8_t masked(std::int8_t d, std::int32_t y, const IntegerGradient& end);
/// The same of dx, which may resume.
std::uint64_t put_gradient(std::int8_t* dx, std::size_t at, std::int64_t sum,
                           const IntegerGradient& end);

/// The parameter that m becomes after a part of a batch with this sum, limited to 31 bits. It
/// counts in units of 2^bits, and `draw` is what its change is rounded down with. sum, velocity:
/// null where there are none.
std::int32_t updated(const IntegerUpdate& update, std::int64_t acc, std::int32_t m,
                     std::int32_t* sum, std::int32_t* velocity, int bits, std::uint32_t draw);
/// Weight i of p.
void update_weight(IntegerReport& report, const IntegerParameters& p, std::size_t i,
                   std::int64_t acc, std::uint32_t u16);
/// All biases, where there are any: dy[n, channels].
void update_biases(const IntegerParameters& p, const std::int8_t* dy, std::size_t n,
                   std::size_t channels);

/// sum + the products of n pairs.
std::int64_t add_products(std::int64_t sum, const std::int8_t* a, std::size_t a_step,
                          const std::int8_t* b, std::size_t b_step, std::size_t n);
std::int64_t add_products(std::int64_t sum, const std::int8_t* a, std::size_t a_step,
                          const std::int16_t* b, std::size_t b_step, std::size_t n);

}  // namespace integer
}  // namespace HONE_LEAF_NS
}  // namespace hone
