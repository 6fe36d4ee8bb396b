#pragma once
#include <cstddef>
#include <cstdint>

#include "hone/safetensors.hpp"
#include "json_cursor.hpp"

namespace hone {

constexpr const char* kMetadataKey = "__metadata__";

/// Reads the object {"dtype": ..., "shape": [...], "data_offsets": [begin, end]}. data_begin and
/// file_bytes turn the offsets into places in the file and bound them. On failure the cursor says
/// where and what was expected.
Status read_tensor(JsonCursor& cursor, std::uint64_t data_begin, std::uint64_t file_bytes,
                   TensorInfo& tensor);

/// Elements of the shape; false if the product overflows.
bool count_elements(const TensorShape& shape, std::uint64_t& elements);

/// True if `bytes` is what dtype and shape need.
bool fits(Dtype dtype, const TensorShape& shape, std::uint64_t bytes);

}  // namespace hone
