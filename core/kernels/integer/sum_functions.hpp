#pragma once
#include "sums.hpp"

// The functions of sums.hpp, from loops that the file which includes this defines before it:
// add_in_chunks, pairs_in_chunks and rows_of_dots, templates over the types of the factors.
namespace hone {
namespace HONE_LEAF_NS {
namespace integer {

void add_products(Sums& t, std::size_t rows, std::size_t cols, const Factors& a,
                  const std::int16_t* b, std::size_t b_step, std::size_t count) {
  add_in_chunks(t, rows, cols, a, b, b_step, count);
}
void add_products(Sums& t, std::size_t rows, std::size_t cols, const Factors& a,
                  const std::int8_t* b, std::size_t b_step, std::size_t count) {
  add_in_chunks(t, rows, cols, a, b, b_step, count);
}

void add_pairs(Sums& t, std::size_t cols, const std::int8_t* a, std::ptrdiff_t a_step,
               const std::int16_t* b, std::ptrdiff_t b_step, std::size_t count) {
  pairs_in_chunks(t, cols, a, a_step, b, b_step, count);
}
void add_pairs(Sums& t, std::size_t cols, const std::int8_t* a, std::ptrdiff_t a_step,
               const std::int8_t* b, std::ptrdiff_t b_step, std::size_t count) {
  pairs_in_chunks(t, cols, a, a_step, b, b_step, count);
}

void add_dots(std::int64_t* sums, std::size_t rows, const std::int8_t* a, const std::int16_t* b,
              std::size_t b_step, std::size_t count) {
  rows_of_dots(sums, rows, a, b, b_step, count);
}
void add_dots(std::int64_t* sums, std::size_t rows, const std::int16_t* a, const std::int8_t* b,
              std::size_t b_step, std::size_t count) {
  rows_of_dots(sums, rows, a, b, b_step, count);
}

}  // namespace integer
}  // namespace HONE_LEAF_NS
}  // namespace hone
