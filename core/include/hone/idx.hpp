#pragma once
#include <cstddef>
#include <cstdint>

#include "hone/data_fault.hpp"
#include "hone/span.hpp"
#include "hone/status.hpp"

namespace hone {

/// Element types of the IDX format, by their code.
enum class IdxType : std::uint8_t {
  u8 = 0x08,
  i8 = 0x09,
  i16 = 0x0B,
  i32 = 0x0C,
  f32 = 0x0D,
  f64 = 0x0E,
};

constexpr std::uint32_t idx_element_bytes(IdxType t) {
  return t == IdxType::u8 || t == IdxType::i8 ? 1
         : t == IdxType::i16                  ? 2
         : t == IdxType::f64                  ? 8
                                              : 4;
}

/// The longest header: the magic number and four dimensions.
constexpr std::size_t kMaxIdxHeaderBytes = 20;

/// Layout of an IDX file: dim[0] items of item_elements elements (1 where rank is 1), big-endian,
/// from byte header_bytes on.
struct IdxView {
  IdxType type = IdxType::u8;
  std::uint32_t rank = 0;
  std::uint32_t dim[4] = {};
  std::size_t header_bytes = 0;
  std::uint32_t item_elements = 0;
  std::size_t item_bytes = 0;

  /// Unsigned bytes [n, h, w] or [n, h, w, 1 or 3] are images; all else are feature vectors.
  constexpr bool is_images() const {
    return type == IdxType::u8 && (rank == 3 || (rank == 4 && (dim[3] == 1 || dim[3] == 3)));
  }
};

/// Reads a header from the first bytes of a file (kMaxIdxHeaderBytes, or fewer if the file is
/// shorter) and checks it against the size of the whole file.
/// Errors, leaving *view untouched: bad_data (no IDX file, a dimension of 0, an item above 2^24
/// elements, a side of an image above 65535, another size than the dimensions ask for),
/// not_supported (more than 4 dimensions).
Status parse_idx(Bytes head, std::uint64_t file_bytes, IdxView* view, DataFault* fault);

/// Element `at` of an item, exactly.
double idx_value(IdxType type, const std::uint8_t* item, std::size_t at);

}  // namespace hone
