#pragma once
#include "hone/span.hpp"

namespace hone {

/// Words longer than this are near to none.
constexpr std::size_t kMaxNearWord = 31;

/// The number of letters to insert, delete, replace or swap with their neighbour that turns a into
/// b, whatever the case of ASCII letters (optimal string alignment). kMaxNearWord + 1 if a word is
/// longer than that.
constexpr int edit_distance(Text a, Text b) {
  constexpr int kRow = static_cast<int>(kMaxNearWord) + 1;
  if (a.size > kMaxNearWord || b.size > kMaxNearWord) return kRow;
  const auto lower = [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  };
  int row[kRow] = {}, above[kRow] = {}, two_above[kRow] = {};
  for (int j = 0; j < kRow; ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size; ++i) {
    for (int j = 0; j < kRow; ++j) {
      two_above[j] = above[j];
      above[j] = row[j];
    }
    row[0] = static_cast<int>(i);
    const char x = lower(a[i - 1]);
    for (std::size_t j = 1; j <= b.size; ++j) {
      const char y = lower(b[j - 1]);
      int least = above[j - 1] + (x == y ? 0 : 1);
      if (above[j] + 1 < least) least = above[j] + 1;
      if (row[j - 1] + 1 < least) least = row[j - 1] + 1;
      if (i > 1 && j > 1 && x == lower(b[j - 2]) && lower(a[i - 2]) == y &&
          two_above[j - 2] + 1 < least)
        least = two_above[j - 2] + 1;
      row[j] = least;
    }
  }
  return row[b.size];
}

/// Finds what a misspelt word was meant to be: the first of the nearest candidates, at most two
/// edits away, or one edit where either word has fewer than four letters.
struct NearestWord {
  Text word;
  Text best;  ///< empty until a candidate is near
  int distance = 3;

  constexpr explicit NearestWord(Text misspelt) : word(misspelt) {}
  constexpr void consider(Text candidate) {
    const int limit = word.size < 4 || candidate.size < 4 ? 1 : 2;
    const int d = edit_distance(word, candidate);
    if (d > limit || d >= distance) return;
    best = candidate;
    distance = d;
  }
};

}  // namespace hone
