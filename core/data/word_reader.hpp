#pragma once
#include "hone/span.hpp"

namespace hone {

/// Words of an option text, separated by blanks; a comma is a word of its own.
class WordReader {
 public:
  explicit WordReader(Text text) : text_(text) { skip_blanks(); }

  bool done() const { return at_ == text_.size; }
  /// Where the word that `next` gives next begins.
  std::size_t offset() const { return at_; }
  /// The next word, empty at the end.
  Text next() {
    const std::size_t begin = at_;
    if (at_ < text_.size && text_[at_] == ',') {
      ++at_;
    } else {
      while (at_ < text_.size && !is_blank(text_[at_]) && text_[at_] != ',') ++at_;
    }
    const Text word(text_.data + begin, at_ - begin);
    skip_blanks();
    return word;
  }

 private:
  static bool is_blank(char c) { return c == ' ' || c == '\t'; }
  void skip_blanks() {
    while (at_ < text_.size && is_blank(text_[at_])) ++at_;
  }

  Text text_;
  std::size_t at_ = 0;
};

}  // namespace hone
