#include "ports/posix/directory.hpp"

#include <dirent.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace hone::posix {
namespace {

PathKind kind_of_mode(mode_t mode) {
  if (S_ISREG(mode)) return PathKind::file;
  return S_ISDIR(mode) ? PathKind::folder : PathKind::other;
}

/// The kind that the folder itself knows; asks the file where it does not, and for links.
PathKind kind_of_entry(const std::string& folder, const dirent& entry) {
  if (entry.d_type == DT_REG) return PathKind::file;
  if (entry.d_type == DT_DIR) return PathKind::folder;
  return kind_of(folder + "/" + entry.d_name);
}

}  // namespace

PathKind kind_of(const std::string& path) {
  struct stat info;
  if (::stat(path.c_str(), &info) != 0) return PathKind::missing;
  return kind_of_mode(info.st_mode);
}

bool Listing::read(const std::string& folder, FileError* error) {
  text_.clear();
  entries_.clear();
  DIR* directory = ::opendir(folder.c_str());
  if (!directory) {
    *error = error_of("open the folder", folder);
    return false;
  }
  bool room = true;
  errno = 0;
  for (const dirent* entry; room && (entry = ::readdir(directory)) != nullptr; errno = 0) {
    if (entry->d_name[0] == '.') continue;
    entries_.push_back({static_cast<std::uint32_t>(text_.size()), kind_of_entry(folder, *entry)});
    text_.append(entry->d_name, std::strlen(entry->d_name) + 1);
    room = text_.size() < UINT32_MAX - 4096;
  }
  const bool done = errno == 0 && room;
  if (errno != 0)
    *error = error_of("read the folder", folder);
  else if (!room)
    *error = {"cannot read the folder " + folder + ": it holds too many names"};
  ::closedir(directory);
  std::sort(entries_.begin(), entries_.end(), [this](const Entry& a, const Entry& b) {
    return std::strcmp(text_.c_str() + a.at, text_.c_str() + b.at) < 0;
  });
  return done;
}

bool make_folders(const std::string& path, FileError* error) {
  for (std::size_t end = 0; end != std::string::npos && end < path.size();) {
    end = path.find('/', end + 1);
    const std::string part = path.substr(0, end);
    if (::mkdir(part.c_str(), 0777) == 0) continue;
    const FileError failure = error_of("create the folder", part);
    if (kind_of(part) == PathKind::folder) continue;
    *error = failure;
    return false;
  }
  return true;
}

}  // namespace hone::posix
