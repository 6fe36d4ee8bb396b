#pragma once
#include "ports/neon/vec4.hpp"

// fmla takes one lane of a register as a factor, so four values of `a` need one load, where they
// lie side by side in memory: four rows of a term, or four terms of a row. ARMv7 has no such fma.
namespace hone {
namespace HONE_LEAF_NS {

template <class V, int N>
struct WholeColumns;  // ports/shared/tiles.hpp
template <int Q>
struct PixelRows;  // ports/shared/pixel_rows.hpp

/// Vectors that lie side by side, in one instruction: gcc keeps what it loads in pairs of registers
/// and schedules around it, where single loads cost moves between the sums.
HONE_INLINE void load_run(Vec4 (&to)[1], const float* p) { to[0] = Vec4::load(p); }
HONE_INLINE void load_run(Vec4 (&to)[2], const float* p) {
  const float32x4x2_t run = vld1q_f32_x2(p);
  to[0].v = run.val[0];
  to[1].v = run.val[1];
}
HONE_INLINE void load_run(Vec4 (&to)[3], const float* p) {
  const float32x4x3_t run = vld1q_f32_x3(p);
  to[0].v = run.val[0];
  to[1].v = run.val[1];
  to[2].v = run.val[2];
}

/// sum[v] += lane kLane of a * b[v].
template <int kLane, int N>
HONE_INLINE void add_lane(Vec4 (&sum)[N], Vec4 a, const Vec4 (&b)[N]) {
  HONE_UNROLL for (int v = 0; v < N; ++v) sum[v].v = vfmaq_laneq_f32(sum[v].v, b[v].v, a.v, kLane);
}

/// The next term of every row; a[r] holds four terms of row r.
template <int kLane, int R, int N>
HONE_INLINE void add_term(Vec4 (&sum)[R][N], const Vec4 (&a)[R], const float* b) {
  Vec4 bv[N];
  load_run(bv, b);
  HONE_UNROLL for (int r = 0; r < R; ++r) add_lane<kLane>(sum[r], a[r], bv);
}

/// Four terms a turn, a[r * a_row + k].
template <int R, int N>
HONE_INLINE std::size_t add_four_terms(Vec4 (&sum)[R][N], const float* a, std::size_t a_row,
                                       const float* b, std::size_t b_term, std::size_t terms) {
  for (std::size_t left = terms / 4; left > 0;) {
    Vec4 av[R];
    HONE_UNROLL for (std::size_t r = 0; r < R; ++r) av[r] = Vec4::load(a + r * a_row);
    const float *b0 = b, *b1 = b + b_term, *b2 = b + 2 * b_term, *b3 = b + 3 * b_term;
    a += 4, b += 4 * b_term, --left;
    // Ties addresses and count before the products: between them they would end late on an in-order
    // core, which lets nothing overtake a multiply-add. The rest comes first by itself.
    asm("" : "+w"(av[0].v), "+r"(b2), "+r"(b3), "+r"(b), "+r"(left));
    add_term<0>(sum, av, b0);
    add_term<1>(sum, av, b1);
    add_term<2>(sum, av, b2);
    add_term<3>(sum, av, b3);
  }
  return terms & ~std::size_t{3};
}

/// One term a turn, a[r + k * a_term].
template <int R, int N>
HONE_INLINE std::size_t add_four_rows(Vec4 (&sum)[R][N], const float* a, std::size_t a_term,
                                      const float* b, std::size_t b_term, std::size_t terms) {
  for (std::size_t k = 0; k < terms; ++k, a += a_term, b += b_term) {
    Vec4 av[R / 4], bv[N];
    load_run(av, a);
    load_run(bv, b);
    HONE_UNROLL for (int q = 0; q < R / 4; ++q) {
      add_lane<0>(sum[4 * q], av[q], bv);
      add_lane<1>(sum[4 * q + 1], av[q], bv);
      add_lane<2>(sum[4 * q + 2], av[q], bv);
      add_lane<3>(sum[4 * q + 3], av[q], bv);
    }
  }
  return terms;
}

/// The port's own way for the first terms of add_products; returns how many those are.
template <int R, int N>
HONE_INLINE std::size_t add_first_products(Vec4 (&sum)[R][N], const WholeColumns<Vec4, N>&,
                                           const float* a, std::size_t a_row, std::size_t a_term,
                                           const float* b, std::size_t b_term, std::size_t terms) {
  if constexpr (R % 4 == 0)
    if (a_row == 1) return add_four_rows(sum, a, a_term, b, b_term, terms);
  constexpr int kRegisters = R * N + R + 2 * N;  // sums, four terms of each row, two rows of b
  if constexpr (kRegisters <= 32)
    if (a_term == 1) return add_four_terms(sum, a, a_row, b, b_term, terms);
  return 0;
}

/// The next term of every pixel; a[row][i] holds four terms of pixel i.
template <int kLane, int Q, int N>
HONE_INLINE void add_pixel_term(Vec4 (&sum)[2][Q][N], const Vec4 (&a)[2][Q], const float* b) {
  Vec4 bv[N];
  load_run(bv, b);
  HONE_UNROLL for (int r = 0; r < 2; ++r) HONE_UNROLL for (int i = 0; i < Q; ++i)
      add_lane<kLane>(sum[r][i], a[r][i], bv);
}

/// The same for add_pixels, four terms a turn; or, where four pixels lie side by side, one.
template <int Q, int N>
HONE_INLINE std::size_t add_first_pixels(Vec4 (&sum)[2][Q][N], const WholeColumns<Vec4, N>&,
                                         PixelRows<Q> x, const float* b, std::size_t b_term,
                                         std::size_t terms) {
  if constexpr (Q % 4 == 0) {
    if (x.pixel == 1) {
      for (std::size_t k = 0; k < terms; ++k, b += b_term, x.advance(1)) {
        Vec4 bv[N];
        load_run(bv, b);
        HONE_UNROLL for (int r = 0; r < 2; ++r) HONE_UNROLL for (int i = 0; i < Q; i += 4) {
          const Vec4 a = Vec4::load(x.of(r, i));
          add_lane<0>(sum[r][i], a, bv);
          add_lane<1>(sum[r][i + 1], a, bv);
          add_lane<2>(sum[r][i + 2], a, bv);
          add_lane<3>(sum[r][i + 3], a, bv);
        }
      }
      return terms;
    }
  }
  constexpr int kRegisters = 2 * Q * N + 2 * Q + 2 * N;  // sums, four terms of each pixel, two of b
  if constexpr (kRegisters > 32) return 0;
  std::size_t k = 0;
  for (; k + 4 <= terms; k += 4, b += 4 * b_term, x.advance(4)) {
    Vec4 a[2][Q];
    HONE_UNROLL for (int r = 0; r < 2; ++r) HONE_UNROLL for (int i = 0; i < Q; ++i) a[r][i] =
        Vec4::load(x.of(r, i));
    add_pixel_term<0>(sum, a, b);
    add_pixel_term<1>(sum, a, b + b_term);
    add_pixel_term<2>(sum, a, b + 2 * b_term);
    add_pixel_term<3>(sum, a, b + 3 * b_term);
  }
  return k;
}

}  // namespace HONE_LEAF_NS
}  // namespace hone
