#pragma once
#include <cstddef>
#include <cstdint>

namespace hone {

/// A pointer and a number of elements; the caller keeps the memory.
template <class T>
struct Span {
  T* data = nullptr;
  std::size_t size = 0;

  constexpr Span() = default;
  constexpr Span(T* d, std::size_t n) : data(d), size(n) {}
  constexpr operator Span<const T>() const { return {data, size}; }
  constexpr T& operator[](std::size_t i) const { return data[i]; }
  constexpr T* begin() const { return data; }
  constexpr T* end() const { return data + size; }
  constexpr bool empty() const { return size == 0; }
  /// The n elements from `at`; the caller keeps at + n <= size.
  constexpr Span sub(std::size_t at, std::size_t n) const { return {data + at, n}; }
};

using Bytes = Span<const std::uint8_t>;

/// A piece of text, not terminated by 0.
struct Text {
  const char* data = nullptr;
  std::size_t size = 0;

  constexpr Text() = default;
  constexpr Text(const char* d, std::size_t n) : data(d), size(n) {}
  constexpr Text(const char* terminated) : data(terminated) {
    while (terminated[size]) ++size;
  }
  constexpr char operator[](std::size_t i) const { return data[i]; }
};

constexpr bool operator==(Text a, Text b) {
  if (a.size != b.size) return false;
  for (std::size_t i = 0; i < a.size; ++i)
    if (a[i] != b[i]) return false;
  return true;
}
constexpr bool operator!=(Text a, Text b) { return !(a == b); }

}  // namespace hone
