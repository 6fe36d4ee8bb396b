#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace hone::posix {

/// Why a call failed: "cannot open NAME: No such file or directory".
struct FileError {
  std::string text;
};

/// "cannot VERB NAME: " and what errno says.
FileError error_of(const char* verb, const std::string& name);

/// A file open for reading at any place.
class InputFile {
 public:
  InputFile() = default;
  ~InputFile() { close(); }
  InputFile(const InputFile&) = delete;
  InputFile& operator=(const InputFile&) = delete;

  /// Opens a regular file; closes the one open before.
  bool open(const std::string& name, FileError* error);
  void close();
  const std::string& name() const { return name_; }
  /// Size when it was opened.
  std::uint64_t size() const { return size_; }
  /// Reads exactly n bytes from `offset`; a file that has become shorter is an error.
  bool read_at(std::uint64_t offset, void* to, std::size_t n, FileError* error) const;

 private:
  int descriptor_ = -1;
  std::uint64_t size_ = 0;
  std::string name_;
};

/// Reads a whole file into *bytes, whose memory is used again. A file above `most` bytes is an
/// error.
bool read_file(const std::string& name, std::vector<std::uint8_t>* bytes, std::uint64_t most,
               FileError* error);

/// Size of a regular file; links are followed.
bool file_size(const std::string& name, std::uint64_t* bytes, FileError* error);

/// Keeps other processes that also take it out of a folder, until it is destroyed or the process
/// ends, in whatever way. The folder itself is locked, so nothing is left behind in it.
class FolderLock {
 public:
  FolderLock() = default;
  ~FolderLock();
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;

  /// Does not wait: a folder that another process holds is an error. One that this object holds
  /// already is none.
  bool take(const std::string& folder, FileError* error);

 private:
  int descriptor_ = -1;
};

/// A new file that takes its name only when it is complete: the bytes go to NAME.part in the same
/// folder; commit syncs them, renames, and syncs the folder. Until then, and after any error, an
/// old file NAME stays as it was, and the part is removed.
class AtomicFile {
 public:
  AtomicFile() = default;
  ~AtomicFile() { discard(); }
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  bool open(const std::string& name, FileError* error);
  bool write(const void* bytes, std::size_t n, FileError* error);
  bool commit(FileError* error);
  /// Removes the part, if there is one.
  void discard();

 private:
  bool fail(const char* verb, const std::string& name, FileError* error);

  int descriptor_ = -1;
  std::string name_, part_;
};

/// AtomicFile in one call.
bool write_file(const std::string& name, const void* bytes, std::size_t n, FileError* error);

}  // namespace hone::posix
