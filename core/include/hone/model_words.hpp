#pragma once
#include "hone/layer_spec.hpp"
#include "hone/nearest_word.hpp"

// The words of the model text besides word_of(Op): what may follow which layer, and which words
// may not be names.

namespace hone {

/// Opens a block that a bare `add` closes; not a layer.
constexpr const char* kResidualWord = "residual";

enum class Modifier : std::uint8_t {
  stride,
  padding,
  same,
  valid,
  groups,
  no_bias,
  he,
  xavier,
  decay_bias,
  channels,
  frozen,
  of,
  as,
};
constexpr int kModifiers = 13;

constexpr const char* word_of(Modifier m) {
  constexpr const char* kWords[kModifiers] = {
      "stride", "padding",    "same",     "valid",  "groups", "no_bias", "he",
      "xavier", "decay_bias", "channels", "frozen", "of",     "as"};
  return kWords[static_cast<int>(m)];
}

constexpr bool takes(Op op, Modifier m) {
  switch (m) {
    case Modifier::stride:
    case Modifier::padding:
    case Modifier::same:
    case Modifier::valid:
      return has_window(op);
    case Modifier::groups:
      return op == Op::conv2d;
    case Modifier::no_bias:
    case Modifier::he:
    case Modifier::xavier:
    case Modifier::decay_bias:
      return has_weights(op);
    case Modifier::channels:
      return op == Op::dropout;
    case Modifier::of:
      return op != Op::input;
    case Modifier::frozen:  // of any layer, since train_from() freezes all that come before
    case Modifier::as:
      return true;
  }
  return false;
}

/// What takes() says, in words.
constexpr const char* modifiers_of(Op op) {
  switch (op) {
    case Op::conv2d:
      return "stride, padding, same, valid, groups, no_bias, he, xavier, decay_bias, frozen, of, "
             "as, "
             "'|' or the end of the line";
    case Op::depthwise:
      return "stride, padding, same, valid, no_bias, he, xavier, decay_bias, frozen, of, as, '|' "
             "or "
             "the end of the line";
    case Op::linear:
      return "no_bias, he, xavier, decay_bias, frozen, of, as, '|' or the end of the line";
    case Op::max_pool:
    case Op::avg_pool:
      return "stride, padding, same, valid, frozen, of, as, '|' or the end of the line";
    case Op::dropout:
      return "channels, frozen, of, as, '|' or the end of the line";
    case Op::input:
      return "frozen, as, '|' or the end of the line";
    default:
      return "frozen, of, as, '|' or the end of the line";
  }
}

/// The index of the modifier of that word, or -1.
constexpr int find_modifier(Text word) {
  for (int i = 0; i < kModifiers; ++i)
    if (word == Text(word_of(static_cast<Modifier>(i)))) return i;
  return -1;
}
/// The index of the Op of that word, or -1.
constexpr int find_op(Text word) {
  for (int i = 0; i < kOps; ++i)
    if (word == Text(word_of(static_cast<Op>(i)))) return i;
  return -1;
}

/// Why this cannot be the name of a layer, as what was expected instead; null if it can.
constexpr const char* name_fault(Text t) {
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  const auto is_letter = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
  };
  constexpr const char* kForm = "a name: a letter or '_', then letters, digits or '_', at most 23";
  if (t.size == 0 || t.size >= Name::kSize || !is_letter(t[0])) return kForm;
  for (std::size_t i = 0; i < t.size; ++i)
    if (!is_letter(t[i]) && !is_digit(t[i])) return kForm;
  if (find_op(t) >= 0 || find_modifier(t) >= 0 || t == Text(kResidualWord))
    return "a name that is no word of the model text";
  std::size_t stem = t.size;
  while (is_digit(t[stem - 1])) --stem;
  if (stem < t.size && t[stem - 1] == '_' && find_op({t.data, stem - 1}) >= 0)
    return "a name unlike conv2d_0, which is how layers without a name are called";
  return nullptr;
}

}  // namespace hone
