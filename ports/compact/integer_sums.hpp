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

/// sum + the products of n pairs.
std::int64_t add_products(std::int64_t sum, const std::int8_t* a, std::size_t a_step,
                          const std::int8_t* b, std::size_t b_step, std::size_t n);
std::int64_t add_products(std::int64_t sum, const std::int8_t* a, std::size_t a_step,
                          const std::int16_t* b, std::size_t b_step, std::size_t n);

}  // namespace integer
}  // namespace HONE_LEAF_NS
}  // namespace hone
