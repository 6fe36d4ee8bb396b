#pragma once
#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <vector>

#include "hone/numeric.hpp"
#include "hone/random.hpp"

namespace hone_test {

/// For loops over listed numbers.
using Sizes = std::initializer_list<std::size_t>;
using Counts = std::initializer_list<std::uint32_t>;

/// What a tensor is filled with; every value passes the store floor, as stored tensors do.
enum class Fill {
  ordinary,  ///< uniform in [-1, 1), one in eight exactly 0
  extreme,   ///< magnitudes 2^-40 .. 2^13 in any mixture, often the last value negated, and zeros
};

inline float random_value(hone::Stream& stream, Fill fill) {
  const std::uint32_t u = stream.next32();
  if (u >> 29 == 0) return 0.0f;
  const float fraction = static_cast<float>(u & 0xFFFFFFu) * 0x1p-23f - 1.0f;  // exact
  if (fill == Fill::ordinary) return hone::store_floor(fraction);
  const std::uint32_t exponent = 87u + stream.below(54);
  const std::uint32_t bits = (u & 0x807FFFFFu) | exponent << 23;
  float x;
  std::memcpy(&x, &bits, sizeof x);
  return x;
}

/// A float array with guard values before and after it, on an address that is a multiple of 4
/// bytes only.
class Tensor {
 public:
  explicit Tensor(std::size_t n = 0) : n_(n), cells_(n + 2 * kGuard) {
    for (std::size_t i = 0; i < kGuard; ++i) cells_[i] = cells_[n + kGuard + i] = 12345.0f;
  }
  Tensor(std::size_t n, Fill fill, std::uint32_t seed) : Tensor(n) {
    hone::Stream stream(seed * 2654435761u + 1u);
    for (std::size_t i = 0; i < n; ++i) {
      const bool negate = fill == Fill::extreme && i > 0 && stream.below(4) == 0;
      data()[i] = negate ? -data()[i - 1] + 0.0f : random_value(stream, fill);
    }
  }

  float* data() { return cells_.data() + kGuard; }
  const float* data() const { return cells_.data() + kGuard; }
  operator float*() { return data(); }
  operator const float*() const { return data(); }
  std::size_t size() const { return n_; }

  /// The same bytes, guards included.
  bool operator==(const Tensor& other) const {
    return cells_.size() == other.cells_.size() &&
           std::memcmp(cells_.data(), other.cells_.data(), cells_.size() * sizeof(float)) == 0;
  }

 private:
  static constexpr std::size_t kGuard = 17;
  std::size_t n_;
  std::vector<float> cells_;
};

inline std::vector<double> doubles(const Tensor& t) {
  return std::vector<double>(t.data(), t.data() + t.size());
}

/// True where |x - want| <= tolerance * (1 + |want|) everywhere.
inline bool all_near(const Tensor& x, const std::vector<double>& want, double tolerance) {
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double off = static_cast<double>(x[i]) - want[i];
    const double size = want[i] < 0 ? -want[i] : want[i];
    if (!(off <= tolerance * (1 + size) && -off <= tolerance * (1 + size))) return false;
  }
  return x.size() == want.size();
}

}  // namespace hone_test
