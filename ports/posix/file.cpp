#include "ports/posix/file.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

namespace hone::posix {
namespace {

/// Folder that holds `name`.
std::string folder_of(const std::string& name) {
  const std::size_t slash = name.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : name.substr(0, slash);
}

/// A single read or write is kept below what any system takes at once.
constexpr std::size_t kMaxTransfer = std::size_t{1} << 30;

bool write_all(int descriptor, const char* bytes, std::size_t n) {
  while (n > 0) {
    const ssize_t done = ::write(descriptor, bytes, n < kMaxTransfer ? n : kMaxTransfer);
    if (done < 0 && errno == EINTR) continue;
    if (done < 0) return false;
    bytes += done;
    n -= static_cast<std::size_t>(done);
  }
  return true;
}

bool sync_all(int descriptor) {
  int result;
  do {
    result = ::fsync(descriptor);
  } while (result != 0 && errno == EINTR);
  return result == 0;
}

/// Makes a rename in `folder` lasting. Some file systems cannot sync a folder (EINVAL) and keep
/// the order of a rename without it.
bool sync_folder(const std::string& folder) {
  const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return false;
  const bool done = sync_all(descriptor) || errno == EINVAL;
  const int code = errno;
  ::close(descriptor);
  errno = code;
  return done;
}

}  // namespace

FileError error_of(const char* verb, const std::string& name) {
  const int code = errno;
  return {std::string("cannot ") + verb + " " + name + ": " + std::strerror(code)};
}

bool InputFile::open(const std::string& name, FileError* error) {
  close();
  // Without O_NONBLOCK, opening a named pipe would wait for a writer.
  const int descriptor = ::open(name.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  struct stat info;
  if (descriptor < 0 || ::fstat(descriptor, &info) != 0) {
    *error = error_of("open", name);
    if (descriptor >= 0) ::close(descriptor);
    return false;
  }
  if (!S_ISREG(info.st_mode)) {
    *error = {"cannot read " + name + ": it is " +
              (S_ISDIR(info.st_mode) ? "a folder" : "no regular file")};
    ::close(descriptor);
    return false;
  }
  descriptor_ = descriptor;
  size_ = static_cast<std::uint64_t>(info.st_size);
  name_ = name;
  return true;
}

void InputFile::close() {
  if (descriptor_ >= 0) ::close(descriptor_);
  descriptor_ = -1;
}

bool InputFile::read_at(std::uint64_t offset, void* to, std::size_t n, FileError* error) const {
  char* at = static_cast<char*>(to);
  while (n > 0) {
    const ssize_t done =
        ::pread(descriptor_, at, n < kMaxTransfer ? n : kMaxTransfer, static_cast<off_t>(offset));
    if (done < 0 && errno == EINTR) continue;
    if (done < 0) {
      *error = error_of("read", name_);
      return false;
    }
    if (done == 0) {
      *error = {"cannot read " + name_ + ": it has become shorter while it was read"};
      return false;
    }
    at += done;
    offset += static_cast<std::uint64_t>(done);
    n -= static_cast<std::size_t>(done);
  }
  return true;
}

bool read_file(const std::string& name, std::vector<std::uint8_t>* bytes, std::uint64_t most,
               FileError* error) {
  InputFile file;
  if (!file.open(name, error)) return false;
  if (file.size() > most) {
    *error = {"cannot read " + name + ": it has " + std::to_string(file.size()) +
              " bytes, the limit is " + std::to_string(most)};
    return false;
  }
  bytes->resize(static_cast<std::size_t>(file.size()));
  return file.read_at(0, bytes->data(), bytes->size(), error);
}

bool file_size(const std::string& name, std::uint64_t* bytes, FileError* error) {
  struct stat info;
  if (::stat(name.c_str(), &info) != 0) {
    *error = error_of("read", name);
    return false;
  }
  *bytes = static_cast<std::uint64_t>(info.st_size);
  return true;
}

FolderLock::~FolderLock() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

bool FolderLock::take(const std::string& folder, FileError* error) {
  if (descriptor_ >= 0) return true;
  const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) {
    *error = error_of("open", folder);
    return false;
  }
  int result;
  do {
    result = ::flock(descriptor, LOCK_EX | LOCK_NB);
  } while (result != 0 && errno == EINTR);
  if (result == 0) {
    descriptor_ = descriptor;
    return true;
  }
  if (errno == EWOULDBLOCK)
    *error = {"cannot lock " + folder + ": another process is at work in it; wait for its end"};
  else
    *error = error_of("lock", folder);
  ::close(descriptor);
  return false;
}

bool AtomicFile::fail(const char* verb, const std::string& name, FileError* error) {
  *error = error_of(verb, name);
  discard();
  return false;
}

bool AtomicFile::open(const std::string& name, FileError* error) {
  discard();
  name_ = name;
  const std::string part = name + ".part";
  descriptor_ = ::open(part.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (descriptor_ < 0) return fail("create", part, error);
  part_ = part;
  return true;
}

bool AtomicFile::write(const void* bytes, std::size_t n, FileError* error) {
  if (write_all(descriptor_, static_cast<const char*>(bytes), n)) return true;
  return fail("write", part_, error);
}

bool AtomicFile::commit(FileError* error) {
  if (!sync_all(descriptor_)) return fail("write", part_, error);
  const int descriptor = descriptor_;
  descriptor_ = -1;
  // Some network file systems report a full disk only here.
  if (::close(descriptor) != 0) return fail("write", part_, error);
  if (std::rename(part_.c_str(), name_.c_str()) != 0) return fail("replace", name_, error);
  part_.clear();
  if (!sync_folder(folder_of(name_))) return fail("sync the folder of", name_, error);
  return true;
}

void AtomicFile::discard() {
  if (descriptor_ >= 0) ::close(descriptor_);
  descriptor_ = -1;
  if (!part_.empty()) ::unlink(part_.c_str());
  part_.clear();
}

bool write_file(const std::string& name, const void* bytes, std::size_t n, FileError* error) {
  AtomicFile file;
  return file.open(name, error) && file.write(bytes, n, error) && file.commit(error);
}

}  // namespace hone::posix
