#pragma once
#include <cstdint>
#include <string>
#include <vector>

namespace hone {

/// Builds one JSON value. Strings that are not UTF-8 (file names need not be) get U+FFFD for each
/// wrong byte; a number that is not finite becomes null.
class JsonWriter {
 public:
  void begin_object() { begin('{'); }
  void end_object() { end('}'); }
  void begin_list() { begin('['); }
  void end_list() { end(']'); }
  void key(const std::string& name);
  void text(const std::string& value);
  void number(double value);
  void number(std::uint64_t value);
  void null();
  void boolean(bool value);

  void field(const char* name, const std::string& value) { key(name), text(value); }
  void field(const char* name, double value) { key(name), number(value); }
  void field(const char* name, std::uint64_t value) { key(name), number(value); }

  /// Writes what was built and a line end to stdout.
  void print() const;

 private:
  void begin(char bracket);
  void end(char bracket);
  void separate();

  std::string out_;
  std::vector<bool> has_items_;
  bool after_key_ = false;
};

}  // namespace hone
