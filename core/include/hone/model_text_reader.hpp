#pragma once
#include "hone/model_text_error.hpp"
#include "hone/model_words.hpp"
#include "hone/short_decimal.hpp"

namespace hone::detail {

/// Takes a model text apart into words and numbers. The first failure stays; after it every
/// answer is harmless and `ok` is false.
class ModelReader {
 public:
  constexpr ModelReader(Text text, ModelTextError& error) : text_(text), error_(error) {
    error = ModelTextError();
  }

  constexpr bool ok() const { return !error_.failed(); }

  /// Goes to the next layer, over line ends, '|', comments and blanks. False at the end.
  constexpr bool next_layer() {
    for (skip_blanks(); at_ < text_.size; skip_blanks()) {
      if (text_[at_] == '#') {
        while (at_ < text_.size && text_[at_] != '\n') ++at_;
      } else if (text_[at_] == '\n') {
        line_start_ = ++at_;
        ++line_;
      } else if (text_[at_] == '|') {
        ++at_;
      } else {
        return ok();
      }
    }
    return false;
  }
  constexpr bool layer_ends() {
    skip_blanks();
    return at_ == text_.size || ends_layer(text_[at_]);
  }
  /// The next word of this layer, empty at its end.
  constexpr Text word() {
    const Text w = peek();
    at_ += w.size;
    return w;
  }
  constexpr Text peek() {
    skip_blanks();
    std::size_t end = at_;
    while (end < text_.size && !is_blank(text_[end]) && !ends_layer(text_[end])) ++end;
    return {text_.data + at_, end - at_};
  }
  constexpr TextPlace place(Text w) const {
    return {line_, static_cast<int>(offset(w) - line_start_) + 1};
  }

  constexpr void fail(Text w, const char* expected, Text nearest = {}) {
    using Found = ModelTextError::Found;
    if (!ok()) return;
    if (w.size == 0 && offset(w) < text_.size && text_[offset(w)] == '|') w.size = 1;
    error_.at = place(w);
    error_.expected = expected;
    error_.nearest = Name(nearest);
    error_.what = w.size > 0                ? Found::word
                  : offset(w) == text_.size ? Found::text_end
                                            : Found::line_end;
    constexpr std::size_t kRoom = ModelTextError::kFoundChars - 1;
    for (std::size_t i = 0; i < w.size && i < kRoom; ++i)
      error_.found[i] = w[i] > ' ' && w[i] <= '~' ? w[i] : '?';
    for (std::size_t i = kRoom - 3; w.size > kRoom && i < kRoom; ++i) error_.found[i] = '.';
  }
  /// Something is missing that should have come after the last layer.
  constexpr void fail_at_end(const char* expected) { fail({text_.data + text_.size, 0}, expected); }
  /// Something is missing for what was said at `from`.
  constexpr void fail_unclosed(TextPlace from, const char* expected) {
    fail_at_end(expected);
    error_.at = from;
  }

  /// A whole number from low to high.
  constexpr int whole(int low, int high, const char* expected) {
    const Text w = word();
    std::size_t i = 0;
    const int v = number(w, i, low, high, expected);
    if (i != w.size) fail(w, expected);
    return v;
  }
  /// Numbers with an x in between: up to `most` of them into v, each from low to high[place].
  constexpr int sizes(int* v, int low, const int* high, int most, const char* expected) {
    const Text w = word();
    std::size_t i = 0;
    int n = 0;
    while (ok()) {
      v[n] = number(w, i, low, high[n], expected);
      ++n;
      if (i == w.size || n == most || w[i] != 'x') break;
      ++i;
    }
    if (i != w.size) fail(w, expected);
    return n;
  }
  constexpr double decimal(Text w, const char* expected) {
    bool good = false;
    const double v = parse_decimal(w, good);
    if (!good) fail(w, expected);
    return v;
  }

 private:
  static constexpr bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r'; }
  static constexpr bool ends_layer(char c) { return c == '\n' || c == '|' || c == '#'; }
  constexpr void skip_blanks() {
    while (at_ < text_.size && is_blank(text_[at_])) ++at_;
  }
  constexpr std::size_t offset(Text w) const {
    return static_cast<std::size_t>(w.data - text_.data);
  }
  constexpr int number(Text w, std::size_t& i, int low, int high, const char* expected) {
    const std::size_t from = i;
    std::int64_t v = 0;
    for (; i < w.size && w[i] >= '0' && w[i] <= '9'; ++i)
      if (v <= high) v = v * 10 + (w[i] - '0');
    if (i == from || v < low || v > high) {
      fail(w, expected);
      return low;
    }
    return static_cast<int>(v);
  }

  Text text_;
  ModelTextError& error_;
  std::size_t at_ = 0, line_start_ = 0;
  int line_ = 1;
};

}  // namespace hone::detail
