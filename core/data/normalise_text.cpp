#include "hone/decimal.hpp"
#include "hone/nearest_word.hpp"
#include "hone/normalise.hpp"
#include "word_reader.hpp"

namespace hone {
namespace {

constexpr Text kRules[] = {"none", "fixed", "set", "image", "columns"};
constexpr std::size_t kRuleCount = sizeof kRules / sizeof kRules[0];

Status refuse_rule(Text word, DataFault* fault) {
  NearestWord near(word);
  for (const Text rule : kRules) near.consider(rule);
  return refuse(fault, Status::unknown_name, 0, near.best, word.size ? word : Text("the end"));
}

Status read_number(WordReader* words, double* value, DataFault* fault) {
  const std::size_t at = words->offset();
  const Text word = words->next();
  if (word.size == 0) return refuse(fault, Status::bad_data, at, "a number", "the end");
  const Status s = parse_number(word, value);
  return s == Status::ok ? s : refuse(fault, s, at, "a finite number", word);
}

Status read_deviation(WordReader* words, double* value, DataFault* fault) {
  const std::size_t at = words->offset();
  const Status s = read_number(words, value, fault);
  if (s != Status::ok || *value > 0.0) return s;
  return refuse(fault, Status::bad_argument, at, "a deviation above 0", "0 or less");
}

Status read_columns(WordReader* words, std::size_t n, Span<double> room, Normalisation* rule,
                    DataFault* fault) {
  if (n > room.size / 2)
    return refuse(fault, Status::too_large, 0, "columns at most", {},
                  static_cast<std::int64_t>(room.size / 2), static_cast<std::int64_t>(n));
  rule->mean = room.sub(0, n);
  rule->deviation = room.sub(n, n);
  for (std::size_t i = 0; i < n; ++i) {
    Status s = read_number(words, &rule->mean[i], fault);
    if (s == Status::ok) s = read_deviation(words, &rule->deviation[i], fault);
    if (s != Status::ok) return s;
  }
  return Status::ok;
}

/// Appends to a text of limited room.
struct Writer {
  Span<char> out;
  std::size_t size = 0;
  bool fits = true;

  void put(Text text) {
    if (text.size > out.size - size) {
      fits = false;
      return;
    }
    for (std::size_t i = 0; i < text.size; ++i) out[size++] = text[i];
  }
  void put_number(double v) {
    char number[kHexNumberChars];
    const std::size_t n = format_hex(v, number);
    put(" ");
    put(Text(number, n));
  }
};

}  // namespace

std::size_t count_columns(Text text) {
  std::size_t n = 0;
  for (WordReader words(text); !words.done(); words.next()) ++n;
  return n / 2;
}

Status parse_normalisation(Text text, Span<double> room, Normalisation* rule, DataFault* fault) {
  WordReader words(text);
  const Text name = words.next();
  std::size_t found = 0;
  while (found < kRuleCount && name != kRules[found]) ++found;
  if (found == kRuleCount) return refuse_rule(name, fault);
  Normalisation r;
  r.rule = static_cast<NormaliseRule>(found);
  const bool estimated = r.rule == NormaliseRule::set || r.rule == NormaliseRule::columns;
  r.known = !(estimated && words.done());
  Status s = Status::ok;
  if (r.rule == NormaliseRule::fixed || (r.rule == NormaliseRule::set && r.known)) {
    s = read_number(&words, &r.a, fault);
    if (s == Status::ok) {
      s = r.rule == NormaliseRule::set ? read_deviation(&words, &r.b, fault)
                                       : read_number(&words, &r.b, fault);
    }
  } else if (r.rule == NormaliseRule::columns && r.known) {
    // An odd count ends in a missing deviation.
    WordReader rest = words;
    std::size_t numbers = 0;
    for (; !rest.done(); rest.next()) ++numbers;
    s = read_columns(&words, (numbers + 1) / 2, room, &r, fault);
  }
  if (s != Status::ok) return s;
  if (!words.done()) {
    const std::size_t at = words.offset();
    return refuse(fault, Status::bad_data, at, "the end", words.next());
  }
  *rule = r;
  return Status::ok;
}

std::size_t normalisation_text_bytes(const Normalisation& rule) {
  return 8 + 2 * (1 + kHexNumberChars) * (rule.mean.size ? rule.mean.size : 1);
}

Status format_normalisation(const Normalisation& rule, Span<char> out, std::size_t* size) {
  Writer w{out};
  w.put(kRules[static_cast<std::size_t>(rule.rule)]);
  const bool pair =
      rule.rule == NormaliseRule::fixed || (rule.rule == NormaliseRule::set && rule.known);
  if (pair) {
    w.put_number(rule.a);
    w.put_number(rule.b);
  }
  for (std::size_t i = 0; i < rule.mean.size; ++i) {
    w.put_number(rule.mean[i]);
    w.put_number(rule.deviation[i]);
  }
  if (!w.fits) return Status::too_large;
  *size = w.size;
  return Status::ok;
}

}  // namespace hone
