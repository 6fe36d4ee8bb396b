#include "tests/bench/image_set.hpp"

#include "hone/idx.hpp"
#include "ports/posix/file.hpp"

namespace hone::bench {
namespace {

constexpr std::uint64_t kMostBytes = std::uint64_t{1} << 31;

bool read_idx(const std::string& name, std::vector<std::uint8_t>* bytes, IdxView* view,
              std::string* error) {
  posix::FileError why;
  if (!posix::read_file(name, bytes, kMostBytes, &why)) {
    *error = why.text;
    return false;
  }
  DataFault fault;
  if (parse_idx({bytes->data(), bytes->size()}, bytes->size(), view, &fault) == Status::ok &&
      view->type == IdxType::u8)
    return true;
  *error = name + ": expected an IDX file of bytes";
  return false;
}

}  // namespace

bool ImageSet::load(const std::string& stem, std::string* error) {
  IdxView images, labels;
  if (!read_idx(stem + "-images-idx3-ubyte", &images_, &images, error) ||
      !read_idx(stem + "-labels-idx1-ubyte", &labels_, &labels, error))
    return false;
  images_begin_ = images.header_bytes;
  labels_begin_ = labels.header_bytes;
  size_ = images.dim[0];
  pixels_ = images.item_elements;
  if (labels.dim[0] == size_ && labels.item_elements == 1) return true;
  *error = stem + ": expected a label for each image";
  return false;
}

}  // namespace hone::bench
