#include <algorithm>

#include "examples/hone/data/image_file.hpp"
#include "examples/hone/data/sample_source.hpp"
#include "ports/posix/directory.hpp"

namespace hone {
namespace {

/// What file managers of Windows leave behind. Names with a dot first are never listed.
bool is_left_behind(const char* name) {
  std::string lower = name;
  for (char& c : lower)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  return lower == "thumbs.db" || lower == "desktop.ini";
}

class ImageFolder : public SampleSource {
 public:
  ImageFolder(const std::string& folder, ImageShape shape) : folder_(folder), shape_(shape) {}

  bool open(Error* error);
  bool is_images() const override { return true; }
  std::string name(std::size_t i) const override {
    return class_folder(class_of(i)) + "/" + (names_.c_str() + name_at_[i]);
  }
  bool read(std::size_t i, SampleRoom to, Error* error) override {
    return reader_.read(name(i), shape_, to.pixels, error);
  }

 private:
  bool list_classes(Error* error);
  bool list_class(std::size_t c, posix::Listing* listing, Error* error) const;
  bool count_class(std::size_t c, std::size_t* images, std::size_t* bytes, Error* error) const;
  bool add_class(std::size_t c, Error* error);
  std::string class_folder(std::size_t c) const { return folder_ + "/" + label_names_[c]; }
  /// Samples are grouped by class folder.
  std::size_t class_of(std::size_t i) const {
    return static_cast<std::size_t>(std::upper_bound(class_end_.begin(), class_end_.end(), i) -
                                    class_end_.begin());
  }

  std::string folder_;
  ImageShape shape_;
  // File names, each closed by a 0, in one block: an image costs its name and 7 bytes.
  std::string names_;
  std::vector<std::uint32_t> name_at_;
  std::vector<std::size_t> class_end_;
  ImageFileReader reader_;
};

bool ImageFolder::list_classes(Error* error) {
  posix::Listing listing;
  posix::FileError file_error;
  if (!listing.read(folder_, &file_error)) return error->fail(kExitData, file_error.text);
  for (std::size_t i = 0; i < listing.size(); ++i)
    if (listing.kind(i) == posix::PathKind::folder) label_names_.push_back(listing.name(i));
  if (label_names_.empty())
    return error->fail(kExitData, folder_ +
                                      ": expected one folder of images per class, found "
                                      "none; put the images of class X into " +
                                      folder_ + "/X");
  if (label_names_.size() > kMaxClasses)
    return error->fail(kExitData, folder_ + ": expected at most 65535 class folders, found " +
                                      std::to_string(label_names_.size()));
  // Samples are ordered by their path, in which a slash follows the class.
  std::sort(label_names_.begin(), label_names_.end(),
            [](const std::string& a, const std::string& b) { return a + "/" < b + "/"; });
  return true;
}

bool ImageFolder::list_class(std::size_t c, posix::Listing* listing, Error* error) const {
  posix::FileError file_error;
  if (listing->read(class_folder(c), &file_error)) return true;
  return error->fail(kExitData, file_error.text);
}

/// Checks the names in a class folder and adds to the counts of images and of bytes of names.
bool ImageFolder::count_class(std::size_t c, std::size_t* images, std::size_t* bytes,
                              Error* error) const {
  posix::Listing listing;
  if (!list_class(c, &listing, error)) return false;
  const std::string folder = class_folder(c);
  std::size_t found = 0;
  for (std::size_t i = 0; i < listing.size(); ++i) {
    const std::string name = listing.name(i), path = folder + "/" + name;
    if (is_left_behind(listing.name(i))) continue;
    ++found;
    *bytes += name.size() + 1;
    if (listing.kind(i) == posix::PathKind::file && has_image_name(name)) continue;
    if (ends_with(name, ".gz")) return refuse_gz(path, error);
    if (listing.kind(i) == posix::PathKind::folder)
      return error->fail(kExitData, path +
                                        ": expected image files only, found a folder; move it "
                                        "out of the class folder");
    if (listing.kind(i) == posix::PathKind::missing)
      return error->fail(kExitData, path +
                                        ": expected an image file, found a link to nothing; "
                                        "remove it");
    return error->fail(kExitData, path +
                                      ": expected a .pgm, .ppm, .pnm or .bmp file, found "
                                      "another name; convert or remove the file");
  }
  *images += found;
  if (found > 0) return true;
  return error->fail(kExitData, folder +
                                    ": expected at least one image of the class, found none; "
                                    "add images or remove the folder");
}

bool ImageFolder::add_class(std::size_t c, Error* error) {
  posix::Listing listing;
  if (!list_class(c, &listing, error)) return false;
  for (std::size_t i = 0; i < listing.size(); ++i) {
    if (is_left_behind(listing.name(i))) continue;
    name_at_.push_back(static_cast<std::uint32_t>(names_.size()));
    names_.append(listing.name(i)).push_back('\0');
    labels_.push_back(static_cast<std::uint16_t>(c));
  }
  class_end_.push_back(labels_.size());
  return true;
}

bool ImageFolder::open(Error* error) {
  if (!list_classes(error)) return false;
  std::size_t images = 0, bytes = 0;
  for (std::size_t c = 0; c < label_names_.size(); ++c)
    if (!count_class(c, &images, &bytes, error)) return false;
  if (bytes > UINT32_MAX)
    return error->fail(kExitData, folder_ +
                                      ": expected file names of at most 4 GB together, found " +
                                      std::to_string(bytes) + " bytes; shorten the names");
  // Folders are listed twice so that the index is made at its size: growing it would take twice
  // the memory.
  names_.reserve(bytes);
  name_at_.reserve(images);
  labels_.reserve(images);
  for (std::size_t c = 0; c < label_names_.size(); ++c)
    if (!add_class(c, error)) return false;
  return true;
}

}  // namespace

std::unique_ptr<SampleSource> open_image_folder(const std::string& folder, ImageShape shape,
                                                Error* error) {
  auto source = std::make_unique<ImageFolder>(folder, shape);
  if (!source->open(error)) return nullptr;
  return source;
}

}  // namespace hone
