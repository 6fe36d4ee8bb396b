#include "examples/hone/checkpoint/checkpoint_file.hpp"

#include "examples/hone/data/fault_text.hpp"
#include "examples/hone/options/options.hpp"
#include "hone/normalise.hpp"
#include "ports/posix/directory.hpp"

namespace hone {
namespace {

constexpr std::size_t kLengthBytes = 8;

std::vector<std::string> lines(const std::string& text) {
  const Text all(text.data(), text.size());
  std::vector<std::string> out(line_count(all));
  for (std::size_t i = 0; i < out.size(); ++i) {
    const Text line = line_of(all, i);
    out[i] = std::string(line.data, line.size);
  }
  return out;
}

}  // namespace

std::string kept_text(const std::string& file) {
  return posix::kind_of(file) == posix::PathKind::missing ? "" : "; the old file is kept";
}

std::string plain_text(const EscapedText& text) {
  std::string room(text.size(), '\0');
  Text out;
  if (room.empty() || text.unescape({&room[0], room.size()}, out) != Status::ok) return {};
  return {out.data, out.size};
}

Status CheckpointFile::read(const void* file, std::uint64_t at, Span<std::uint8_t> out) {
  posix::FileError why;
  const auto& input = *static_cast<const posix::InputFile*>(file);
  return input.read_at(at, out.data, out.size, &why) ? Status::ok : Status::io_error;
}

bool CheckpointFile::refuse_header(const SafetensorsError& why, Status status, Error* error) const {
  return error->fail(
      kExitModel, file_.name() + ": byte " + std::to_string(why.byte) + ": expected " +
                      why.expected + ", found " +
                      (status == Status::bad_data ? "damaged or other bytes" : "something else") +
                      "; use an undamaged checkpoint");
}

bool CheckpointFile::open(const std::string& path, Error* error) {
  const bool is_run = posix::kind_of(path) == posix::PathKind::folder;
  const std::string name = is_run ? path + "/best.safetensors" : path;
  posix::FileError file_error;
  if (!file_.open(name, &file_error))
    return error->fail(kExitModel, file_error.text + "; expected a checkpoint or a run folder");
  SafetensorsError why;
  std::uint8_t length[kLengthBytes] = {};
  const std::size_t first =
      file_.size() < kLengthBytes ? static_cast<std::size_t>(file_.size()) : kLengthBytes;
  if (!file_.read_at(0, length, first, &file_error))
    return error->fail(kExitModel, file_error.text);
  std::size_t header_bytes = 0;
  Status s = SafetensorsHeader::measure({length, first}, file_.size(), header_bytes, why);
  if (s != Status::ok) return refuse_header(why, s, error);
  if (header_bytes > file_.size())
    return error->fail(kExitModel, name + ": expected a header of " + std::to_string(header_bytes) +
                                       " bytes, found a file of " + std::to_string(file_.size()) +
                                       "; use an undamaged checkpoint");
  bytes_.resize(header_bytes);
  if (!file_.read_at(0, bytes_.data(), header_bytes, &file_error))
    return error->fail(kExitModel, file_error.text);
  s = open_checkpoint({bytes_.data(), bytes_.size()}, file_.size(), checkpoint_, why);
  if (s != Status::ok) return refuse_header(why, s, error);
  text_ = {plain_text(checkpoint_.model),
           plain_text(checkpoint_.classes),
           plain_text(checkpoint_.normalise),
           plain_text(checkpoint_.settings),
           checkpoint_.step,
           checkpoint_.epoch,
           checkpoint_.seed,
           {}};
  return check_metadata(error) && check_rule(error);
}

/// Another writer of a file that begins like one of hone may leave both hashes out.
bool CheckpointFile::check_metadata(Error* error) const {
  const std::string expected = metadata(kMetadataHashKey);
  if (!has_own_header() || (expected.empty() && metadata(kWeightsHashKey).empty())) return true;
  const std::string found = metadata_hash(header());
  if (found == expected) return true;
  return error->fail(kExitModel, name() + ": byte 8: expected metadata with sha256 " +
                                     (expected.empty() ? "(none given)" : expected) + ", found " +
                                     found + "; use an undamaged checkpoint");
}

bool CheckpointFile::check_rule(Error* error) const {
  if (text_.normalise.empty()) return true;
  const Text rule(text_.normalise.data(), text_.normalise.size());
  std::vector<double> room(2 * count_columns(rule));
  Normalisation read;
  DataFault fault;
  const Status s = parse_normalisation(rule, {room.data(), room.size()}, &read, &fault);
  if (s == Status::ok && read.known) return true;
  return error->fail(kExitModel, name() + ": normalise: expected a rule with its numbers, found '" +
                                     printable(rule) + "'; use an undamaged checkpoint");
}

std::string CheckpointFile::metadata(const char* key) const {
  EscapedText value;
  return header().find_metadata(key, value) ? plain_text(value) : "";
}

std::vector<std::string> CheckpointFile::classes() const { return lines(text_.classes); }

std::vector<std::string> CheckpointFile::columns() const { return lines(metadata(kColumnsKey)); }

std::string CheckpointFile::setting(const std::string& key) const {
  const Text all(text_.settings.data(), text_.settings.size());
  const std::string begin = key + " = ";
  for (std::size_t i = 0; i < line_count(all); ++i) {
    const Text line = line_of(all, i);
    const std::string text(line.data, line.size);
    if (text.compare(0, begin.size(), begin) == 0) return setting_value(text.substr(begin.size()));
  }
  return "";
}

}  // namespace hone
