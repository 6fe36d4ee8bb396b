#include "examples/hone/options/options.hpp"

#include <algorithm>
#include <cstring>

#include "examples/hone/data/byte_order_mark.hpp"
#include "examples/hone/data/fault_text.hpp"
#include "hone/nearest_word.hpp"
#include "hone/safetensors.hpp"
#include "ports/posix/file.hpp"

namespace hone {
namespace {

Text as_text(const std::string& s) { return {s.data(), s.size()}; }

std::string trimmed(const std::string& s) {
  const std::size_t begin = s.find_first_not_of(" \t\r"), end = s.find_last_not_of(" \t\r");
  return begin == std::string::npos ? "" : s.substr(begin, end - begin + 1);
}

bool is_quoted(const std::string& s) {
  return s.size() >= 2 && s.front() == '"' && s.back() == '"';
}

/// As a settings file says it: between quotes where blanks at the ends would be lost, or quotes.
std::string written(const std::string& value) {
  return trimmed(value) != value || is_quoted(value) ? "\"" + value + "\"" : value;
}

std::string range_text(const OptionRow& row) {
  const std::string from = decimal_text(row.least);
  const char* const kind = row.kind == ValueKind::count ? "an integer" : "a number";
  if (row.most >= kNoLimit) return std::string(kind) + " from " + from;
  return std::string(kind) + " from " + from + " to " + decimal_text(row.most);
}

/// What the option takes, if `value` is not that; else nothing.
std::string value_fault(const OptionRow& row, const std::string& value) {
  std::uint64_t n = 0;
  double v = 0;
  switch (row.kind) {
    case ValueKind::flag:
      return value == "yes" || value == "no" ? "" : "yes or no";
    case ValueKind::count:
      if (parse_count(value, &n) && (row.most >= kNoLimit || static_cast<double>(n) <= row.most) &&
          static_cast<double>(n) >= row.least)
        return "";
      return range_text(row);
    case ValueKind::real:
      return parse_real(value, &v) && v >= row.least && v <= row.most ? "" : range_text(row);
    case ValueKind::budget:
      return value == "min" || parse_bytes(value, &n)
                 ? ""
                 : "min, or a number of bytes above 0 as 262144, 256K or 1M";
    case ValueKind::choice:
      for (const std::string& word : split(row.value_name, '|'))
        if (word == value) return "";
      return std::string("one of ") + row.value_name;
    case ValueKind::text:
      return value.find('\n') == std::string::npos && is_utf8(as_text(value))
                 ? ""
                 : "UTF-8 text without line ends";
  }
  return "";
}

std::string nearest_choice(const OptionRow& row, const std::string& value) {
  if (row.kind != ValueKind::choice) return "";
  NearestWord near(as_text(value));
  const std::vector<std::string> words = split(row.value_name, '|');
  for (const std::string& word : words) near.consider(as_text(word));
  return near.best.size ? "; did you mean " + std::string(near.best.data, near.best.size) + "?"
                        : "";
}

}  // namespace

std::string setting_value(const std::string& written) {
  return is_quoted(written) ? written.substr(1, written.size() - 2) : written;
}

const OptionRow* find_option(const char* name, unsigned command) {
  for (const OptionRow& row : kOptions)
    if ((row.commands & command) && std::strcmp(row.name, name) == 0) return &row;
  return nullptr;
}

bool Options::refuse_unknown(const std::string& where, const std::string& name,
                             Error* error) const {
  NearestWord near(as_text(name));
  for (const OptionRow& row : kOptions)
    if (row.commands & command_->command) near.consider(row.name);
  std::string text = where + ": expected an option of hone " + command_->name + ", found '" +
                     printable(as_text(name)) + "'";
  if (near.best.size)
    text += "; did you mean " + std::string(near.best.data, near.best.size) + "?";
  else
    text += std::string("; see hone ") + command_->name + " --help";
  return error->fail(kExitUsage, text);
}

bool Options::set(const OptionRow& row, const std::string& where, const std::string& value,
                  Error* error) {
  const std::string expected = value_fault(row, value);
  if (!expected.empty())
    return error->fail(kExitUsage, where + ": expected " + expected + ", found '" +
                                       printable(as_text(value)) + "'" +
                                       nearest_choice(row, value));
  values_[row.name] = value;
  return true;
}

bool Options::parse_option(const std::vector<std::string>& arguments, std::size_t* at,
                           Error* error) {
  const std::string& word = arguments[*at];
  const std::size_t equals = word.find('=');
  const std::string name = word.substr(2, equals == std::string::npos ? equals : equals - 2);
  const OptionRow* const row = find_option(name.c_str(), command_->command);
  if (!row) return refuse_unknown("--" + name, name, error);
  if (std::find(on_command_line_.begin(), on_command_line_.end(), name) != on_command_line_.end())
    return error->fail(kExitUsage, "--" + name + ": expected it once, found it twice");
  on_command_line_.push_back(name);
  std::string value = "yes";
  if (equals != std::string::npos) {
    value = word.substr(equals + 1);
  } else if (row->kind != ValueKind::flag) {
    if (*at + 1 == arguments.size())
      return error->fail(kExitUsage, "--" + name + ": expected a value " + row->value_name +
                                         " behind it, found the end of the command line");
    value = arguments[++*at];
  }
  return set(*row, "--" + name, value, error);
}

bool Options::parse(const CommandRow& command, const std::vector<std::string>& arguments,
                    Error* error) {
  command_ = &command;
  role_ = command.command == kFinetune ? kFinetune : kTrain;
  bool options_end = false;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string& word = arguments[i];
    if (!options_end && word == "--") {
      options_end = true;
    } else if (!options_end && word == "-h") {
      values_["help"] = "yes";
    } else if (!options_end && word.size() > 1 && word[0] == '-') {
      if (word.compare(0, 2, "--") != 0) return refuse_unknown(word, word.substr(1), error);
      if (!parse_option(arguments, &i, error)) return false;
    } else {
      arguments_.push_back(word);
    }
  }
  if (flag("help")) return true;
  const std::string file = find_option("settings", command.command) ? text("settings") : "";
  if (!file.empty()) {
    constexpr std::uint64_t kMost = 1 << 20;
    std::vector<std::uint8_t> bytes;
    posix::FileError file_error;
    if (!posix::read_file(file, &bytes, kMost, &file_error))
      return error->fail(kExitUsage, "--settings: " + file_error.text);
    if (!add_settings(std::string(bytes.begin(), bytes.end()), file, error)) return false;
  }
  const bool resumes = find_option("resume", command.command) && given("resume");
  if (arguments_.empty() && !resumes)
    return error->fail(kExitUsage, std::string("expected ") + command.arguments + ", found no " +
                                       command.positional + "; see hone " + command.name +
                                       " --help");
  if (arguments_.size() > 1 && !command.many)
    return error->fail(kExitUsage, std::string("hone ") + command.name + ": expected one " +
                                       command.positional + ", found another argument '" +
                                       printable(as_text(arguments_[1])) + "'");
  return true;
}

