#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "data/temporary_folder.hpp"
#include "ports/posix/directory.hpp"

using hone::posix::FileError;
using hone::posix::PathKind;

TEST_CASE("Listing: sorted byte by byte, without dot files, links followed") {
  const TemporaryFolder folder;
  for (const char* name : {"b", "a-b", "a", "B", "a b", "\xC3\xA9", ".hidden"})
    folder.write(name, "x");
  folder.make_folder("z");
  REQUIRE(symlink(folder.path("z").c_str(), folder.path("y").c_str()) == 0);
  hone::posix::Listing listing;
  FileError error;
  REQUIRE(listing.read(folder.path(), &error));
  std::vector<std::string> names;
  for (std::size_t i = 0; i < listing.size(); ++i) names.push_back(listing.name(i));
  CHECK(names == std::vector<std::string>{"B", "a", "a b", "a-b", "b", "y", "z", "\xC3\xA9"});
  CHECK(listing.kind(0) == PathKind::file);
  CHECK(listing.kind(5) == PathKind::folder);
  CHECK(!listing.read(folder.path("none"), &error));
  CHECK(error.text.find("No such file") != std::string::npos);
}

TEST_CASE("read_file: whole, limited, missing, a folder") {
  const TemporaryFolder folder;
  folder.write("f", std::string(100000, 'q'));
  folder.write("empty", "");
  std::vector<std::uint8_t> bytes;
  FileError error;
  REQUIRE(hone::posix::read_file(folder.path("f"), &bytes, 100000, &error));
  CHECK(bytes.size() == 100000);
  CHECK(bytes[99999] == 'q');
  REQUIRE(hone::posix::read_file(folder.path("empty"), &bytes, 10, &error));
  CHECK(bytes.empty());
  CHECK(!hone::posix::read_file(folder.path("f"), &bytes, 99999, &error));
  CHECK(error.text.find("99999") != std::string::npos);
  CHECK(!hone::posix::read_file(folder.path("none"), &bytes, 10, &error));
  CHECK(!hone::posix::read_file(folder.path(), &bytes, 10, &error));
  CHECK(error.text.find("a folder") != std::string::npos);
}

TEST_CASE("InputFile: reading past the end is an error") {
  const TemporaryFolder folder;
  folder.write("f", "0123456789");
  hone::posix::InputFile file;
  FileError error;
  REQUIRE(file.open(folder.path("f"), &error));
  char text[4] = {};
  CHECK(file.read_at(6, text, 4, &error));
  CHECK(std::string(text, 4) == "6789");
  CHECK(!file.read_at(7, text, 4, &error));
}

TEST_CASE("AtomicFile: the old file stays until the new one is complete") {
  const TemporaryFolder folder;
  folder.write("f", "old");
  FileError error;
  {
    hone::posix::AtomicFile file;
    REQUIRE(file.open(folder.path("f"), &error));
    REQUIRE(file.write("new", 3, &error));
    CHECK(folder.read("f") == "old");
  }
  CHECK(folder.read("f") == "old");
  CHECK(!folder.exists("f.part"));
  REQUIRE(hone::posix::write_file(folder.path("f"), "newer", 5, &error));
  CHECK(folder.read("f") == "newer");
  CHECK(!folder.exists("f.part"));
}

TEST_CASE("AtomicFile: a full disk and a missing folder are errors that name the file") {
  const TemporaryFolder folder;
  FileError error;
  CHECK(!hone::posix::write_file(folder.path("none/f"), "x", 1, &error));
  CHECK(error.text.find("none/f") != std::string::npos);
  folder.make_folder("f");
  CHECK(!hone::posix::write_file(folder.path("f"), "x", 1, &error));
  CHECK(!folder.exists("f.part"));
  if (access("/dev/full", W_OK) == 0) {
    REQUIRE(symlink("/dev/full", folder.path("g.part").c_str()) == 0);
    CHECK(!hone::posix::write_file(folder.path("g"), "x", 1, &error));
    CHECK(error.text.find("No space") != std::string::npos);
    CHECK(!folder.exists("g"));
  }
}

TEST_CASE("make_folders: nested, already there, a file in the way") {
  const TemporaryFolder folder;
  FileError error;
  REQUIRE(hone::posix::make_folders(folder.path("a/b/c"), &error));
  REQUIRE(hone::posix::make_folders(folder.path("a/b/c/"), &error));
  CHECK(hone::posix::kind_of(folder.path("a/b/c")) == PathKind::folder);
  folder.write("f", "x");
  CHECK(!hone::posix::make_folders(folder.path("f/g"), &error));
  CHECK(error.text.find("/f") != std::string::npos);
}
