#include "examples/hone/training/run_folder.hpp"

#include <cstring>

#include "examples/hone/options/options.hpp"
#include "ports/posix/directory.hpp"
#include "ports/posix/file.hpp"

namespace hone {
namespace {

constexpr const char* kResultsHeader =
    "epoch,steps,lr,train_loss,train_accuracy,validation_loss,validation_accuracy\n";
constexpr std::uint64_t kMostText = 1 << 28;
constexpr std::size_t kWordChars = 16, kHashChars = 64;

std::string hex_word(std::uint64_t v) {
  std::string out(kWordChars, '0');
  for (std::size_t i = kWordChars; i-- > 0; v >>= 4) out[i] = "0123456789abcdef"[v & 15];
  return out;
}

bool parse_hex_word(const std::string& text, std::uint64_t* value) {
  if (text.size() != kWordChars) return false;
  *value = 0;
  for (const char c : text) {
    const char* const digits = "0123456789abcdef";
    const char* const at = std::strchr(digits, c);
    if (!at || c == '\0') return false;
    *value = *value << 4 | static_cast<std::uint64_t>(at - digits);
  }
  return true;
}

/// The numbers of a state as words, to and from.
constexpr std::size_t kWords = 14;
struct Words {
  std::uint64_t word[kWords];
};

std::uint64_t bits(double v) {
  std::uint64_t u = 0;
  std::memcpy(&u, &v, sizeof u);
  return u;
}
double from_bits(std::uint64_t u) {
  double v = 0;
  std::memcpy(&v, &u, sizeof v);
  return v;
}

}  // namespace

std::string RunState::text() const {
  const Words w = {{epoch, place, bits(loss_sum), correct, seen, training_samples,
                    has_best ? 1u : 0u, best_epoch, bits(best_accuracy), bits(best_loss),
                    bits(before_accuracy), bits(first_loss), bits(train_loss),
                    bits(validation_accuracy)}};
  std::string out;
  for (const std::uint64_t word : w.word) out += hex_word(word) + " ";
  std::string hash = best_hash;
  hash.resize(kHashChars, '-');
  return out + hash;
}

bool RunState::parse(const std::string& text) {
  const std::vector<std::string> part = split(text, ' ');
  Words w;
  if (part.size() != kWords + 1 || part[kWords].size() != kHashChars) return false;
  for (std::size_t i = 0; i < kWords; ++i)
    if (!parse_hex_word(part[i], &w.word[i])) return false;
  epoch = w.word[0], place = w.word[1], loss_sum = from_bits(w.word[2]);
  correct = w.word[3], seen = w.word[4], training_samples = w.word[5];
  has_best = w.word[6] != 0, best_epoch = w.word[7];
  best_accuracy = from_bits(w.word[8]), best_loss = from_bits(w.word[9]);
  before_accuracy = from_bits(w.word[10]), first_loss = from_bits(w.word[11]);
  train_loss = from_bits(w.word[12]), validation_accuracy = from_bits(w.word[13]);
  best_hash = part[kWords];
  return true;
}

bool RunFolder::refuse_existing(Error* error) const {
  if (posix::kind_of(last()) == posix::PathKind::missing) return true;
  return error->fail(kExitUsage, "--out: expected a folder without a run, found " + last() +
                                     "; go on with --resume " + path_ +
                                     ", or choose another --out");
}

bool RunFolder::create(const std::string& settings_text, Error* error) {
  posix::FileError why;
  if (!posix::make_folders(path_, &why)) return error->fail(kExitStorage, why.text);
  if (!posix::write_file(settings(), settings_text.data(), settings_text.size(), &why))
    return error->fail(kExitStorage, why.text + "; choose another --out");
  results_text_ = kResultsHeader;
  return true;
}

bool RunFolder::read_settings(std::string* text, Error* error) const {
  std::vector<std::uint8_t> bytes;
  posix::FileError why;
  if (!posix::read_file(settings(), &bytes, kMostText, &why))
    return error->fail(kExitUsage, "--resume: " + why.text + "; expected the folder of a run");
  text->assign(bytes.begin(), bytes.end());
  return true;
}

bool RunFolder::add_result(const std::string& row, Error* error) {
  results_text_ += row + "\n";
  return write_results(error);
}

bool RunFolder::write_results(Error* error) {
  posix::FileError why;
  if (posix::write_file(results(), results_text_.data(), results_text_.size(), &why)) return true;
  return error->fail(kExitStorage, why.text + "; the old file is kept");
}

bool RunFolder::read_results(std::uint64_t rows, Error* error) {
  results_text_ = kResultsHeader;
  if (rows == 0) return true;
  std::vector<std::uint8_t> bytes;
  posix::FileError why;
  if (!posix::read_file(results(), &bytes, kMostText, &why))
    return error->fail(kExitStorage, why.text);
  const std::vector<std::string> lines = split(std::string(bytes.begin(), bytes.end()), '\n');
  if (lines.size() < rows + 2 || lines[0] + "\n" != kResultsHeader)
    return error->fail(kExitStorage, results() + ": expected a header and " + std::to_string(rows) +
                                         " rows as last.safetensors says, found " +
                                         std::to_string(lines.size() - 1) +
                                         " lines; restore the file");
  for (std::size_t i = 1; i <= rows; ++i) results_text_ += lines[i] + "\n";
  return results_text_.size() == bytes.size() || write_results(error);
}

}  // namespace hone
