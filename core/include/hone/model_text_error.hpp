#pragma once
#include <cstddef>
#include <cstdint>

#include "hone/model.hpp"
#include "hone/span.hpp"

namespace hone {

/// A place in a text, both from 1; 0 is nowhere.
struct TextPlace {
  int line = 0, column = 0;
};

/// The first thing that is wrong in a model text. Plain data, so that it outlives the text.
struct ModelTextError {
  enum class Found : std::uint8_t { word, line_end, text_end };
  static constexpr std::size_t kFoundChars = 32;

  TextPlace at;
  const char* expected = nullptr;  ///< null: no error
  Found what = Found::word;
  char found[kFoundChars] = {};  ///< the word, cut with "..." if long; '?' for what is not ASCII
  Name nearest;                  ///< a word that was perhaps meant, or empty

  constexpr bool failed() const { return expected != nullptr; }
};

/// Writes `file:line:column: expected X, found 'Y'; did you mean 'Z'?` and a closing 0, cut to
/// `max` characters in all. Returns the number of characters before the 0.
std::size_t format_error(const ModelTextError& error, Text file, char* out, std::size_t max);

}  // namespace hone
