#include "four.hpp"
#include "kernels/integer/sum_chunks.hpp"

// Cores of 13 registers: eight sums stay in them from the first term to the last, where
// the plain loops would load and store one for each product.
namespace hone {
namespace HONE_LEAF_NS {
namespace integer {
namespace {

// What multiplies the rows b: `count` factors, `step` apart, which may be 0.
struct Column {
  const std::int8_t* at;
  std::size_t step, count;
};

// t[c] += factor * b[c] for c < 4, or 8, factor by factor.
template <bool kEight, class Row>
HONE_OWN_FRAME void block(std::int32_t* t, const Column& a, const Row* b, std::size_t b_step) {
  FourSums low = sums_at(t), high = sums_at(kEight ? t + 4 : t);
  for (std::size_t i = 0; i < a.count; ++i) {
    const std::int32_t factor = a.at[i * a.step];
    if (factor == 0) continue;
    add_four(low, factor, b + i * b_step);
    if (kEight) add_four(high, factor, b + i * b_step + 4);
  }
  put_sums(t, low);
  if (kEight) put_sums(t + 4, high);
}

template <class Row>
void add_row(std::int32_t* t, std::size_t cols, const Column& a, const Row* b, std::size_t b_step) {
  for (; cols >= 8; cols -= 8, t += 8, b += 8) block<true>(t, a, b, b_step);
  if (cols >= 4) {
    block<false>(t, a, b, b_step);
    cols -= 4, t += 4, b += 4;
  }
  for (; cols != 0; --cols, ++t, ++b) {
    std::int32_t sum = *t;
    for (std::size_t i = 0; i < a.count; ++i) sum += a.at[i * a.step] * b[i * b_step];
    *t = sum;
  }
}

template <class Row>
void add_in_chunks(Sums& t, std::size_t rows, std::size_t cols, const Factors& a, const Row* b,
                   std::size_t b_step, std::size_t count) {
  in_chunks(t, b, count, [&](std::size_t from, std::size_t now) {
    for (std::size_t r = 0; r < rows; ++r)
      add_row(t.narrow + r * tile_stride(cols), cols,
              {a.at + r * a.row_step + from * a.term_step, a.term_step, now}, b + from * b_step,
              b_step);
  });
}

template <class Row>
void add_column_pairs(std::int32_t* t, std::size_t cols, const std::int8_t* a,
                      std::ptrdiff_t a_step, const Row* b, std::ptrdiff_t b_step,
                      std::size_t count) {
  for (; cols >= 4; cols -= 4, t += 4, a += 4, b += 4) {
    FourSums s = sums_at(t);
    for (std::size_t i = 0; i < count; ++i) add_four(s, a + place(i, a_step), b + place(i, b_step));
    put_sums(t, s);
  }
  for (; cols != 0; --cols, ++t, ++a, ++b) {
    std::int32_t sum = *t;
    for (std::size_t i = 0; i < count; ++i) sum += a[place(i, a_step)] * b[place(i, b_step)];
    *t = sum;
  }
}

template <class Row>
void pairs_in_chunks(Sums& t, std::size_t cols, const std::int8_t* a, std::ptrdiff_t a_step,
                     const Row* b, std::ptrdiff_t b_step, std::size_t count) {
  in_chunks(t, b, count, [&](std::size_t from, std::size_t now) {
    add_column_pairs(t.narrow, cols, a + place(from, a_step), a_step, b + place(from, b_step),
                     b_step, now);
  });
}

// R dots share their factors.
template <std::size_t R, class A, class B>
HONE_OWN_FRAME void dots(std::int64_t* sums, const A* a, const B* b, std::size_t b_step,
                         std::size_t count) {
  while (count > 0) {
    const std::size_t now = at_most(count, kWideChunk);
    const A* const end = a + now;
    const B* row[R];
    std::int32_t sum[R];
    for (std::size_t r = 0; r < R; ++r) row[r] = b + r * b_step, sum[r] = 0;
    for (const A* const fours = a + now / 4 * 4; a != fours; a += 4) {
      const Four f = four_of(a, b);
      for (std::size_t r = 0; r < R; ++r) sum[r] = plus_dot(sum[r], f, row[r]), row[r] += 4;
    }
    for (; a != end; ++a)
      for (std::size_t r = 0; r < R; ++r) sum[r] += *a * *row[r]++;
    for (std::size_t r = 0; r < R; ++r) sums[r] += sum[r];
    b += now;
    count -= now;
  }
}

template <class A, class B>
void rows_of_dots(std::int64_t* sums, std::size_t rows, const A* a, const B* b, std::size_t b_step,
                  std::size_t count) {
  std::size_t r = 0;
  for (; r + 4 <= rows; r += 4) dots<4>(sums + r, a, b + r * b_step, b_step, count);
  for (; r < rows; ++r) dots<1>(sums + r, a, b + r * b_step, b_step, count);
}

}  // namespace
}  // namespace integer
}  // namespace HONE_LEAF_NS
}  // namespace hone

#include "kernels/integer/sum_functions.hpp"
