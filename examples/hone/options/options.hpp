#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "examples/hone/error.hpp"
#include "examples/hone/options/option_table.hpp"

namespace hone {

/// The options of one call: those of the command line, then of the settings file, then defaults.
/// Every value has been checked against the option table.
class Options {
 public:
  /// Reads the arguments behind the command's name, and the settings file that they may name.
  bool parse(const CommandRow& command, const std::vector<std::string>& arguments, Error* error);
  /// Takes the settings of a run to be resumed for all that the command line has not given.
  bool add_settings(const std::string& text, const std::string& file, Error* error);
  /// Plan is that of training or of fine-tuning: decides about defaults and recorded settings.
  void set_role(Command role) { role_ = role; }
  Command role() const { return role_; }

  /// Arguments that are no options; the first may come from a settings file.
  const std::vector<std::string>& arguments() const { return arguments_; }
  bool given(const char* name) const { return values_.count(name) > 0; }
  std::string text(const char* name) const;
  std::uint64_t count(const char* name) const;
  double real(const char* name) const;
  /// Settles an option that was not given on what its default depended on.
  void settle(const char* name, const std::string& value) { values_.emplace(name, value); }
  bool flag(const char* name) const { return text(name) == "yes"; }
  /// Of an option of kind budget; 0 where it is not given, or min.
  std::uint64_t bytes(const char* name) const;
  /// Names given on the command line, in order.
  const std::vector<std::string>& on_command_line() const { return on_command_line_; }

  /// The effective settings, a line each, for a file that repeats the run.
  std::string settings_text() const;

 private:
  bool parse_option(const std::vector<std::string>& arguments, std::size_t* at, Error* error);
  bool set(const OptionRow& row, const std::string& where, const std::string& value, Error* error);
  bool set_from_line(const std::string& where, const std::string& key, const std::string& value,
                     Error* error);
  bool refuse_unknown(const std::string& where, const std::string& name, Error* error) const;
  const OptionRow& row(const char* name) const;

  const CommandRow* command_ = nullptr;
  Command role_ = kTrain;
  std::map<std::string, std::string> values_;
  std::vector<std::string> arguments_, on_command_line_;
};

/// An integer of bytes: 262144, 256K, 1M, 1G.
bool parse_bytes(const std::string& text, std::uint64_t* bytes);
/// Digits only, below 2^64.
bool parse_count(const std::string& text, std::uint64_t* value);
/// A finite decimal.
bool parse_real(const std::string& text, double* value);
/// The pieces of a text between separators.
std::vector<std::string> split(const std::string& text, char separator);

/// A value as settings_text() wrote it, without the quotes that keep blanks at its ends.
std::string setting_value(const std::string& written);

/// Shortest decimal that reads back as the same number.
std::string decimal_text(double value);

/// The page of `hone COMMAND --help`.
std::string help_text(const CommandRow& command);
/// The page of `hone --help`.
std::string help_text();

}  // namespace hone
