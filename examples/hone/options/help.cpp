#include <algorithm>

#include "examples/hone/options/options.hpp"

namespace hone {
namespace {

constexpr std::size_t kColumn = 26, kWidth = 96;

/// Appends words in lines of at most kWidth characters, all but the first indented by kColumn.
void wrap(const std::string& text, std::string* out) {
  std::size_t column = kColumn;
  for (const std::string& word : split(text, ' ')) {
    if (column > kColumn && column + 1 + word.size() > kWidth) {
      *out += "\n" + std::string(kColumn, ' ');
      column = kColumn;
    }
    if (column > kColumn) {
      *out += " ";
      ++column;
    }
    *out += word;
    column += word.size();
  }
  *out += "\n";
}

std::string default_text(const OptionRow& row, unsigned command) {
  if (row.kind == ValueKind::flag) return "";
  const char* const value =
      command == kFinetune && row.finetune_preset ? row.finetune_preset : row.preset;
  return *value ? std::string(" (default ") + value + ")" : "";
}

}  // namespace

std::string help_text(const CommandRow& command) {
  std::string out = std::string("usage: hone ") + command.name + " " + command.arguments +
                    " [OPTION]...\n\n" + command.summary + "\n\nexample:\n  " + command.example +
                    "\n\noptions:\n";
  for (const OptionRow& row : kOptions) {
    if (!(row.commands & command.command)) continue;
    std::string name = std::string("  --") + row.name + " " + row.value_name;
    if (name.size() + 1 > kColumn)
      name += "\n" + std::string(kColumn, ' ');
    else
      name.resize(kColumn, ' ');
    out += name;
    wrap(row.help + default_text(row, command.command), &out);
  }
  return out;
}

std::string help_text() {
  std::string out =
      "usage: hone COMMAND ...\n\nTrains and fine-tunes small classifiers; the same data, model, "
      "settings and seed give the\nsame weights, byte for byte, on every machine.\n\ncommands:\n";
  for (const CommandRow& c : kCommands) {
    std::string summary = c.summary;
    std::replace(summary.begin(), summary.end(), '\n', ' ');
    out += std::string("  ") + c.name + " " + c.arguments + "\n" + std::string(kColumn, ' ');
    wrap(summary, &out);
  }
  return out +
         "\nhone COMMAND --help tells the options, hone --version the version.\n\nfirst steps:\n"
         "  hone synth synth\n"
         "  hone train examples/models/reference.model --data synth/base --out run\n"
         "  hone eval run --data synth/base\n\n"
         "exit codes: 0 ok, 1 internal error, 2 usage, 3 data, 4 model or checkpoint, 5 storage,\n"
         "6 diverged, 7 not better than the old model, 130 interrupted\n";
}

}  // namespace hone
