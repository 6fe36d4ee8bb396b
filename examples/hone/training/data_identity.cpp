#include "examples/hone/training/data_identity.hpp"

#include "hone/sha256.hpp"
#include "ports/posix/file.hpp"

namespace hone {
namespace {

void add(Sha256* hash, const std::string& text) {
  hash->update({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
}

bool add_size(Sha256* hash, const std::string& file, Error* error) {
  std::uint64_t bytes = 0;
  posix::FileError why;
  if (!posix::file_size(file, &bytes, &why)) return error->fail(kExitData, why.text);
  add(hash, std::to_string(bytes) + "\n");
  return true;
}

}  // namespace

bool data_identity(const Dataset& data, const std::string& path, std::string* hash, Error* error) {
  DataLayout layout;
  if (!find_layout(path, &layout, error)) return false;
  Sha256 sum;
  for (const Part part : {Part::train, Part::validation}) {
    // Without a val part, validation samples are some of the training part.
    const PartFiles& files = layout[part].exists() ? layout[part] : layout[Part::train];
    add(&sum, std::to_string(data.size(part)) + "\n");
    if (layout.kind != DataKind::image_folders)
      for (const std::string& file : {files.data, files.labels})
        if (!file.empty() && !add_size(&sum, file, error)) return false;
    for (std::size_t i = 0; i < data.size(part); ++i) {
      add(&sum, std::to_string(data.label(part, i)) + " ");
      if (layout.kind != DataKind::image_folders) continue;
      const std::string name = data.name(part, i);
      add(&sum, name.substr(files.data.size()) + "\n");
      if (!add_size(&sum, name, error)) return false;
    }
  }
  std::uint8_t digest[Sha256::kBytes];
  sum.finish(digest);
  hash->assign(2 * Sha256::kBytes, '0');
  to_hex({digest, sizeof digest}, &(*hash)[0]);
  return true;
}

}  // namespace hone
