#include "examples/hone/training/run_folder.hpp"

#include <cmath>
#include <cstring>
#include <filesystem>

#include "examples/hone/checkpoint/checkpoint_file.hpp"
#include "examples/hone/data/data_layout.hpp"
#include "examples/hone/options/options.hpp"
#include "ports/posix/directory.hpp"

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
constexpr std::size_t kWords = 15;
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

std::string padded_hash(std::string hash) {
  hash.resize(kHashChars, '-');
  return hash;
}

/// Absolute and without links as far as it exists, without a slash at its end.
std::string resolved(const std::string& path) {
  std::error_code none;
  std::string out =
      std::filesystem::weakly_canonical(std::filesystem::absolute(path, none), none).string();
  while (out.size() > 1 && out.back() == '/') out.pop_back();
  return out;
}

bool is_inside(const std::string& path, const std::string& folder) {
  const std::string begin = resolved(folder) + "/";
  return (resolved(path) + "/").compare(0, begin.size(), begin) == 0;
}

bool exists(const std::string& path) { return posix::kind_of(path) != posix::PathKind::missing; }

}  // namespace

std::string RunState::text() const {
  const Words w = {{epoch, place, bits(loss_sum), correct, seen, training_samples,
                    has_kept ? 1u : 0u, kept_epoch, bits(kept_accuracy), selection.most_correct,
                    bits(selection.before_accuracy), bits(selection.before_loss), bits(first_loss),
                    bits(train_loss), bits(validation_accuracy)}};
  std::string out;
  for (const std::uint64_t word : w.word) out += hex_word(word) + " ";
  return out + padded_hash(kept_hash) + " " + padded_hash(data_hash);
}

bool RunState::parse(const std::string& text) {
  const std::vector<std::string> part = split(text, ' ');
  Words w;
  if (part.size() != kWords + 2 || part[kWords].size() != kHashChars ||
      part[kWords + 1].size() != kHashChars)
    return false;
  for (std::size_t i = 0; i < kWords; ++i)
    if (!parse_hex_word(part[i], &w.word[i])) return false;
  epoch = w.word[0], place = w.word[1], loss_sum = from_bits(w.word[2]);
  correct = w.word[3], seen = w.word[4], training_samples = w.word[5];
  has_kept = w.word[6] != 0, kept_epoch = w.word[7];
  kept_accuracy = from_bits(w.word[8]), selection.most_correct = w.word[9];
  selection.before_accuracy = from_bits(w.word[10]);
  selection.before_loss = from_bits(w.word[11]), first_loss = from_bits(w.word[12]);
  train_loss = from_bits(w.word[13]), validation_accuracy = from_bits(w.word[14]);
  kept_hash = part[kWords], data_hash = part[kWords + 1];
  for (const double v : {loss_sum, kept_accuracy, selection.before_accuracy, selection.before_loss,
                         first_loss, train_loss, validation_accuracy})
    if (!std::isfinite(v)) return false;
  return true;
}

bool RunState::fits(std::uint64_t steps, std::uint64_t steps_per_epoch) const {
  return steps_per_epoch > 0 && place <= steps_per_epoch && place <= steps &&
         (steps - place) % steps_per_epoch == 0 && (steps - place) / steps_per_epoch == epoch &&
         kept_epoch <= epoch;
}

bool RunFolder::claim(Error* error) {
  if (posix::kind_of(path_) == posix::PathKind::folder && !lock(error)) return false;
  for (const std::string& file : {last(), best(), results()})
    if (exists(file))
      return error->fail(kExitUsage, "--out: expected a folder without a run, found " + file +
                                         (exists(last()) ? "; go on with --resume " + path_ + ","
                                                         : std::string("; move it away,")) +
                                         " or choose another --out");
  return true;
}

bool RunFolder::refuse_base(const std::string& base, Error* error) const {
  const std::string folder = std::filesystem::path(resolved(base)).parent_path().string();
  if (resolved(path_) != folder) return true;
  return error->fail(kExitUsage,
                     "--out: expected another folder than that of the checkpoint to start from, "
                     "found " +
                         path_ + " with " + base + "; choose another --out");
}

bool RunFolder::refuse_in_data(const std::string& data, Error* error) const {
  DataLayout layout;
  if (!find_layout(data, &layout, error)) return false;
  if (layout.kind != DataKind::image_folders) return true;
  for (const PartFiles& part : layout.part)
    if (part.exists() && is_inside(path_, part.data))
      return error->fail(kExitUsage,
                         "--out: expected a folder outside the classes of the data, "
                         "found " +
                             path_ + " inside " + part.data + "; choose another --out");
  return true;
}

bool RunFolder::lock(Error* error) {
  posix::FileError why;
  return lock_.take(path_, &why) || error->fail(kExitStorage, why.text);
}

bool RunFolder::create(const std::string& settings_text, Error* error) {
  posix::FileError why;
  made_folder_ = !exists(path_);
  if (!posix::make_folders(path_, &why)) return error->fail(kExitStorage, why.text);
  // Again: another process may have been here in the meantime.
  if (!claim(error)) {
    made_folder_ = false;
    return false;
  }
  const bool had_settings = exists(settings());
  if (!posix::write_file(settings(), settings_text.data(), settings_text.size(), &why))
    return error->fail(kExitStorage, why.text + "; choose another --out");
  made_settings_ = !had_settings;
  is_new_ = true;
  results_text_ = kResultsHeader;
  return true;
}

void RunFolder::remove() {
  std::error_code none;
  if (is_new_)
    for (const std::string& file : {last(), best(), results()}) std::filesystem::remove(file, none);
  if (made_settings_) std::filesystem::remove(settings(), none);
  // Fails, and rightly, where something else is in it.
  if (made_folder_) std::filesystem::remove(path_, none);
  is_new_ = made_settings_ = made_folder_ = false;
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
  return error->fail(kExitStorage, why.text + kept_text(results()));
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
