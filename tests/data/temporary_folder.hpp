#pragma once
#include <dirent.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdint>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

/// A folder for one test, removed with all it holds at the end.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    const char* base = getenv("TMPDIR");
    path_ = std::string(base ? base : "/tmp") + "/hone_test_XXXXXX";
    if (!mkdtemp(&path_[0])) path_.clear();
  }
  ~TemporaryFolder() {
    if (!path_.empty()) remove_folder(path_);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  std::string path(const std::string& name = "") const {
    return name.empty() ? path_ : path_ + "/" + name;
  }
  /// Writes a file, creating the folders above it.
  void write(const std::string& name, const std::string& text) const {
    make_folder(name.substr(0, name.rfind('/') == std::string::npos ? 0 : name.rfind('/')));
    std::ofstream(path(name), std::ios::binary) << text;
  }
  void make_folder(const std::string& name) const {
    for (std::size_t end = 0; end != std::string::npos && !name.empty();) {
      end = name.find('/', end + 1);
      mkdir(path(name.substr(0, end)).c_str(), 0777);
    }
  }
  std::string read(const std::string& name) const {
    std::ostringstream text;
    text << std::ifstream(path(name), std::ios::binary).rdbuf();
    return text.str();
  }
  bool exists(const std::string& name) const { return access(path(name).c_str(), F_OK) == 0; }

 private:
  static void remove_folder(const std::string& folder) {
    chmod(folder.c_str(), 0777);
    DIR* directory = opendir(folder.c_str());
    if (!directory) return;
    std::vector<std::string> names;
    while (const dirent* entry = readdir(directory)) names.push_back(entry->d_name);
    closedir(directory);
    for (const std::string& name : names) {
      if (name == "." || name == "..") continue;
      const std::string path = folder + "/" + name;
      struct stat info;
      if (lstat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode))
        remove_folder(path);
      else
        unlink(path.c_str());
    }
    rmdir(folder.c_str());
  }

  std::string path_;
};
