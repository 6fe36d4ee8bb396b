#include <cstdio>
#include <cstring>

#include "examples/hone/commands/json_writer.hpp"
#include "examples/hone/data/fault_text.hpp"
#include "examples/hone/options/options.hpp"
#include "examples/hone/training/interrupt.hpp"
#include "examples/hone/training/progress.hpp"
#include "hone/synth.hpp"
#include "ports/posix/directory.hpp"
#include "ports/posix/file.hpp"

namespace hone {
namespace {

constexpr SynthDomain kDomains[] = {SynthDomain::base, SynthDomain::moved};
constexpr SynthSplit kSplits[] = {SynthSplit::train, SynthSplit::test};

const char* word_of(SynthSplit split) { return split == SynthSplit::train ? "train" : "test"; }
const char* word_of(SynthDomain domain) { return domain == SynthDomain::base ? "base" : "moved"; }

std::string file_name(std::uint32_t index) {
  char name[32];
  std::snprintf(name, sizeof name, "%06u.pgm", static_cast<unsigned>(index));
  return name;
}

/// Images of one class of one part.
struct ClassFolder {
  std::string path;
  SynthImage image;  ///< its index is set for each file
  std::uint32_t images = 0;
};

/// The same set may be drawn again; a file that is not of it would silently become a part of it.
bool check_folder(const ClassFolder& folder, Error* error) {
  if (posix::kind_of(folder.path) == posix::PathKind::missing) return true;
  posix::Listing listing;
  posix::FileError why;
  if (!listing.read(folder.path, &why)) return error->fail(kExitStorage, why.text);
  for (std::size_t i = 0; i < listing.size(); ++i) {
    const std::string name = listing.name(i);
    std::uint64_t index = 0;
    if (parse_count(name.substr(0, name.find('.')), &index) && index < folder.images &&
        name == file_name(static_cast<std::uint32_t>(index)))
      continue;
    return error->fail(kExitStorage, folder.path + ": expected no other files, found " + name +
                                         "; choose another DIR or remove the folder");
  }
  return true;
}

/// Not synced file by file: a set that a power cut damages is drawn again.
bool write_image(const std::string& name, const std::vector<std::uint8_t>& bytes, Error* error) {
  std::FILE* const file = std::fopen(name.c_str(), "wb");
  if (!file) return error->fail(kExitStorage, posix::error_of("create", name).text);
  const bool written = std::fwrite(bytes.data(), 1, bytes.size(), file) == bytes.size();
  const bool closed = std::fclose(file) == 0;
  if (written && closed) return true;
  const std::string why = posix::error_of("write", name).text;
  std::remove(name.c_str());
  return error->fail(kExitStorage, why);
}

bool write_folder(const ClassFolder& folder, std::uint32_t size, std::uint64_t* done,
                  Progress* progress, Error* error) {
  posix::FileError why;
  if (!posix::make_folders(folder.path, &why)) return error->fail(kExitStorage, why.text);
  std::vector<std::uint8_t> bytes(synth_pgm_bytes(size));
  SynthImage image = folder.image;
  for (image.index = 0; image.index < folder.images; ++image.index) {
    if (interrupted())
      return error->fail(kExitInterrupted, "interrupted after " + std::to_string(*done) +
                                               " images; the same command draws them all again");
    if (draw_defect_pgm(image, size, {bytes.data(), bytes.size()}) != Status::ok)
      return error->fail(kExitInternal, folder.path + ": drawing failed");
    if (!write_image(folder.path + "/" + file_name(image.index), bytes, error)) return false;
    progress->step(++*done, folder.path);
  }
  return true;
}

std::vector<ClassFolder> folders_of(const Options& options) {
  std::vector<ClassFolder> out;
  const std::string wanted = options.text("domain");
  for (const SynthDomain domain : kDomains) {
    if (wanted != "both" && wanted != word_of(domain)) continue;
    for (const SynthSplit split : kSplits) {
      const auto asked = static_cast<std::uint32_t>(
          options.count(split == SynthSplit::train ? "per-class" : "test-per-class"));
      for (std::uint32_t c = 0; c < kSynthClasses; ++c) {
        ClassFolder f;
        f.path = options.arguments()[0] + "/" + word_of(domain) + "/" + word_of(split) + "/" +
                 std::string(kSynthClassNames[c].data, kSynthClassNames[c].size);
        f.image = {options.count("seed"), domain, split, c, 0};
        f.images = asked ? asked : synth_default_count(domain, split);
        out.push_back(f);
      }
    }
  }
  return out;
}

}  // namespace

bool run_synth(const Options& options, Error* error) {
  exit_on_interrupts();
  const std::vector<ClassFolder> folders = folders_of(options);
  std::uint64_t total = 0, done = 0;
  for (const ClassFolder& folder : folders) {
    if (!check_folder(folder, error)) return false;
    total += folder.images;
  }
  {
    Progress progress(options.flag("quiet"));
    progress.start(0, total);
    note_interrupts();
    for (const ClassFolder& folder : folders)
      if (!write_folder(folder, static_cast<std::uint32_t>(options.count("size")), &done, &progress,
                        error))
        return false;
  }
  if (options.flag("json")) {
    JsonWriter json;
    json.begin_object();
    json.field("dir", options.arguments()[0]);
    json.field("images", done);
    json.end_object();
    json.print();
  } else {
    std::printf("%llu images in %s\n", static_cast<unsigned long long>(done),
                one_line(options.arguments()[0]).c_str());
  }
  return true;
}

}  // namespace hone
