#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "ports/posix/file.hpp"

namespace hone::posix {

enum class PathKind : std::uint8_t { missing, file, folder, other };

/// What a path names; links are followed.
PathKind kind_of(const std::string& path);

/// Names in a folder, sorted byte by byte, without those that begin with a dot. They lie in one
/// block of text, because a folder may hold very many.
class Listing {
 public:
  bool read(const std::string& folder, FileError* error);

  std::size_t size() const { return entries_.size(); }
  const char* name(std::size_t i) const { return text_.c_str() + entries_[i].at; }
  /// Links are followed.
  PathKind kind(std::size_t i) const { return entries_[i].kind; }

 private:
  struct Entry {
    std::uint32_t at;
    PathKind kind;
  };

  std::string text_;
  std::vector<Entry> entries_;
};

/// Creates a folder and the folders above it; one that is there already is no error.
bool make_folders(const std::string& path, FileError* error);

}  // namespace hone::posix
