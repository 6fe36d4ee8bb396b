#pragma once
#include <cfloat>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "hone/leaf_namespace.hpp"

#if defined(__FAST_MATH__)
#error "hone's results are defined bit for bit: build without -ffast-math"
#endif

#if defined(__FMA__) || defined(__ARM_FEATURE_FMA) || defined(__aarch64__)
#define HONE_HAS_FMA 1
#else
#define HONE_HAS_FMA 0
#endif

// Arithmetic in double is many calls where the CPU has no unit for it, such as a Cortex-M3.
#if defined(__arm__) && !(defined(__ARM_FP) && (__ARM_FP & 8))
#define HONE_HAS_DOUBLE 0
#else
#define HONE_HAS_DOUBLE 1
#endif

namespace hone {

static_assert(FLT_EVAL_METHOD == 0,
              "hone needs float arithmetic in float: on i386 use -msse2 -mfpmath=sse");

/// The least magnitude that is stored: 2^-40. Products of stored values then never meet a
/// subnormal number, so units that flush those agree with the ones that do not.
constexpr float kStoreFloor = 0x1p-40f;
/// Virtual lanes of every reduction to one number.
constexpr int kLanes = 32;

/// a * b + c with one rounding, in integers only: what fma() is on a CPU without a unit for it and
/// for double.
float soft_fma(float a, float b, float c);

// Not an inline namespace: kernels.hpp names hone::portable as well, in any order of inclusion.
namespace HONE_LEAF_NS {

/// x, or +0 where |x| < 2^-40. NaN and infinity pass.
/// Integer compare and mask: gcc 12 makes a branch of `|x| < kStoreFloor ? 0 : x` wherever x comes
/// out of an fma, and then leaves the whole loop scalar.
static inline float store_floor(float x) {
  std::int32_t u;
  std::memcpy(&u, &x, sizeof u);
  constexpr std::int32_t kFloorBits = 0x2B800000;  // of 2^-40; magnitudes order as integers
  u &= -static_cast<std::int32_t>((u & 0x7FFFFFFF) >= kFloorBits);
  std::memcpy(&x, &u, sizeof x);
  return x;
}

/// a * b + c with one rounding, exact on every target. By IEEE double where the CPU has that and no
/// fused multiply-add: the product is exact in double, the error of the sum is found by TwoSum,
/// and the sum is rounded to odd before the one rounding to float (Boldo and Melquiond 2008).
static inline float fma(float a, float b, float c) {
#if HONE_HAS_FMA
  return __builtin_fmaf(a, b, c);
#elif !HONE_HAS_DOUBLE
  return soft_fma(a, b, c);
#else
  const double p = static_cast<double>(a) * static_cast<double>(b);
  const double cd = static_cast<double>(c);
  const double s = p + cd;
  const double t = s - p;
  const double error = (p - (s - t)) + (cd - t);
  std::uint64_t u;
  std::memcpy(&u, &s, sizeof u);
  // error is NaN where s is infinite or NaN: nothing to correct there.
  if (error != 0.0 && error == error && !(u & 1)) {
    u = ((error > 0.0) == (s > 0.0)) ? u + 1 : u - 1;
    double odd;
    std::memcpy(&odd, &u, sizeof odd);
    return static_cast<float>(odd);
  }
  return static_cast<float>(s);
#endif
}

/// True for NaN and for both infinities.
static inline bool is_not_finite(float x) {
  std::uint32_t u;
  std::memcpy(&u, &x, sizeof u);
  return (u & 0x7F800000u) == 0x7F800000u;
}

/// The sum of 32 lanes by the one fixed tree 16, 8, 4, 2, 1.
static inline float sum_lanes(const float* lane) {
  float t[16];
  for (int i = 0; i < 16; ++i) t[i] = lane[i] + lane[i + 16];
  for (int half = 8; half > 0; half /= 2)
    for (int i = 0; i < half; ++i) t[i] += t[i + half];
  return t[0];
}

}  // namespace HONE_LEAF_NS
using namespace HONE_LEAF_NS;

}  // namespace hone
