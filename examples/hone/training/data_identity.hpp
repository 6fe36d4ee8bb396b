#pragma once
#include <string>

#include "examples/hone/data/dataset.hpp"

namespace hone {

/// SHA-256 of what tells one data set from another without reading its samples: the labels of the
/// training and validation samples in their order, the sizes of their files and, of images, their
/// names below `path`, which is what --data names. The data may lie elsewhere when a run goes on.
bool data_identity(const Dataset& data, const std::string& path, std::string* hash, Error* error);

}  // namespace hone
