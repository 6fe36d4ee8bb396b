#include "examples/hone/data/data_layout.hpp"

#include <unistd.h>

#include "examples/hone/data/fault_text.hpp"
#include "examples/hone/data/image_file.hpp"
#include "ports/posix/directory.hpp"

namespace hone {
namespace {

using posix::kind_of;
using posix::PathKind;

bool is_file(const std::string& path) { return kind_of(path) == PathKind::file; }
bool is_folder(const std::string& path) { return kind_of(path) == PathKind::folder; }

bool begins_with(const std::string& text, const std::string& begin) {
  return text.compare(0, begin.size(), begin) == 0;
}

/// True for a compressed IDX file whose unpacked form is not there.
bool is_packed_idx(const std::string& folder, const std::string& name) {
  return ends_with(name, ".gz") && name.find("-idx") != std::string::npos &&
         !is_file(folder + "/" + name.substr(0, name.size() - 3));
}

/// Refuses a folder with compressed IDX files; the command writes to the current folder where
/// this one is read-only.
bool check_unpacked(const std::string& folder, const posix::Listing& listing, Error* error) {
  std::string files, copies;
  for (std::size_t i = 0; i < listing.size(); ++i) {
    const std::string name = listing.name(i);
    if (!is_packed_idx(folder, name)) continue;
    const std::string path = shell_word(folder + "/" + name);
    files += " " + path;
    copies += " && gunzip -c " + path + " > data/" + shell_word(name.substr(0, name.size() - 3));
  }
  if (files.empty()) return true;
  const bool writable = ::access(folder.c_str(), W_OK) == 0;
  return error->fail(kExitData, folder + ": expected uncompressed IDX files, found .gz; run: " +
                                    (writable ? "gunzip -k" + files
                                              : "mkdir data" + copies + "; then --data data"));
}

/// Files of the IDX part whose names begin with `prefix`; none is no error.
bool find_idx_part(const std::string& folder, const posix::Listing& listing,
                   const std::string& prefix, PartFiles* part, Error* error) {
  const std::string labels_mark = "-labels-idx1-";
  for (std::size_t i = 0; i < listing.size(); ++i) {
    const std::string labels = listing.name(i);
    const std::size_t mark = labels.find(labels_mark);
    if (!begins_with(labels, prefix) || mark == std::string::npos || ends_with(labels, ".gz"))
      continue;
    if (part->exists())
      return error->fail(kExitData, folder + ": expected one label file " + prefix +
                                        "*-labels-idx1-*, found two; name the files as "
                                        "--data SAMPLES,LABELS");
    const std::string stem = labels.substr(0, mark + 1);
    std::string data;
    for (std::size_t k = 0; k < listing.size(); ++k) {
      const std::string name = listing.name(k);
      if (k == i || !begins_with(name, stem) || name.find("-idx") == std::string::npos ||
          ends_with(name, ".gz"))
        continue;
      if (!data.empty())
        return error->fail(kExitData, folder + ": expected one file beside " + labels + ", found " +
                                          data + " and " + name +
                                          "; name the files as --data SAMPLES,LABELS");
      data = name;
    }
    if (data.empty())
      return error->fail(kExitData, folder + "/" + labels + ": expected a file " + stem +
                                        "WORD-idxN-TYPE with the samples beside it, found none");
    *part = {folder + "/" + data, folder + "/" + labels};
  }
  return true;
}

bool find_idx(const std::string& folder, const posix::Listing& listing, DataLayout* layout,
              Error* error) {
  layout->kind = DataKind::idx;
  if (!check_unpacked(folder, listing, error) ||
      !find_idx_part(folder, listing, "train", &(*layout)[Part::train], error) ||
      !find_idx_part(folder, listing, "val", &(*layout)[Part::validation], error) ||
      !find_idx_part(folder, listing, "test", &(*layout)[Part::test], error))
    return false;
  if (!(*layout)[Part::test].exists() &&
      !find_idx_part(folder, listing, "t10k", &(*layout)[Part::test], error))
    return false;
  if ((*layout)[Part::train].exists() || (*layout)[Part::test].exists()) return true;
  return error->fail(kExitData, folder +
                                    ": expected IDX files train*-labels-idx1-* and "
                                    "train*-WORD-idxN-*, found others; name the files as "
                                    "--data SAMPLES,LABELS");
}

bool find_in_folder(const std::string& folder, DataLayout* layout, Error* error) {
  const std::string names[kParts] = {folder + "/train", folder + "/val", folder + "/test"};
  if (is_folder(names[0]) || is_folder(names[2])) {
    layout->kind = DataKind::image_folders;
    for (int p = 0; p < kParts; ++p)
      if (is_folder(names[p])) layout->part[p].data = names[p];
    return true;
  }
  if (is_file(names[0] + ".csv") || is_file(names[2] + ".csv")) {
    layout->kind = DataKind::csv;
    for (int p = 0; p < kParts; ++p)
      if (is_file(names[p] + ".csv")) layout->part[p].data = names[p] + ".csv";
    return true;
  }
  posix::Listing listing;
  posix::FileError file_error;
  if (!listing.read(folder, &file_error)) return error->fail(kExitData, file_error.text);
  bool folders = false;
  for (std::size_t i = 0; i < listing.size(); ++i) {
    const std::string name = listing.name(i);
    if (listing.kind(i) == PathKind::file && name.find("-idx") != std::string::npos)
      return find_idx(folder, listing, layout, error);
    folders |= listing.kind(i) == PathKind::folder;
  }
  if (folders) {
    layout->kind = DataKind::image_folders;
    (*layout)[Part::train].data = folder;
    layout->undivided = true;
    return true;
  }
  return error->fail(kExitData, folder +
                                    ": expected train/ and test/, one folder per class, "
                                    "train.csv, or IDX files, found " +
                                    (listing.size() ? "none of them" : "an empty folder"));
}

}  // namespace

bool find_layout(const std::string& path, DataLayout* layout, Error* error) {
  *layout = DataLayout{};
  const PathKind kind = kind_of(path);
  const std::size_t comma = path.find(',');
  if (kind == PathKind::missing && comma != std::string::npos) {
    layout->kind = DataKind::idx;
    layout->undivided = true;
    (*layout)[Part::train] = {path.substr(0, comma), path.substr(comma + 1)};
    if (comma > 0 && comma + 1 < path.size()) return true;
    return error->fail(kExitData, path + ": expected IDX files as SAMPLES,LABELS, found no name " +
                                      (comma > 0 ? "behind" : "before") + " the comma");
  }
  if (kind == PathKind::missing)
    return error->fail(kExitData, path +
                                      ": expected a folder, a .csv file or SAMPLES,LABELS, "
                                      "found nothing of that name; check --data");
  if (kind == PathKind::folder) {
    const std::size_t end = path.find_last_not_of('/');
    return find_in_folder(end == std::string::npos ? "/." : path.substr(0, end + 1), layout, error);
  }
  if (ends_with(path, ".gz")) return refuse_gz(path, error);
  if (ends_with(path, ".csv") || ends_with(path, ".CSV")) {
    layout->kind = DataKind::csv;
    layout->undivided = true;
    (*layout)[Part::train].data = path;
    return true;
  }
  return error->fail(kExitData, path +
                                    ": expected a folder, a .csv file or SAMPLES,LABELS, found "
                                    "another file; name IDX files as --data SAMPLES,LABELS");
}

}  // namespace hone
