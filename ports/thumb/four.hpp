#pragma once
#include <cstdint>
#include <cstring>

#if defined(__ARM_FEATURE_DSP)
#include <arm_acle.h>
#endif

// Products of four neighbours at a time, whose sums are in registers. With the DSP extension
// (Cortex-M4, M7, M33) a word holds two numbers of 16 bits: SXTB16 makes them of bytes, SMLAD adds
// two products to a sum, SMLABB and its kin one. Sums are exact, no flag is asked.
namespace hone {
namespace HONE_LEAF_NS {
namespace integer {

#define HONE_INLINE __attribute__((always_inline)) static inline

/// Four neighbouring sums: an array gcc would keep on the stack.
struct FourSums {
  std::int32_t s0, s1, s2, s3;
};
HONE_INLINE FourSums sums_at(const std::int32_t* t) { return {t[0], t[1], t[2], t[3]}; }
HONE_INLINE void put_sums(std::int32_t* t, const FourSums& s) {
  t[0] = s.s0, t[1] = s.s1, t[2] = s.s2, t[3] = s.s3;
}

#if defined(__ARM_FEATURE_DSP)

/// Two neighbours of a number of 16 bits, or four bytes, at any address.
template <class T>
HONE_INLINE std::int32_t word_at(const T* p) {
  std::int32_t word;
  std::memcpy(&word, p, sizeof word);
  return word;
}
HONE_INLINE std::int32_t even_bytes(std::int32_t word) { return __sxtb16(word); }
HONE_INLINE std::int32_t odd_bytes(std::int32_t word) {
  const auto bits = static_cast<std::uint32_t>(word);
  return __sxtb16(static_cast<std::int32_t>(bits >> 8 | bits << 24));
}
/// The lower halves of a and b, their upper ones; a's is below.
HONE_INLINE std::int32_t lower_halves(std::int32_t a, std::int32_t b) {
  return static_cast<std::int32_t>((static_cast<std::uint32_t>(a) & 0xFFFFu) |
                                   static_cast<std::uint32_t>(b) << 16);
}
HONE_INLINE std::int32_t upper_halves(std::int32_t a, std::int32_t b) {
  return static_cast<std::int32_t>((static_cast<std::uint32_t>(b) & 0xFFFF0000u) |
                                   (static_cast<std::uint32_t>(a) >> 16));
}

/// Adds factor * b[c] to sum c.
HONE_INLINE void add_four(FourSums& s, std::int32_t factor, const std::int16_t* b) {
  const std::int32_t first = word_at(b), second = word_at(b + 2);
  s.s0 = __smlabb(first, factor, s.s0), s.s1 = __smlatb(first, factor, s.s1);
  s.s2 = __smlabb(second, factor, s.s2), s.s3 = __smlatb(second, factor, s.s3);
}
HONE_INLINE void add_four(FourSums& s, std::int32_t factor, const std::int8_t* b) {
  const std::int32_t word = word_at(b), even = even_bytes(word), odd = odd_bytes(word);
  s.s0 = __smlabb(even, factor, s.s0), s.s1 = __smlabb(odd, factor, s.s1);
  s.s2 = __smlatb(even, factor, s.s2), s.s3 = __smlatb(odd, factor, s.s3);
}

/// Adds a[c] * b[c] to sum c.
HONE_INLINE void add_four(FourSums& s, const std::int8_t* a, const std::int16_t* b) {
  const std::int32_t word = word_at(a), even = even_bytes(word), odd = odd_bytes(word);
  const std::int32_t first = word_at(b), second = word_at(b + 2);
  s.s0 = __smlabb(even, first, s.s0), s.s1 = __smlabt(odd, first, s.s1);
  s.s2 = __smlatb(even, second, s.s2), s.s3 = __smlatt(odd, second, s.s3);
}
HONE_INLINE void add_four(FourSums& s, const std::int8_t* a, const std::int8_t* b) {
  const std::int32_t x = word_at(a), y = word_at(b);
  const std::int32_t xe = even_bytes(x), xo = odd_bytes(x), ye = even_bytes(y), yo = odd_bytes(y);
  s.s0 = __smlabb(xe, ye, s.s0), s.s1 = __smlabb(xo, yo, s.s1);
  s.s2 = __smlatt(xe, ye, s.s2), s.s3 = __smlatt(xo, yo, s.s3);
}

/// Four factors that several rows share.
struct Four {
  std::int32_t first, second;
};
/// As pairs of neighbours, for rows of 16 bits.
HONE_INLINE Four four_of(const std::int8_t* a, const std::int16_t*) {
  const std::int32_t word = word_at(a), even = even_bytes(word), odd = odd_bytes(word);
  return {lower_halves(even, odd), upper_halves(even, odd)};
}
/// As 0 and 2, 1 and 3, as SXTB16 makes them of a row of bytes.
HONE_INLINE Four four_of(const std::int16_t* a, const std::int8_t*) {
  const std::int32_t first = word_at(a), second = word_at(a + 2);
  return {lower_halves(first, second), upper_halves(first, second)};
}
/// sum + the dot of f and b[4].
HONE_INLINE std::int32_t plus_dot(std::int32_t sum, const Four& f, const std::int16_t* b) {
  return __smlad(f.second, word_at(b + 2), __smlad(f.first, word_at(b), sum));
}
HONE_INLINE std::int32_t plus_dot(std::int32_t sum, const Four& f, const std::int8_t* b) {
  const std::int32_t word = word_at(b);
  return __smlad(f.second, odd_bytes(word), __smlad(f.first, even_bytes(word), sum));
}

#else  // Cortex-M0, M3

template <class B>
HONE_INLINE void add_four(FourSums& s, std::int32_t factor, const B* b) {
  s.s0 += factor * b[0], s.s1 += factor * b[1], s.s2 += factor * b[2], s.s3 += factor * b[3];
}
template <class B>
HONE_INLINE void add_four(FourSums& s, const std::int8_t* a, const B* b) {
  s.s0 += a[0] * b[0], s.s1 += a[1] * b[1], s.s2 += a[2] * b[2], s.s3 += a[3] * b[3];
}
struct Four {
  std::int32_t of[4];
};
template <class A, class B>
HONE_INLINE Four four_of(const A* a, const B*) {
  return {{a[0], a[1], a[2], a[3]}};
}
template <class B>
HONE_INLINE std::int32_t plus_dot(std::int32_t sum, const Four& f, const B* b) {
  sum += f.of[0] * b[0], sum += f.of[1] * b[1], sum += f.of[2] * b[2], sum += f.of[3] * b[3];
  return sum;
}

#endif

}  // namespace integer
}  // namespace HONE_LEAF_NS
}  // namespace hone