bool Options::set_from_line(const std::string& where, const std::string& key,
                            const std::string& value, Error* error) {
  if (key == "command") {
    const bool fits = value == command_->name || command_->command == kPlan;
    if (fits) return true;
    return error->fail(kExitUsage, where + ": expected the settings of a hone " + command_->name +
                                       ", found those of '" + printable(as_text(value)) +
                                       "'; use hone " + printable(as_text(value)));
  }
  const bool is_argument =
      key == command_->positional || (command_->command == kPlan && key == "base");
  if (is_argument) {
    if (arguments_.empty()) arguments_.push_back(value);
    return true;
  }
  const OptionRow* const row = find_option(key.c_str(), command_->command);
  if (!row) return refuse_unknown(where, key, error);
  if (!row->is_recorded)
    return error->fail(kExitUsage,
                       where + ": expected an option that a settings file may hold, found '" + key +
                           "'; give --" + key + " on the command line");
  if (given(row->name)) return true;
  return set(*row, where + ", " + key, value, error);
}

bool Options::add_settings(const std::string& text, const std::string& file, Error* error) {
  std::vector<std::string> keys;
  std::size_t number = 0;
  const Bytes bytes(reinterpret_cast<const std::uint8_t*>(text.data()), text.size());
  // Of a key that stands twice the second would be silently lost.
  for (const std::string& line : split(text.substr(byte_order_mark(bytes)), '\n')) {
    ++number;
    const std::string content = trimmed(line);
    if (content.empty() || content[0] == '#') continue;
    const std::string where = file + ": line " + std::to_string(number);
    const std::size_t equals = content.find('=');
    if (equals == std::string::npos)
      return error->fail(kExitUsage, where + ": expected key = value, found '" +
                                         printable(as_text(content)) + "'");
    const std::string key = trimmed(content.substr(0, equals));
    if (std::find(keys.begin(), keys.end(), key) != keys.end())
      return error->fail(kExitUsage, where + ": expected '" + printable(as_text(key)) +
                                         "' once, found it twice; remove one of the lines");
    keys.push_back(key);
    if (!set_from_line(where, key, setting_value(trimmed(content.substr(equals + 1))), error))
      return false;
  }
  return true;
}

const OptionRow& Options::row(const char* name) const {
  // Commands may have rows of one name with other values; a plan has those of what it plans.
  const unsigned own = command_->command == kPlan ? role_ : command_->command;
  const OptionRow* found = find_option(name, own);
  if (!found) found = find_option(name, kAllCommands);
  return found ? *found : kOptions[0];
}

std::string Options::text(const char* name) const {
  const auto found = values_.find(name);
  if (found != values_.end()) return found->second;
  const OptionRow& r = row(name);
  return role_ == kFinetune && r.finetune_preset ? r.finetune_preset : r.preset;
}

std::uint64_t Options::count(const char* name) const {
  std::uint64_t v = 0;
  return parse_count(text(name), &v) ? v : 0;
}

double Options::real(const char* name) const {
  double v = 0;
  return parse_real(text(name), &v) ? v : 0;
}

std::uint64_t Options::bytes(const char* name) const {
  std::uint64_t v = 0;
  return parse_bytes(text(name), &v) ? v : 0;
}

std::string Options::settings_text() const {
  const bool tunes = role_ == kFinetune;
  std::string out = std::string("command = ") + (tunes ? "finetune" : "train") + "\n";
  out += std::string(tunes ? "base = " : "model = ") + written(arguments_[0]) + "\n";
  for (const OptionRow& r : kOptions) {
    if (!r.is_recorded || !(r.commands & role_)) continue;
    const std::string value = text(r.name);
    if (!value.empty()) out += std::string(r.name) + " = " + written(value) + "\n";
  }
  return out;
}

}  // namespace hone
