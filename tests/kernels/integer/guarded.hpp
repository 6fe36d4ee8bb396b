#pragma once
#include <cstdint>
#include <vector>

#include "hone/random.hpp"

namespace hone_test {

/// An array of mantissas or bytes with guard values before and after it, on an address of no
/// alignment but its own.
template <class T>
class Guarded {
 public:
  explicit Guarded(std::size_t n = 0) : n_(n), cells_(n + 2 * kGuard) {
    for (std::size_t i = 0; i < kGuard; ++i) cells_[i] = cells_[n + kGuard + i] = T{0x5A};
  }

  T* data() { return cells_.data() + kGuard; }
  const T* data() const { return cells_.data() + kGuard; }
  operator T*() { return data(); }
  operator const T*() const { return data(); }
  std::size_t size() const { return n_; }

  /// Guards included.
  bool operator==(const Guarded& other) const { return cells_ == other.cells_; }

 private:
  static constexpr std::size_t kGuard = 17;
  std::size_t n_;
  std::vector<T> cells_;
};
using Codes = Guarded<std::int8_t>;
using Bytes = Guarded<std::uint8_t>;

/// What codes are filled with; -128 never occurs.
enum class CodeFill {
  random,   ///< any code
  extreme,  ///< +-127
  few,      ///< -2..2, so that ties and zeros are common
  least,    ///< -127 everywhere
  zero,
};
constexpr CodeFill kCodeFills[] = {CodeFill::random, CodeFill::extreme, CodeFill::few,
                                   CodeFill::least, CodeFill::zero};

inline Codes codes(std::size_t n, CodeFill fill, std::uint32_t seed) {
  Codes x(n);
  hone::Stream stream(seed * 2654435761u + 3u);
  for (std::size_t i = 0; i < n; ++i) {
    int code = 0;
    if (fill == CodeFill::random) code = static_cast<int>(stream.below(255)) - 127;
    if (fill == CodeFill::extreme) code = stream.below(2) ? 127 : -127;
    if (fill == CodeFill::few) code = static_cast<int>(stream.below(5)) - 2;
    if (fill == CodeFill::least) code = -127;
    x[i] = static_cast<std::int8_t>(code);
  }
  return x;
}

}  // namespace hone_test
