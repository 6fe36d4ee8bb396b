#include "sum_chunks.hpp"

#define HONE_INLINE inline __attribute__((always_inline))

// gcc 12 peels a loop of 8 or 16 away before it looks for vectors in it, and then finds none (4 to
// 7 times slower); clang finds them only if it may unroll.
#if defined(__clang__)
#define HONE_KEEP_LOOP
#else
#define HONE_KEEP_LOOP _Pragma("GCC unroll 1")
#endif

namespace hone {
namespace HONE_LEAF_NS {
namespace integer {
namespace {

template <class Row>
HONE_INLINE void columns(std::int32_t* __restrict t, std::size_t rows, std::size_t stride,
                         std::size_t cols, const Factors& a, const Row* b, std::size_t b_step,
                         std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    const Row* __restrict const bi = b + i * b_step;
    for (std::size_t r = 0; r < rows; ++r) {
      const std::int16_t factor = a.at[r * a.row_step + i * a.term_step];
      if (rows == 1 && factor == 0) continue;
      HONE_KEEP_LOOP
      for (std::size_t c = 0; c < cols; ++c) t[r * stride + c] += factor * bi[c];
    }
  }
}

template <std::size_t R, std::size_t C, class Row>
HONE_INLINE void whole_tile(std::int32_t* t, const Factors& a, const Row* b, std::size_t b_step,
                            std::size_t count) {
  std::int32_t sums[R * C];
  for (std::size_t i = 0; i < R * C; ++i) sums[i] = t[i];
  columns(sums, R, C, C, a, b, b_step, count);
  for (std::size_t i = 0; i < R * C; ++i) t[i] = sums[i];
}

// Widths that the compiler knows are in registers and several times faster.
template <class Row>
HONE_OWN_FRAME void products(std::int32_t* t, std::size_t rows, std::size_t cols, const Factors& a,
                             const Row* b, std::size_t b_step, std::size_t count) {
  const std::size_t stride = tile_stride(cols);
#if !defined(__OPTIMIZE_SIZE__)
  if (cols == 32) return whole_tile<1, 32>(t, a, b, b_step, count);
  if (cols == 16 && rows == 2) return whole_tile<2, 16>(t, a, b, b_step, count);
  if (cols == 8 && rows == 4) return whole_tile<4, 8>(t, a, b, b_step, count);
  if (cols & 16) {
    columns(t, rows, stride, 16, a, b, b_step, count);
    t += 16;
    b += 16;
  }
  if (cols & 8) {
    columns(t, rows, stride, 8, a, b, b_step, count);
    t += 8;
    b += 8;
  }
  cols &= 7;
  if (cols == 0) return;
#endif
  columns(t, rows, stride, cols, a, b, b_step, count);
}

template <class Row>
void add_in_chunks(Sums& t, std::size_t rows, std::size_t cols, const Factors& a, const Row* b,
                   std::size_t b_step, std::size_t count) {
  in_chunks(t, b, count, [&](std::size_t from, std::size_t now) {
    products(t.narrow, rows, cols, {a.at + from * a.term_step, a.row_step, a.term_step},
             b + from * b_step, b_step, now);
  });
}

template <class Row>
HONE_INLINE void pairs(std::int32_t* __restrict t, std::size_t cols, const std::int8_t* a,
                       std::ptrdiff_t a_step, const Row* b, std::ptrdiff_t b_step,
                       std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    const std::int8_t* __restrict const ai = a + place(i, a_step);
    const Row* __restrict const bi = b + place(i, b_step);
    HONE_KEEP_LOOP
    for (std::size_t c = 0; c < cols; ++c) t[c] += ai[c] * bi[c];
  }
}

template <class Row>
void pairs_in_chunks(Sums& t, std::size_t cols, const std::int8_t* a, std::ptrdiff_t a_step,
                     const Row* b, std::ptrdiff_t b_step, std::size_t count) {
  in_chunks(t, b, count, [&](std::size_t from, std::size_t now) {
    const std::int8_t* const at = a + place(from, a_step);
    const Row* const row = b + place(from, b_step);
#if !defined(__OPTIMIZE_SIZE__)
    if (cols == 32) return pairs(t.narrow, 32, at, a_step, row, b_step, now);
#endif
    pairs(t.narrow, cols, at, a_step, row, b_step, now);
  });
}

// R dots share their loads of a.
template <int R, class A, class B>
HONE_INLINE void dots(std::int64_t* sums, const A* a, const B* b, std::size_t b_step,
                      std::size_t count) {
  for (std::size_t start = 0; start < count; start += kWideChunk) {
    const std::size_t end = start + at_most(count - start, kWideChunk);
    std::int32_t sum[R] = {};
    for (std::size_t i = start; i < end; ++i) {
      const std::int16_t ai = a[i];
#pragma GCC unroll 4
      for (int r = 0; r < R; ++r)
        sum[r] += ai * static_cast<std::int16_t>(b[static_cast<std::size_t>(r) * b_step + i]);
    }
    for (int r = 0; r < R; ++r) sums[r] += sum[r];
  }
}

template <class A, class B>
void rows_of_dots(std::int64_t* sums, std::size_t rows, const A* a, const B* b, std::size_t b_step,
                  std::size_t count) {
  std::size_t r = 0;
#if !defined(__OPTIMIZE_SIZE__)
  for (; r + 4 <= rows; r += 4) dots<4>(sums + r, a, b + r * b_step, b_step, count);
#endif
  for (; r < rows; ++r) dots<1>(sums + r, a, b + r * b_step, b_step, count);
}

}  // namespace
}  // namespace integer
}  // namespace HONE_LEAF_NS
}  // namespace hone

#include "sum_functions.hpp"
