#include "hone/idx.hpp"

#include <cstring>

#include "hone/image.hpp"

namespace hone {
namespace {

std::uint32_t be32(const std::uint8_t* p) {
  return std::uint32_t{p[0]} << 24 | std::uint32_t{p[1]} << 16 | std::uint32_t{p[2]} << 8 | p[3];
}

bool known_type(std::uint8_t code) {
  return code == 0x08 || code == 0x09 || (code >= 0x0B && code <= 0x0E);
}

constexpr std::uint32_t kMaxItemElements = 1u << 24;

/// Reads the dimensions; item_elements stays at most 2^24.
Status read_dimensions(Bytes head, IdxView* v, DataFault* fault) {
  v->item_elements = 1;
  for (std::uint32_t d = 0; d < v->rank; ++d) {
    const std::size_t at = 4 + 4 * std::size_t{d};
    v->dim[d] = be32(head.data + at);
    if (v->dim[d] == 0) return refuse(fault, Status::bad_data, at, "a dimension above 0", "0");
    if (d == 0) continue;
    if (v->dim[d] > kMaxItemElements / v->item_elements)
      return refuse(fault, Status::bad_data, at, "as the largest dimension here", {},
                    kMaxItemElements / v->item_elements, v->dim[d]);
    v->item_elements *= v->dim[d];
  }
  return Status::ok;
}

}  // namespace

Status parse_idx(Bytes head, std::uint64_t file_bytes, IdxView* view, DataFault* fault) {
  if (head.size < 4 || head[0] != 0 || head[1] != 0)
    return refuse(fault, Status::bad_data, 0, "an IDX file (two bytes 0, a type, a rank)",
                  head.size < 4 ? "the end of the file" : "other bytes");
  if (!known_type(head[2]))
    return refuse(fault, Status::bad_data, 2, "type 08, 09, 0B, 0C, 0D or 0E (hexadecimal)", {},
                  DataFault::kNoNumber, head[2]);
  if (head[3] == 0 || head[3] > 4)
    return refuse(fault, head[3] ? Status::not_supported : Status::bad_data, 3, "1 to 4 dimensions",
                  {}, DataFault::kNoNumber, head[3]);
  IdxView v;
  v.type = static_cast<IdxType>(head[2]);
  v.rank = head[3];
  v.header_bytes = 4 + 4 * std::size_t{v.rank};
  if (head.size < v.header_bytes)
    return refuse(fault, Status::bad_data, head.size, "bytes of header", {},
                  static_cast<std::int64_t>(v.header_bytes), static_cast<std::int64_t>(head.size));
  const Status s = read_dimensions(head, &v, fault);
  if (s != Status::ok) return s;
  if (v.is_images() && (v.dim[1] > kMaxImageSide || v.dim[2] > kMaxImageSide))
    return refuse(fault, Status::bad_data, v.dim[1] > kMaxImageSide ? 8 : 12,
                  "a side from 1 to 65535", {}, DataFault::kNoNumber,
                  v.dim[1] > kMaxImageSide ? v.dim[1] : v.dim[2]);
  v.item_bytes = std::size_t{v.item_elements} * idx_element_bytes(v.type);
  const std::uint64_t need = v.header_bytes + std::uint64_t{v.dim[0]} * v.item_bytes;
  if (need != file_bytes)
    return refuse(fault, Status::bad_data,
                  static_cast<std::size_t>(file_bytes < need ? file_bytes : need),
                  "bytes, as the dimensions say", "bytes", static_cast<std::int64_t>(need),
                  static_cast<std::int64_t>(file_bytes));
  *view = v;
  return Status::ok;
}

double idx_value(IdxType type, const std::uint8_t* item, std::size_t at) {
  const std::uint8_t* p = item + at * idx_element_bytes(type);
  switch (type) {
    case IdxType::u8:
      return p[0];
    case IdxType::i8:
      return p[0] < 128 ? p[0] : p[0] - 256;
    case IdxType::i16: {
      const int v = p[0] << 8 | p[1];
      return v < 32768 ? v : v - 65536;
    }
    case IdxType::i32: {
      const std::int64_t v = be32(p);
      return static_cast<double>(v < (std::int64_t{1} << 31) ? v : v - (std::int64_t{1} << 32));
    }
    case IdxType::f32: {
      const std::uint32_t bits = be32(p);
      float v;
      std::memcpy(&v, &bits, sizeof v);
      return static_cast<double>(v);
    }
    case IdxType::f64:
      break;
  }
  const std::uint64_t bits = std::uint64_t{be32(p)} << 32 | be32(p + 4);
  double v;
  std::memcpy(&v, &bits, sizeof v);
  return v;
}

}  // namespace hone
